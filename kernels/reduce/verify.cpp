// The rules of a reduction: nothing that came from a file is trusted.
#include "kernels/family/checks.hpp"
#include "kernels/reduce/reduce.hpp"

namespace algean::kernels {

Result<> Reduce::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                        std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_attributes(layer, {"axes", "keep_axes"}));
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (!is_float) return bad_input("{} has no integer form", layer.operation);
  return check_constants(layer, {});
}

std::optional<ElementType> Reduce::fixed_output(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  if (inputs.empty()) return std::nullopt;
  if (layer.operation == "reduce_max" || layer.operation == "reduce_min") return inputs[0].element;
  return std::nullopt;
}

}  // namespace algean::kernels
