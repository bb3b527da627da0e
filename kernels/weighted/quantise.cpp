// A float weighted layer as an integer one.
#include <algorithm>
#include <cmath>

#include "kernels/family/checks.hpp"
#include "kernels/weighted/accumulator.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels {
namespace {

// A bias takes at most this many accumulator steps: a channel whose weights are tiny beside its bias gets a coarser
// weight scale instead of a wider accumulator. Steps are then at most 2^-24 of the bias, far below one output step.
constexpr double max_bias = 1 << 24;
constexpr double max_kept_bias = 1 << 30;  // of weights that are kept as they are

template <class T>
std::shared_ptr<const Tensor> constant(ElementType type, Shape shape, const std::vector<T>& elements) {
  return std::make_shared<const Tensor>(TensorType{std::move(type), std::move(shape)}, std::span<const T>(elements));
}

std::int32_t round_to(double value, double limit) {
  return static_cast<std::int32_t>(std::floor(std::clamp(value, -limit, limit) + 0.5));
}

// What the integer form's weight and bias hold; a scale a channel, or one for all.
struct Quantised {
  std::shared_ptr<const Tensor> weight;
  std::vector<std::int32_t> bias;
  std::vector<double> scales;  // of the weight, one a channel
};

// Makes float32 weights symmetric integers of `bits` bits, one scale a channel.
class WeightQuantiser {
 public:
  WeightQuantiser(int bits, double scale_x, double scale_y) : bits_(bits), scale_x_(scale_x), scale_y_(scale_y) {}

  Result<Quantised> run(const Tensor& weight, std::span<const float> bias) {
    const auto weights = weight.elements<float>();
    const auto channels = static_cast<std::size_t>(weight.shape()[0]);
    const std::size_t taps = weights.size() / channels;
    Quantised result;
    std::vector<std::int8_t> integers;
    for (std::size_t o = 0; o < channels; ++o) {
      const auto row = weights.subspan(o * taps, taps);
      const double real_bias = bias.empty() ? 0.0 : static_cast<double>(bias[o]);
      ALGEAN_TRY(channel(o, row, real_bias, integers, result));
    }
    const std::vector<std::int32_t> zeros(channels, 0);
    result.weight =
        constant(ElementType::integer(bits_, true, Quantisation{result.scales, zeros, 0}), weight.shape(), integers);
    return result;
  }

 private:
  Result<> channel(std::size_t index, std::span<const float> row, double bias, std::vector<std::int8_t>& integers,
                   Quantised& result) {
    const double highest = (1 << (bits_ - 1)) - 1;
    double largest = 0;
    for (const float weight : row) largest = std::max(largest, std::abs(static_cast<double>(weight)));
    // real value of one accumulator step
    double step = std::max(scale_x_ * largest / highest, std::abs(bias) / max_bias);
    // Dead: no weight matters, so one accumulator step is one output step and the output is the rounded bias. A ratio
    // below 2^-31 counts as dead: n weights then move the output by less than n * 2^-16 steps.
    const bool dead = largest == 0 || step / scale_y_ < 0x1p-31;
    if (dead) step = scale_y_;
    const double scale = step / scale_x_;
    if (!(scale > 0) || !std::isfinite(scale) || !(step / scale_y_ < 0x1p16)) {
      return bad_input(
          "output channel {}: the ratio {} of accumulator scale to output scale {} must lie in [2^-31, 2^16); was the "
          "output's calibrated range too narrow for the weights?",
          index, step / scale_y_, scale_y_);
    }
    for (const float weight : row) {
      const double integer = std::floor(static_cast<double>(weight) / scale + 0.5);
      integers.push_back(dead ? std::int8_t{0} : static_cast<std::int8_t>(std::clamp(integer, -highest, highest)));
    }
    result.scales.push_back(scale);
    result.bias.push_back(round_to(bias / step, max_bias));
    return {};
  }

  int bits_;
  double scale_x_, scale_y_;
};

// Whether the integers of a bias count steps of scale_x * scale_w already.
bool counts_steps(const Tensor& bias, std::span<const double> weight_scales, double scale_x) {
  if (bias.type().element.is_float()) return false;
  const Quantisation& q = *bias.type().element.quantisation();
  for (std::size_t o = 0; o < weight_scales.size(); ++o) {
    const std::size_t at = q.axis < 0 ? 0 : o;
    const double step = scale_x * weight_scales[o];
    if (q.zero_points[at] != 0 || !(std::abs(q.scales[at] - step) <= std::ldexp(step, -12))) return false;
  }
  return true;
}

// Weights that are integers already stay as they are.
Quantised keep(const LayerSpec& layer, double scale_x) {
  Quantised result;
  result.weight = layer.constants.at("weight");
  const Quantisation& w = *result.weight->type().element.quantisation();
  const auto channels = static_cast<std::size_t>(result.weight->shape()[0]);
  for (std::size_t o = 0; o < channels; ++o) result.scales.push_back(w.scales[w.axis < 0 ? 0 : o]);
  const Tensor* bias = layer.constant("bias");
  if (bias == nullptr) {
    result.bias.assign(channels, 0);
  } else if (counts_steps(*bias, result.scales, scale_x)) {
    const auto integers = bias->elements<std::int32_t>();
    result.bias.assign(integers.begin(), integers.end());
  } else {
    const std::vector<float> real = real_elements(*bias);
    for (std::size_t o = 0; o < channels; ++o) {
      result.bias.push_back(round_to(static_cast<double>(real[o]) / (scale_x * result.scales[o]), max_kept_bias));
    }
  }
  return result;
}

Result<Quantised> quantise_constants(const LayerSpec& layer, int bits, double scale_x, double scale_y) {
  const Tensor& weight = layer.required("weight");
  if (weight.type().element.is_integer()) return keep(layer, scale_x);
  const Tensor* bias = layer.constant("bias");
  const std::vector<float> real = bias == nullptr ? std::vector<float>{} : real_elements(*bias);
  return WeightQuantiser(bits, scale_x, scale_y).run(weight, real);
}

Result<int> weight_bits(const LayerSpec& layer) {
  if (!layer.attributes.has("weight_bits")) return 8;
  ALGEAN_ASSIGN(const std::int64_t bits, layer.attributes.integer("weight_bits"));
  if (bits < 2 || bits > 8) return bad_input("attribute 'weight_bits' is {}, must be 2 to 8", bits);
  return static_cast<int>(bits);
}

// The layer's bias in steps of scale_x * scale_w: the type is per channel exactly where the weights' is.
ElementType bias_type(const Quantised& quantised, double scale_x) {
  const Quantisation& w = *quantised.weight->type().element.quantisation();
  if (w.axis < 0) return ElementType::int32(Quantisation::per_tensor(scale_x * w.scale(), 0));
  std::vector<double> scales;
  for (const double scale : quantised.scales) scales.push_back(scale_x * scale);
  return ElementType::int32(Quantisation{scales, std::vector<std::int32_t>(scales.size(), 0), 0});
}

}  // namespace

Result<LayerSpec> quantise_weighted(const LayerSpec& layer, std::initializer_list<std::string_view> attributes,
                                    const TensorType& input, const TensorType& output) {
  ALGEAN_TRY(check_quantised_int8("input", input));
  ALGEAN_TRY(check_quantised_int8("output", output));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  ALGEAN_ASSIGN(const int bits, weight_bits(layer));
  LayerSpec real = layer;
  for (const char* name : {"arithmetic", "scale_product", "weight_bits"}) real.attributes.erase(name);
  ALGEAN_TRY(
      verify_weighted(real, attributes, {ElementType::float32(), input.shape}, {ElementType::float32(), output.shape}));

  const double scale_x = input.element.quantisation()->scale();
  const double scale_y = output.element.quantisation()->scale();
  ALGEAN_ASSIGN(const Quantised quantised, quantise_constants(layer, bits, scale_x, scale_y));
  std::vector<double> ratios;
  for (const double scale : quantised.scales) ratios.push_back(requantisation_ratio(layer, scale_x, scale, scale_y));

  LayerSpec result = layer;
  result.attributes.erase("weight_bits");
  const Shape channels{static_cast<std::int64_t>(quantised.bias.size())};
  result.constants = {{"weight", quantised.weight},
                      {"bias", constant(bias_type(quantised, scale_x), channels, quantised.bias)}};
  ALGEAN_TRY(add_requantisation(result, arithmetic, ratios));
  ALGEAN_ASSIGN(const int accumulator, accumulator_bits(result, input.element.quantisation()->zero_point()));
  result.attributes.set("accumulator_bits", std::int64_t{accumulator});
  return result;
}

}  // namespace algean::kernels
