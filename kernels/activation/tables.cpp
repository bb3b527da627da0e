#include "kernels/activation/tables.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "kernels/activation/element.hpp"
#include "kernels/activation/tflite_hard_swish.hpp"
#include "kernels/numeric/tflite.hpp"

namespace algean::kernels::activation {
namespace {

// A type's codes and what they stand for.
struct Codes {
  std::int32_t low, high, zero;
  double scale;
};

Codes codes_of(const ElementType& type) {
  return {static_cast<std::int32_t>(type.lowest()), static_cast<std::int32_t>(type.highest()),
          type.quantisation()->zero_point(), type.quantisation()->scale()};
}
Codes codes_of(const Quantisation& q) { return {-128, 127, q.zero_point(), q.scale()}; }

// Saturated; the lowest code for NaN.
std::int32_t saturated(double code, const Codes& to) {
  return static_cast<std::int32_t>(code >= to.high ? to.high : code > to.low ? code : to.low);
}

// from's codes, minus the zero point, through `code`.
std::vector<std::int32_t> tabulate(const Codes& from, const std::function<std::int32_t(std::int32_t)>& code) {
  std::vector<std::int32_t> table;
  for (std::int32_t x = from.low; x <= from.high; ++x) table.push_back(code(x - from.zero));
  return table;
}

// The real function in binary64, rounded half up.
std::vector<std::int32_t> scaled_table(const std::function<double(double)>& function, const Codes& from,
                                       const Codes& to) {
  return tabulate(from, [&](std::int32_t x) {
    const double y = function(from.scale * x);
    return saturated(std::floor(y * (1.0 / to.scale) + 0.5) + to.zero, to);
  });
}

// TensorFlow Lite's tables: the function in binary32, halves rounded away from zero.
std::vector<std::int32_t> float_table(const std::function<float(float)>& function, const Codes& from, const Codes& to) {
  const float inverse = 1.0F / static_cast<float>(to.scale);
  return tabulate(from, [&](std::int32_t x) {
    const float y = function(static_cast<float>(from.scale) * static_cast<float>(x)) * inverse;
    return saturated(static_cast<double>(std::round(y)) + to.zero, to);
  });
}

Result<tflite::Scale> derive(double ratio) {
  tflite::Scale scale{};
  if (tflite::derive_scale(ratio, scale)) return scale;
  return bad_input("the ratio {} of input scale to output scale cannot be expressed", ratio);
}

double float_ratio(double numerator, double denominator) {
  return static_cast<double>(static_cast<float>(numerator) / static_cast<float>(denominator));
}

// The code of a bound, as CalculateActivationRangeQuantized has it.
std::int32_t bound(double real, const Codes& to) {
  if (std::isinf(real)) return real < 0 ? to.low : to.high;
  const float steps = std::round(static_cast<float>(real) / static_cast<float>(to.scale));
  return saturated(static_cast<double>(steps) + to.zero, to);
}

// Requantised, one ratio for codes from the zero point on and one below, then cut to low..high.
std::vector<std::int32_t> mbqm_table(const Codes& from, const Codes& to, const tflite::Scale& above,
                                     const tflite::Scale& below, std::int32_t low, std::int32_t high) {
  return tabulate(from, [&](std::int32_t x) {
    const tflite::Scale& scale = x >= 0 ? above : below;
    const std::int64_t y = std::int64_t{tflite::mbqm(x, scale.multiplier, scale.shift)} + to.zero;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(y, low, high));
  });
}

Result<std::vector<std::int32_t>> leaky_table(double slope, const Codes& from, const Codes& to) {
  ALGEAN_ASSIGN(const tflite::Scale above, derive(float_ratio(from.scale, to.scale)));
  const float product = static_cast<float>(from.scale) * static_cast<float>(slope);
  ALGEAN_ASSIGN(const tflite::Scale below, derive(float_ratio(static_cast<double>(product), to.scale)));
  return mbqm_table(from, to, above, below, to.low, to.high);
}

Result<std::vector<std::int32_t>> cut_table(double low, double high, const Codes& from, const Codes& to) {
  ALGEAN_ASSIGN(const tflite::Scale scale, derive(float_ratio(from.scale, to.scale)));
  return mbqm_table(from, to, scale, scale, bound(low, to), bound(high, to));
}

// One of the reference kernels that requantise, or nothing.
Result<std::optional<std::vector<std::int32_t>>> mbqm_kernel(const LayerSpec& layer, const Codes& from,
                                                             const Codes& to) {
  const Attributes& a = layer.attributes;
  const std::string& operation = layer.operation;
  const double slope = a.real_or(operation == "leaky_relu" ? "slope" : "negative_slope", 0);
  if (operation == "requantise") {
    ALGEAN_ASSIGN(const tflite::Scale scale, derive(from.scale / to.scale));
    return mbqm_table(from, to, scale, scale, to.low, to.high);
  }
  if (operation == "clip") return cut_table(a.real_or("low", -HUGE_VAL), a.real_or("high", HUGE_VAL), from, to);
  if (operation == "leaky_relu" && slope >= 0) return leaky_table(slope, from, to);
  if (operation == "relu" && a.real_or("threshold", 0) == 0) {
    if (slope == 0) return cut_table(0, a.real_or("max_value", HUGE_VAL), from, to);
    if (!a.has("max_value")) return leaky_table(slope, from, to);
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<std::int32_t>> make_table(const LayerSpec& layer, Arithmetic arithmetic, const ElementType& from,
                                             const ElementType& to) {
  const Codes x = codes_of(from);
  const Codes y = codes_of(to);
  ALGEAN_ASSIGN(const Element function, Element::make(layer));
  if (arithmetic == Arithmetic::scaled) return scaled_table(function, x, y);
  ALGEAN_ASSIGN(auto requantised, mbqm_kernel(layer, x, y));
  if (requantised) return *std::move(requantised);
  if (layer.operation == "hard_swish") {
    ALGEAN_ASSIGN(const TfliteHardSwish kernel, TfliteHardSwish::make(x.scale, y.scale));
    return tabulate(x, [&](std::int32_t code) { return saturated(kernel(code) + y.zero, y); });
  }
  if (layer.operation == "sigmoid") {
    return float_table([](float real) { return 1.0F / (1.0F + std::exp(-real)); }, x, y);
  }
  if (layer.operation == "tanh") return float_table([](float real) { return std::tanh(real); }, x, y);
  return float_table([&](float real) { return static_cast<float>(function(static_cast<double>(real))); }, x, y);
}

std::vector<std::int32_t> make_scaled_prelu(double slope, const Quantisation& from, const Quantisation& to) {
  return scaled_table([slope](double x) { return x < 0 ? slope * x : x; }, codes_of(from), codes_of(to));
}

Result<std::vector<std::int32_t>> make_tflite_prelu(std::int32_t code, const Quantisation& slope,
                                                    const Quantisation& from, const Quantisation& to) {
  const Codes x = codes_of(from);
  const Codes y = codes_of(to);
  ALGEAN_ASSIGN(const tflite::Scale above, derive(float_ratio(x.scale, y.scale)));
  const float product = static_cast<float>(x.scale) * static_cast<float>(slope.scale());
  ALGEAN_ASSIGN(const tflite::Scale below, derive(float_ratio(static_cast<double>(product), y.scale)));
  return tabulate(x, [&](std::int32_t centred) {
    const std::int32_t acc = centred >= 0 ? centred : centred * (code - slope.zero_point());
    const tflite::Scale& scale = centred >= 0 ? above : below;
    const std::int64_t value = std::int64_t{tflite::mbqm(acc, scale.multiplier, scale.shift)} + y.zero;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, y.low, y.high));
  });
}

}  // namespace algean::kernels::activation
