// The rules of a pooling layer: nothing that came from a file is trusted.
#include "kernels/family/checks.hpp"
#include "kernels/family/options.hpp"
#include "kernels/pool/pool.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

Result<> verify_attributes(const LayerSpec& layer) {
  if (layer.operation.starts_with("max")) {
    ALGEAN_TRY(check_attributes(layer, {"window", "strides", "dilations", "padding", "activation"}));
  } else {
    ALGEAN_TRY(check_attributes(
        layer, {"window", "strides", "dilations", "padding", "count_padding", "uncounted", "activation", "rounding"}));
  }
  ALGEAN_TRY(check_activation(layer));
  ALGEAN_TRY(text_option(layer, "rounding", {"half_away", "half_up"}));
  return {};
}

}  // namespace

Result<> Pool::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                      std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(verify_attributes(layer));
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (!is_float) return bad_input("{} has no integer form", layer.operation);
  return check_constants(layer, {});
}

std::optional<ElementType> Pool::fixed_output(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  if (inputs.empty() || !layer.operation.starts_with("max")) return std::nullopt;
  return inputs[0].element;
}

}  // namespace algean::kernels
