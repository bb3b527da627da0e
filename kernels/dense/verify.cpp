// The rules of a dense layer: nothing that came from a file is trusted.
#include <algorithm>
#include <cmath>

#include "kernels/dense/dense.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/numeric/scaled.hpp"

namespace algean::kernels {
namespace {

Result<> verify_float(const LayerSpec& layer, const Shape& channels) {
  ALGEAN_TRY(check_attributes(layer, {"activation"}));
  ALGEAN_TRY(check_constants(layer, {"weight", "bias"}));
  ALGEAN_ASSIGN(const Tensor* weight,
                check_constant(layer, "weight", ElementType::float32(), layer.required("weight").shape()));
  ALGEAN_TRY(check_finite("constant 'weight'", *weight));
  if (layer.constant("bias") == nullptr) return {};
  ALGEAN_ASSIGN(const Tensor* bias, check_constant(layer, "bias", ElementType::float32(), channels));
  return check_finite("constant 'bias'", *bias);
}

// One scale per output channel, finite and above 0, zero points 0.
Result<> verify_channel_scales(std::string_view role, const Tensor& tensor) {
  const auto& quantisation = tensor.type().element.quantisation();
  const auto channels = static_cast<std::size_t>(tensor.shape()[0]);
  if (!quantisation || quantisation->axis != 0 || quantisation->scales.size() != channels ||
      quantisation->zero_points.size() != channels) {
    return bad_input("constant '{}' must be quantised along axis 0 with {} scales and zero points", role, channels);
  }
  for (std::size_t o = 0; o < channels; ++o) {
    if (!(quantisation->scales[o] > 0) || !std::isfinite(quantisation->scales[o])) {
      return bad_input("constant '{}': scale {} of channel {} must be finite and above 0", role,
                       quantisation->scales[o], o);
    }
    if (quantisation->zero_points[o] != 0) {
      return bad_input("constant '{}': zero point {} of channel {} must be 0", role, quantisation->zero_points[o], o);
    }
  }
  return {};
}

Result<> verify_scale(std::size_t channel, std::int32_t multiplier, int shift, double ratio) {
  if (multiplier != 0 && (multiplier < scaled::min_multiplier || multiplier > scaled::max_multiplier)) {
    return bad_input("constant 'multiplier': {} of channel {} must be 0 or in {}..{}", multiplier, channel,
                     scaled::min_multiplier, scaled::max_multiplier);
  }
  if (shift < scaled::min_shift || shift > scaled::max_shift) {
    return bad_input("constant 'shift': {} of channel {} must be in {}..{}", shift, channel, scaled::min_shift,
                     scaled::max_shift);
  }
  const double stands_for = scaled::real_ratio({multiplier, shift});
  if (multiplier != 0 && !(std::abs(stands_for - ratio) <= std::ldexp(ratio, -15))) {
    return bad_input("channel {}: multiplier {} and shift {} stand for {}, but the scales' ratio is {}", channel,
                     multiplier, shift, stands_for, ratio);
  }
  return {};
}

Result<> verify_accumulator(const LayerSpec& layer, std::int32_t zero_x) {
  const Tensor& weight = layer.required("weight");
  const auto weights = weight.elements<std::int8_t>();
  const auto bias = layer.required("bias").elements<std::int32_t>();
  const auto n_in = static_cast<std::size_t>(weight.shape()[1]);
  int bits = 1;
  for (std::size_t o = 0; o < bias.size(); ++o) {
    const auto range = scaled::accumulator_range(&weights[o * n_in], n_in, bias[o], zero_x, -128, 127);
    bits = std::max(bits, scaled::signed_bits(range));
    if (bits > 32) {
      return bad_input("channel {}: the accumulator reaches {}..{}, more than 32 bits", o, range.low, range.high);
    }
  }
  ALGEAN_ASSIGN(const std::int64_t stated, layer.attributes.integer("accumulator_bits"));
  if (stated != bits) return bad_input("attribute 'accumulator_bits' is {}, the weights give {}", stated, bits);
  return {};
}

Result<> verify_integer(const LayerSpec& layer, const Shape& channels, const TensorType& input,
                        const TensorType& output) {
  ALGEAN_TRY(check_attributes(layer, {"activation", "arithmetic", "accumulator_bits"}));
  ALGEAN_TRY(check_constants(layer, {"weight", "bias", "multiplier", "shift"}));
  ALGEAN_TRY(check_quantised_int8("input", input));
  ALGEAN_TRY(check_quantised_int8("output", output));
  ALGEAN_ASSIGN(const std::string arithmetic, layer.attributes.text("arithmetic"));
  if (arithmetic != "scaled") return bad_input("attribute 'arithmetic' is '{}', must be 'scaled'", arithmetic);

  ALGEAN_ASSIGN(const Tensor* weight,
                check_constant(layer, "weight", ElementType::int8(), layer.required("weight").shape()));
  ALGEAN_ASSIGN(const Tensor* bias, check_constant(layer, "bias", ElementType::int32(), channels));
  ALGEAN_ASSIGN(const Tensor* multiplier, check_constant(layer, "multiplier", ElementType::int32(), channels));
  ALGEAN_ASSIGN(const Tensor* shift, check_constant(layer, "shift", ElementType::integer(8, false), channels));
  ALGEAN_TRY(verify_channel_scales("weight", *weight));
  ALGEAN_TRY(verify_channel_scales("bias", *bias));
  const auto weights = weight->elements<std::int8_t>();
  if (const auto found = std::ranges::find(weights, std::int8_t{-128}); found != weights.end()) {
    return bad_input("constant 'weight': element {} is -128, must be in -127..127", found - weights.begin());
  }
  const double from = input.element.quantisation()->scale();
  const double to = output.element.quantisation()->scale();
  for (std::size_t o = 0; o < shift->elements<std::uint8_t>().size(); ++o) {
    const double ratio = from * weight->type().element.quantisation()->scales[o] / to;
    ALGEAN_TRY(verify_scale(o, multiplier->elements<std::int32_t>()[o], shift->elements<std::uint8_t>()[o], ratio));
  }
  return verify_accumulator(layer, input.element.quantisation()->zero_point());
}

}  // namespace

Result<> Dense::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                       std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  if (layer.attributes.has("activation")) {
    ALGEAN_ASSIGN(const std::string activation, layer.attributes.text("activation"));
    if (activation != "linear" && activation != "relu") {
      return bad_input("attribute 'activation' is '{}', must be 'linear' or 'relu'", activation);
    }
  }
  const Shape channels{layer.required("weight").shape()[0]};
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  return is_float ? verify_float(layer, channels) : verify_integer(layer, channels, inputs[0], outputs[0]);
}

}  // namespace algean::kernels
