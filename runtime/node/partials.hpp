// Inferences whose inputs come in, of one kernel and one client slot.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/wire/tensors.hpp"

namespace algean {

// Inputs of one inference while they come in.
struct Partial {
  explicit Partial(std::span<const std::size_t> input_bytes) : assembly(input_bytes) {}

  wire::Assembly assembly;
  bool used = false;
  bool traced = false;
  std::uint32_t inference_id = 0;
  std::int64_t since_ns = 0;
  std::int64_t complete_ns = 0;  // where traced
};

// At most `most` at once; each is made when it is first needed.
class SlotPartials {
 public:
  SlotPartials(std::span<const std::size_t> input_bytes, std::size_t most) : input_bytes_(input_bytes), most_(most) {}

  [[nodiscard]] Partial* find(std::uint32_t inference_id);
  // A fresh one; null when there are as many as may be. May throw std::bad_alloc.
  Partial* begin(std::uint32_t inference_id, std::int64_t now_ns);
  // Of those that are not complete, the one whose inference began first: ids count up, modulo 2^32. Null: none.
  [[nodiscard]] Partial* oldest();
  void release(Partial& partial);
  void release_all();
  [[nodiscard]] std::span<const std::unique_ptr<Partial>> all() const { return partials_; }
  [[nodiscard]] std::size_t in_use() const { return in_use_; }
  [[nodiscard]] std::int64_t used_ns() const { return used_ns_; }  // when one was last begun

  // Further pieces of a failed inference are ignored, not taken for a new one's.
  void fail(std::uint32_t inference_id);
  [[nodiscard]] bool failed(std::uint32_t inference_id) const;

 private:
  static constexpr std::size_t remembered_failures = 16;

  std::span<const std::size_t> input_bytes_;
  std::size_t most_;
  std::vector<std::unique_ptr<Partial>> partials_;
  std::size_t in_use_ = 0;
  std::int64_t used_ns_ = 0;
  std::array<std::uint32_t, remembered_failures> failed_{};  // inference ids; 0: none
  std::size_t failures_ = 0;
};

}  // namespace algean
