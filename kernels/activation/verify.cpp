// The rules of an activation layer: nothing that came from a file is trusted.
#include <algorithm>
#include <cmath>

#include "kernels/activation/activation.hpp"
#include "kernels/activation/element.hpp"
#include "kernels/activation/softmax.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

Result<> verify_attributes(const LayerSpec& layer, const Shape& input) {
  ALGEAN_TRY(arithmetic_of(layer));
  if (activation::find_function(layer.operation) != nullptr) {
    ALGEAN_TRY(activation::Element::make(layer));
    return {};
  }
  if (layer.operation == "prelu") return check_attributes(layer, {"arithmetic"});
  if (layer.operation == "softmax") {
    ALGEAN_TRY(check_attributes(layer, {"axis", "beta", "arithmetic"}));
    ALGEAN_ASSIGN(const double beta, layer.attributes.has("beta") ? layer.attributes.real("beta") : 1.0);
    if (!(beta > 0) || !std::isfinite(beta))
      return bad_input("attribute 'beta' is {}, must be finite and above 0", beta);
  } else {
    ALGEAN_TRY(check_attributes(layer, {"axis", "arithmetic"}));
  }
  if (!layer.attributes.has("axis")) return {};
  ALGEAN_ASSIGN(const std::int64_t axis, layer.attributes.integer("axis"));
  if (axis == -1 || axis == static_cast<std::int64_t>(input.rank()) - 1) return {};
  return bad_input("attribute 'axis' is {}, must be the last axis of {} (-1)", axis, input.text());
}

Result<> verify_float(const LayerSpec& layer) {
  if (layer.attributes.has("arithmetic")) return bad_input("attribute 'arithmetic' has no meaning in floats");
  if (layer.operation != "prelu") return check_constants(layer, {});
  ALGEAN_TRY(check_constants(layer, {"slope"}));
  const Tensor& slope = layer.required("slope");
  if (slope.type().element.is_float()) return check_finite("constant 'slope'", slope);
  return check_quantised_int8("constant 'slope'", slope.type());
}

Result<> verify_softmax(const LayerSpec& layer, const TensorType& output) {
  ALGEAN_TRY(check_constants(layer, {"exponentials"}));
  ALGEAN_ASSIGN(const Tensor* constant,
                check_constant(layer, "exponentials", ElementType::integer(32, false), Shape{256}));
  const auto exponentials = constant->elements<std::uint32_t>();
  if (exponentials[0] != activation::unit_exponential ||
      !std::ranges::is_sorted(exponentials, std::ranges::greater{})) {
    return bad_input("constant 'exponentials' must start with {} and never rise", activation::unit_exponential);
  }
  if (*output.element.quantisation() != Quantisation::per_tensor(1.0 / 256, -128)) {
    return bad_input("output of softmax must have scale 1/256 and zero point -128");
  }
  return {};
}

}  // namespace

Result<> Activation::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(verify_attributes(layer, inputs[0].shape));
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (is_float) return verify_float(layer);
  ALGEAN_TRY(check_quantised_int8("input", inputs[0]));
  ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
  if (layer.operation == "softmax") return verify_softmax(layer, outputs[0]);
  ALGEAN_TRY(check_constants(layer, {"table"}));
  ALGEAN_TRY(check_constant(layer, "table", ElementType::int8(), Shape{256}));
  return {};
}

}  // namespace algean::kernels
