// The rules of an activation layer: nothing that came from a file is trusted.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/activation/activation.hpp"
#include "kernels/activation/element.hpp"
#include "kernels/activation/log_softmax.hpp"
#include "kernels/activation/prelu.hpp"
#include "kernels/activation/softmax.hpp"
#include "kernels/activation/tflite_softmax.hpp"
#include "kernels/activation/types.hpp"
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

// The exponentials start with 1 and never rise.
template <class T>
Result<> check_exponentials(const LayerSpec& layer, T unit) {
  const auto exponentials = layer.required("exponentials").elements<T>();
  if (exponentials[0] == unit && exponentials.back() >= 0 &&
      std::ranges::is_sorted(exponentials, std::ranges::greater{})) {
    return {};
  }
  return bad_input("constant 'exponentials' must start with {} and never rise", unit);
}

Result<> verify_softmax(const LayerSpec& layer, const TensorType& output) {
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  const bool is_scaled = arithmetic == Arithmetic::scaled;
  ALGEAN_TRY(check_constant(layer, "exponentials", ElementType::integer(32, !is_scaled), Shape{256}));
  if (layer.operation == "log_softmax") {
    if (!is_scaled) return bad_input("log_softmax has no arithmetic '{}'", to_text(arithmetic));
    ALGEAN_TRY(check_exponentials(layer, activation::unit_exponential));
    return activation::check_log_softmax(layer);
  }
  ALGEAN_TRY(check_constants(layer, {"exponentials"}));
  if (is_scaled) {
    ALGEAN_TRY(check_exponentials(layer, activation::unit_exponential));
  } else {
    ALGEAN_TRY(check_exponentials(layer, std::numeric_limits<std::int32_t>::max()));
    if (output.shape.channels() > activation::max_tflite_softmax_channels) {
      return bad_input("softmax over {} channels: arithmetic '{}' has at most {}", output.shape.channels(),
                       to_text(arithmetic), activation::max_tflite_softmax_channels);
    }
  }
  if (*output.element.quantisation() != Quantisation::per_tensor(1.0 / 256, -128)) {
    return bad_input("output of softmax must have scale 1/256 and zero point -128");
  }
  return {};
}

// int8, or uint8 where `also_unsigned`, quantised per tensor.
Result<> check_code(std::string_view what, const TensorType& type, bool also_unsigned) {
  if (!also_unsigned || type.element.name() != "uint8") return check_quantised_int8(what, type);
  const auto& q = type.element.quantisation();
  if (q && q->axis < 0 && q->scales.size() == 1 && q->zero_points.size() == 1 && q->scale() > 0 &&
      std::isfinite(q->scale()) && q->zero_point() >= 0 && q->zero_point() <= 255) {
    return {};
  }
  return bad_input("{} must be quantised with one scale above 0 and one zero point in 0..255", what);
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
  ALGEAN_TRY(activation::check_codes(layer, inputs[0], outputs[0]));
  if (layer.operation.ends_with("softmax")) return verify_softmax(layer, outputs[0]);
  if (layer.operation == "prelu") return activation::check_prelu(layer);
  ALGEAN_TRY(check_constants(layer, {"table"}));
  ALGEAN_TRY(check_constant(layer, "table", outputs[0].element.with(std::nullopt), Shape{256}));
  return {};
}

Result<> activation::check_codes(const LayerSpec& layer, const TensorType& input, const TensorType& output) {
  const bool also_unsigned = layer.operation == "requantise";
  ALGEAN_TRY(check_code("input", input, also_unsigned));
  return check_code("output", output, also_unsigned);
}

}  // namespace algean::kernels
