#include "kernels/family/checks.hpp"
#include "kernels/reduce/reduce.hpp"

namespace algean::kernels {

void Reduce::evaluate_integer(const LayerSpec&, std::span<const Tensor* const>, std::span<Tensor* const>) const {
  ALGEAN_INVARIANT(false && "verify() accepts no integer form");
}

Result<LayerSpec> Reduce::quantise(const LayerSpec& layer, std::span<const TensorType>,
                                   std::span<const TensorType>) const {
  return bad_input("{} has no integer form", layer.operation);
}

Result<std::unique_ptr<Step>> Reduce::compile(const LayerSpec& layer, std::span<const TensorType>,
                                              std::span<const TensorType>, InstructionSet) const {
  return bad_input("{} has no integer form", layer.operation);
}

}  // namespace algean::kernels
