// The rules of an element-by-element layer: nothing that came from a file is trusted.
#include "kernels/eltwise/eltwise.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/family/options.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

Result<> verify_attributes(const LayerSpec& layer) {
  ALGEAN_TRY(check_attributes(layer, {"activation", "reversed"}));
  ALGEAN_TRY(check_activation(layer));
  ALGEAN_ASSIGN(const bool reversed, flag_option(layer, "reversed"));
  if (reversed && layer.constant("operand") == nullptr) {
    return bad_input("attribute 'reversed' is 1, but there is no constant 'operand'");
  }
  return {};
}

Result<> verify_float(const LayerSpec& layer) {
  ALGEAN_TRY(check_constants(layer, {"operand"}));
  const Tensor* operand = layer.constant("operand");
  if (operand == nullptr) return {};
  if (operand->type().element.is_float()) return check_finite("constant 'operand'", *operand);
  return check_quantised_int8("constant 'operand'", operand->type());
}

}  // namespace

Result<> Eltwise::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                         std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(verify_attributes(layer));
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (!is_float) return bad_input("{} has no integer form", layer.operation);
  return verify_float(layer);
}

}  // namespace algean::kernels
