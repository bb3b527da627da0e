// A float dense layer as an integer one: symmetric int8 weights with a scale per output channel.
#include <algorithm>
#include <cmath>

#include "kernels/dense/dense.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/numeric/scaled.hpp"

namespace algean::kernels {
namespace {

// A bias takes at most this many accumulator steps: a channel whose weights are tiny beside its bias gets a coarser
// weight scale instead of a wider accumulator. Steps are then at most 2^-24 of the bias, far below one output step.
constexpr double max_bias = 1 << 24;

// What one output channel becomes.
struct Channel {
  double weight_scale = 1;
  std::int32_t bias = 0;
  scaled::Scale scale{scaled::min_multiplier, 16};
  bool dead = false;  // weights all 0
};

Result<Channel> quantise_channel(std::size_t index, std::span<const float> weights, double bias, double scale_x,
                                 double scale_y) {
  double largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(static_cast<double>(weight)));
  Channel channel;
  double step = std::max(scale_x * largest / 127, std::abs(bias) / max_bias);  // real value of one accumulator step
  // Dead: no weight matters, so one accumulator step is one output step and the output is the rounded bias. A ratio
  // below 2^-31 counts as dead: n weights then move the output by less than n * 2^-16 steps.
  channel.dead = largest == 0 || step / scale_y < 0x1p-31;
  if (channel.dead) step = scale_y;
  channel.weight_scale = step / scale_x;
  if (!(channel.weight_scale > 0) || !std::isfinite(channel.weight_scale) ||
      !scaled::derive_scale(scale_x * channel.weight_scale / scale_y, channel.scale)) {
    return bad_input(
        "output channel {}: the ratio {} of accumulator scale to output scale {} must lie in [2^-31, 2^16); was the "
        "output's calibrated range too narrow for the weights?",
        index, step / scale_y, scale_y);
  }
  channel.bias = static_cast<std::int32_t>(std::floor(std::clamp(bias / step, -max_bias, max_bias) + 0.5));
  return channel;
}

std::int8_t quantise_weight(float weight, const Channel& channel) {
  if (channel.dead) return 0;
  return static_cast<std::int8_t>(
      std::clamp(std::floor(static_cast<double>(weight) / channel.weight_scale + 0.5), -127.0, 127.0));
}

// Storage for the integer layer's constants.
struct Constants {
  std::vector<std::int8_t> weight;
  std::vector<std::int32_t> bias, multiplier;
  std::vector<std::uint8_t> shift;
  std::vector<double> weight_scales, bias_scales;
};

template <class T>
std::shared_ptr<const Tensor> constant(ElementType type, Shape shape, const std::vector<T>& elements) {
  return std::make_shared<const Tensor>(TensorType{std::move(type), std::move(shape)}, std::span<const T>(elements));
}

}  // namespace

Result<LayerSpec> Dense::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                  std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_quantised_int8("input", inputs[0]));
  ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
  const TensorType real_in{ElementType::float32(), inputs[0].shape};
  const TensorType real_out{ElementType::float32(), outputs[0].shape};
  ALGEAN_TRY(verify(layer, {&real_in, 1}, {&real_out, 1}));

  const Quantisation& x = *inputs[0].element.quantisation();
  const Quantisation& y = *outputs[0].element.quantisation();
  const Tensor& weight = layer.required("weight");
  const Tensor* bias = layer.constant("bias");
  const auto weights = weight.elements<float>();
  const auto n_out = static_cast<std::size_t>(weight.shape()[0]);
  const auto n_in = static_cast<std::size_t>(weight.shape()[1]);
  Constants constants;
  int bits = 1;
  for (std::size_t o = 0; o < n_out; ++o) {
    const auto row = weights.subspan(o * n_in, n_in);
    const double real_bias = bias != nullptr ? static_cast<double>(bias->elements<float>()[o]) : 0.0;
    ALGEAN_ASSIGN(const Channel channel, quantise_channel(o, row, real_bias, x.scale(), y.scale()));
    for (const float value : row) constants.weight.push_back(quantise_weight(value, channel));
    constants.bias.push_back(channel.bias);
    constants.multiplier.push_back(channel.scale.multiplier);
    constants.shift.push_back(static_cast<std::uint8_t>(channel.scale.shift));
    constants.weight_scales.push_back(channel.weight_scale);
    constants.bias_scales.push_back(x.scale() * channel.weight_scale);
    const auto range =
        scaled::accumulator_range(&constants.weight[o * n_in], n_in, channel.bias, x.zero_point(), -128, 127);
    bits = std::max(bits, scaled::signed_bits(range));
  }
  if (bits > 32) return bad_input("the accumulator needs {} bits, at most 32 are there", bits);

  LayerSpec result = layer;
  const Shape channels{weight.shape()[0]};
  const std::vector<std::int32_t> zeros(n_out, 0);
  result.attributes.set("arithmetic", std::string("scaled"));
  result.attributes.set("accumulator_bits", std::int64_t{bits});
  result.constants = {
      {"weight",
       constant(ElementType::int8(Quantisation{constants.weight_scales, zeros, 0}), weight.shape(), constants.weight)},
      {"bias", constant(ElementType::int32(Quantisation{constants.bias_scales, zeros, 0}), channels, constants.bias)},
      {"multiplier", constant(ElementType::int32(), channels, constants.multiplier)},
      {"shift", constant(ElementType::integer(8, false), channels, constants.shift)}};
  return result;
}

}  // namespace algean::kernels
