#include "kernels/requantise/requantise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/family/checks.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"

namespace algean::kernels {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Named {
  std::string_view name;
  RealRange range;
};
constexpr std::array<Named, 4> activations{
    {{"linear", {-infinity, infinity}}, {"relu", {0, infinity}}, {"relu6", {0, 6}}, {"relu_n1_to_1", {-1, 1}}}};

std::int32_t code(double bound, const Quantisation& q) {
  if (std::isinf(bound)) return bound < 0 ? -128 : 127;
  const float steps = std::round(static_cast<float>(bound) / static_cast<float>(q.scale()));
  return static_cast<std::int32_t>(std::clamp(static_cast<double>(steps) + q.zero_point(), -128.0, 127.0));
}

}  // namespace

std::string_view to_text(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::tflite:
      return "tflite";
    case Arithmetic::tflite_double:
      return "tflite_double";
    default:
      return "scaled";
  }
}

Result<Arithmetic> arithmetic_of(const LayerSpec& layer) {
  if (!layer.attributes.has("arithmetic")) return Arithmetic::scaled;
  ALGEAN_ASSIGN(const std::string name, layer.attributes.text("arithmetic"));
  for (const Arithmetic arithmetic : {Arithmetic::scaled, Arithmetic::tflite, Arithmetic::tflite_double}) {
    if (name == to_text(arithmetic)) return arithmetic;
  }
  return bad_input("attribute 'arithmetic' is '{}', must be 'scaled', 'tflite' or 'tflite_double'", name);
}

Result<> check_activation(const LayerSpec& layer) {
  if (!layer.attributes.has("activation")) return {};
  ALGEAN_ASSIGN(const std::string name, layer.attributes.text("activation"));
  if (std::ranges::find(activations, name, &Named::name) != activations.end()) return {};
  return bad_input("attribute 'activation' is '{}', must be 'linear', 'relu', 'relu6' or 'relu_n1_to_1'", name);
}

RealRange activation_range(const LayerSpec& layer) {
  const std::string name = layer.attributes.text_or("activation", "linear");
  const auto found = std::ranges::find(activations, name, &Named::name);
  ALGEAN_INVARIANT(found != activations.end());
  return found->range;
}

CodeRange activation_codes(const LayerSpec& layer, const Quantisation& output) {
  const RealRange range = activation_range(layer);
  return {code(range.low, output), code(range.high, output)};
}

double requantisation_ratio(const LayerSpec& layer, double scale_x, double scale_w, double scale_y) {
  if (layer.attributes.text_or("scale_product", "float64") != "float32") return scale_x * scale_w / scale_y;
  const float product = static_cast<float>(scale_x) * static_cast<float>(scale_w);
  return static_cast<double>(product) / scale_y;
}

Requantiser::Requantiser(const LayerSpec& layer, const TensorType& output)
    : arithmetic_(arithmetic_of(layer).value()),
      zero_(output.element.quantisation()->zero_point()),
      codes_(activation_codes(layer, *output.element.quantisation())) {
  const Tensor& shift = layer.required("shift");
  const auto multiplier = layer.required("multiplier").elements<std::int32_t>();
  const auto channels = static_cast<std::size_t>(shift.shape().elements());
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int64_t value = arithmetic_ == Arithmetic::tflite_double
                                   ? (std::int64_t{multiplier[2 * c]} << 27) + multiplier[2 * c + 1]
                                   : multiplier[c];
    channels_.push_back({value, static_cast<std::int32_t>(shift.integer_at(c))});
  }
}

std::int32_t Requantiser::product(std::int32_t acc, std::size_t channel) const {
  const Channel& c = channels_[channel];
  const auto multiplier = static_cast<std::int32_t>(c.multiplier);
  switch (arithmetic_) {
    case Arithmetic::tflite:
      return tflite::mbqm(acc, multiplier, c.shift);
    case Arithmetic::tflite_double:
      return tflite::double_rule(acc, c.multiplier, c.shift);
    default:
      return scaled::requantise(acc, multiplier, c.shift, 0, std::numeric_limits<std::int32_t>::min(),
                                std::numeric_limits<std::int32_t>::max());
  }
}

std::int8_t Requantiser::operator()(std::int32_t acc, std::size_t channel) const {
  const std::int64_t y = std::int64_t{product(acc, channel)} + zero_;
  return static_cast<std::int8_t>(std::clamp<std::int64_t>(y, codes_.low, codes_.high));
}

}  // namespace algean::kernels
