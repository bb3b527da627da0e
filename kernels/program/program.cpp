#include "kernels/program/program.hpp"

#include <algorithm>
#include <cstring>

namespace algean::kernels {

void Program::run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs) noexcept {
  // Externals are copied: a step may read and write up to the next multiple of 64 bytes, which the caller's buffers
  // need not have.
  for (std::size_t i = 0; i < from_inputs_.size(); ++i) {
    std::memcpy(from_inputs_[i].buffer, inputs[i], from_inputs_[i].bytes);
  }
  for (const PlannedStep& planned : plan_) planned.step->run(planned.inputs, planned.outputs, scratch_);
  for (std::size_t i = 0; i < to_outputs_.size(); ++i) {
    std::memcpy(outputs[i], to_outputs_[i].buffer, to_outputs_[i].bytes);
  }
}

Tensor Program::tap(std::string_view name) const {
  const auto found = std::ranges::find(taps_, name, &Tap::name);
  ALGEAN_INVARIANT(found != taps_.end());
  Tensor result(found->type);
  std::memcpy(result.bytes().data(), found->buffer, result.bytes().size());
  return result;
}

}  // namespace algean::kernels
