#pragma once

#include <cstddef>
#include <memory>

namespace algean::kernels {

// One zeroed piece of memory, 4096-byte aligned; from 64 KiB on, aligned and offered for huge pages of 2 MiB, so that
// streaming through all weights costs one or two address translations. Every page is there before the constructor
// returns.
class Arena {
 public:
  Arena() = default;
  explicit Arena(std::size_t bytes);
  [[nodiscard]] std::byte* data() const { return data_.get(); }

 private:
  struct Free {
    std::size_t alignment;
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Free> data_{nullptr, Free{0}};
};

}  // namespace algean::kernels
