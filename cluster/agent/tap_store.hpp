// Tensors from inside running kernels, by inference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/tensor/tensor.hpp"

namespace algean::cluster {

struct TapTensor {
  std::uint16_t kernel = 0;
  std::string name;  // of the value in the kernel's graph
  Tensor tensor;
};

// Keeps the newest inferences: at most most_inferences, and at most most_bytes unless one alone is larger. One thread
// adds, others may fetch.
class TapStore {
 public:
  static constexpr std::size_t most_inferences = 8;
  static constexpr std::size_t most_bytes = std::size_t{64} << 20;

  // What one kernel kept of one inference. Again of the same: the newer one stays.
  void add(std::uint16_t slot, std::uint32_t inference, std::uint16_t kernel, std::vector<TapTensor> tensors);
  // How many kernels have added to this inference.
  [[nodiscard]] std::size_t kernels(std::uint16_t slot, std::uint32_t inference) const;
  // All of it; empty where there is none.
  [[nodiscard]] std::vector<TapTensor> tensors(std::uint16_t slot, std::uint32_t inference) const;
  // Whose inferences are to be added: nobody's at first. None stands for all clients.
  void want(std::optional<std::uint16_t> slot);
  // Undoes that, for that client or for all (whoever they were); whether nobody is left, and the store empty.
  bool drop(std::optional<std::uint16_t> slot);
  [[nodiscard]] bool wants(std::uint16_t slot) const;

 private:
  struct Inference {
    std::uint16_t slot = 0;
    std::uint32_t id = 0;
    std::vector<std::uint16_t> kernels;
    std::vector<TapTensor> tensors;
    std::size_t bytes = 0;
  };
  [[nodiscard]] const Inference* find(std::uint16_t slot, std::uint32_t inference) const;
  Inference& open(std::uint16_t slot, std::uint32_t inference);

  mutable std::mutex mutex_;
  std::deque<Inference> inferences_;  // oldest first
  std::size_t bytes_ = 0;
  bool wants_all_ = false;
  std::set<std::uint16_t> wanted_;
};

}  // namespace algean::cluster
