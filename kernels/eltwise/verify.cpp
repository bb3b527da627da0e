// The rules of an element-by-element layer: nothing that came from a file is trusted.
#include "kernels/eltwise/eltwise.hpp"
#include "kernels/eltwise/operands.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/family/options.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

Result<> verify_attributes(const LayerSpec& layer, bool is_float) {
  if (is_float) {
    ALGEAN_TRY(check_attributes(layer, {"activation", "reversed"}));
  } else {
    ALGEAN_TRY(check_attributes(layer, {"activation", "reversed", "arithmetic"}));
  }
  ALGEAN_TRY(check_activation(layer));
  ALGEAN_ASSIGN(const bool reversed, flag_option(layer, "reversed"));
  if (reversed && layer.constant("operand") == nullptr && layer.constant("table") == nullptr) {
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

Result<> verify_integer(const LayerSpec& layer, std::span<const TensorType> inputs, const TensorType& output) {
  for (const TensorType& input : inputs) ALGEAN_TRY(check_quantised_int8("input", input));
  ALGEAN_TRY(check_quantised_int8("output", output));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  if (layer.constant("table") != nullptr) {
    ALGEAN_TRY(check_constants(layer, {"table"}));
    ALGEAN_TRY(check_constant(layer, "table", ElementType::int8(), Shape{256}));
    return {};
  }
  ALGEAN_TRY(check_constants(layer, {"operand", "multiplier", "shift", "tables"}));
  if (const Tensor* operand = layer.constant("operand")) {
    ALGEAN_TRY(check_quantised_int8("constant 'operand'", operand->type()));
  }
  return eltwise::check_rule(layer, arithmetic, eltwise::codes_of(layer, inputs, output));
}

}  // namespace

Result<> Eltwise::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                         std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  ALGEAN_TRY(verify_attributes(layer, is_float));
  return is_float ? verify_float(layer) : verify_integer(layer, inputs, outputs[0]);
}

}  // namespace algean::kernels
