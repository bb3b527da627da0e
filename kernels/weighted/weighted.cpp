// The rules of weighted layers: nothing that came from a file is trusted.
#include "kernels/weighted/weighted.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/family/checks.hpp"
#include "kernels/weighted/accumulator.hpp"

namespace algean::kernels {
namespace {

Result<> check_known(const LayerSpec& layer, std::initializer_list<std::string_view> attributes, bool is_float) {
  std::vector<std::string_view> known(attributes);
  known.emplace_back("activation");
  if (!is_float) known.insert(known.end(), {"arithmetic", "accumulator_bits"});
  ALGEAN_TRY(check_attributes(layer, known));
  if (is_float) return check_constants(layer, {"weight", "bias"});
  return check_constants(layer, {"weight", "bias", "multiplier", "shift"});
}

Result<const Tensor*> find_weight(const LayerSpec& layer) {
  const Tensor* weight = layer.constant("weight");
  if (weight == nullptr) return bad_input("constant 'weight' is missing");
  if (weight->shape().rank() == 0) return bad_input("constant 'weight' is a scalar, must have an axis of channels");
  return weight;
}

Result<> verify_float(const LayerSpec& layer, const Tensor& weight) {
  if (weight.type().element.is_float()) {
    ALGEAN_TRY(check_finite("constant 'weight'", weight));
  } else {
    ALGEAN_TRY(check_quantised_weight("constant 'weight'", weight));
  }
  const Tensor* bias = layer.constant("bias");
  if (bias == nullptr) return {};
  const Shape channels{weight.shape()[0]};
  if (bias->type().element.is_float()) {
    ALGEAN_TRY(check_constant(layer, "bias", ElementType::float32(), channels));
    return check_finite("constant 'bias'", *bias);
  }
  ALGEAN_TRY(check_constant(layer, "bias", ElementType::int32(), channels));
  const auto& q = bias->type().element.quantisation();
  if (q && (q->axis < 0 ? q->scales.size() == 1 : q->axis == 0)) return {};
  return bad_input("constant 'bias' of int32 must be quantised per tensor or along axis 0");
}

std::vector<double> ratios(const LayerSpec& layer, const Quantisation& x, const Quantisation& y) {
  const Tensor& weight = layer.required("weight");
  const Quantisation& w = *weight.type().element.quantisation();
  std::vector<double> result;
  for (std::size_t o = 0; o < static_cast<std::size_t>(weight.shape()[0]); ++o) {
    result.push_back(requantisation_ratio(layer, x.scale(), w.scales[w.axis < 0 ? 0 : o], y.scale()));
  }
  return result;
}

Result<> verify_integer(const LayerSpec& layer, const Tensor& weight, const TensorType& input,
                        const TensorType& output) {
  ALGEAN_TRY(check_quantised_int8("input", input));
  ALGEAN_TRY(check_quantised_int8("output", output));
  ALGEAN_TRY(layer.attributes.text("arithmetic"));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  ALGEAN_TRY(check_quantised_weight("constant 'weight'", weight));
  ALGEAN_TRY(check_constant(layer, "bias", ElementType::int32(), Shape{weight.shape()[0]}));
  ALGEAN_TRY(check_requantisation(layer, arithmetic,
                                  ratios(layer, *input.element.quantisation(), *output.element.quantisation())));
  ALGEAN_ASSIGN(const int bits, accumulator_bits(layer, input.element.quantisation()->zero_point()));
  ALGEAN_ASSIGN(const std::int64_t stated, layer.attributes.integer("accumulator_bits"));
  if (stated != bits) return bad_input("attribute 'accumulator_bits' is {}, the weights give {}", stated, bits);
  return {};
}

}  // namespace

std::vector<std::int32_t> weight_zero_points(const LayerSpec& layer) {
  const Tensor& weight = layer.required("weight");
  const Quantisation& q = *weight.type().element.quantisation();
  const auto channels = static_cast<std::size_t>(weight.shape()[0]);
  return q.axis < 0 ? std::vector<std::int32_t>(channels, q.zero_point()) : q.zero_points;
}

Result<> verify_weighted(const LayerSpec& layer, std::initializer_list<std::string_view> attributes,
                         const TensorType& input, const TensorType& output) {
  ALGEAN_TRY(check_activation(layer));
  const TensorType types[] = {input, output};
  ALGEAN_ASSIGN(const bool is_float, all_float({types, 1}, {types + 1, 1}));
  ALGEAN_TRY(check_known(layer, attributes, is_float));
  ALGEAN_ASSIGN(const Tensor* weight, find_weight(layer));
  return is_float ? verify_float(layer, *weight) : verify_integer(layer, *weight, input, output);
}

}  // namespace algean::kernels
