// The constants `multiplier` and `shift` of the three arithmetics: made, and checked when they come from a file.
#include <cmath>

#include "kernels/family/checks.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {
namespace {

using Channel = Requantiser::Channel;

// One ratio as a multiplier and a shift; false where the arithmetic cannot express it.
bool derive(Arithmetic arithmetic, double ratio, Channel& channel) {
  if (arithmetic == Arithmetic::tflite_double) {
    tflite::DoubleScale scale{};
    if (!tflite::derive_double_scale(ratio, scale)) return false;
    channel = {scale.mantissa, scale.shift};
    return true;
  }
  if (arithmetic == Arithmetic::tflite) {
    tflite::Scale scale{};
    if (!tflite::derive_scale(ratio, scale)) return false;
    channel = {scale.multiplier, scale.shift};
    return true;
  }
  if (ratio >= 0 && ratio < 0x1p-31) {  // below what 32 bits of accumulator can show: 0
    channel = {0, scaled::min_shift};
    return true;
  }
  scaled::Scale scale{};
  if (!scaled::derive_scale(ratio, scale)) return false;
  channel = {scale.multiplier, scale.shift};
  return true;
}

template <class T>
std::shared_ptr<const Tensor> constant(ElementType type, Shape shape, const std::vector<T>& elements) {
  return std::make_shared<const Tensor>(TensorType{std::move(type), std::move(shape)}, std::span<const T>(elements));
}

ElementType shift_type(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::tflite:
      return ElementType::int8();
    case Arithmetic::tflite_double:
      return ElementType::integer(16, true);
    default:
      return ElementType::integer(8, false);
  }
}

std::shared_ptr<const Tensor> shifts(Arithmetic arithmetic, const std::vector<Channel>& channels) {
  const Shape shape{static_cast<std::int64_t>(channels.size())};
  const auto as = [&]<class T>(T) {
    std::vector<T> values;
    for (const Channel& channel : channels) values.push_back(static_cast<T>(channel.shift));
    return constant(shift_type(arithmetic), shape, values);
  };
  if (arithmetic == Arithmetic::tflite) return as(std::int8_t{});
  return arithmetic == Arithmetic::tflite_double ? as(std::int16_t{}) : as(std::uint8_t{});
}

struct Limits {
  std::int64_t low, high;  // of a multiplier that is not 0
  std::int32_t low_shift, high_shift;
  double tolerance;  // relative
};

Limits limits_of(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::tflite:
      return {tflite::min_multiplier, (std::int64_t{1} << 31) - 1, tflite::min_shift, tflite::max_shift, 0x1p-20};
    case Arithmetic::tflite_double:
      return {std::int64_t{1} << 52, (std::int64_t{1} << 53) - 1, -971, 1074, 0x1p-20};
    default:
      return {scaled::min_multiplier, scaled::max_multiplier, scaled::min_shift, scaled::max_shift, 0x1p-15};
  }
}

double real_ratio(Arithmetic arithmetic, const Channel& channel) {
  const int exponent = arithmetic == Arithmetic::tflite ? channel.shift - 31 : -channel.shift;
  return std::ldexp(static_cast<double>(channel.multiplier), exponent);
}

// Ratios that a file's scales may give and no multiplier can: above the largest.
bool is_saturated(Arithmetic arithmetic, const Channel& channel, double ratio) {
  return arithmetic == Arithmetic::tflite && channel.shift == tflite::max_shift && ratio >= 0x1p30;
}

Result<> check_channel(Arithmetic arithmetic, std::size_t index, const Channel& channel, double ratio) {
  const Limits limits = limits_of(arithmetic);
  if (channel.multiplier != 0 && (channel.multiplier < limits.low || channel.multiplier > limits.high)) {
    return bad_input("constant 'multiplier': {} of channel {} must be 0 or in {}..{}", channel.multiplier, index,
                     limits.low, limits.high);
  }
  if (channel.shift < limits.low_shift || channel.shift > limits.high_shift) {
    return bad_input("constant 'shift': {} of channel {} must be in {}..{}", channel.shift, index, limits.low_shift,
                     limits.high_shift);
  }
  const double stands_for = real_ratio(arithmetic, channel);
  if (channel.multiplier == 0 || is_saturated(arithmetic, channel, ratio)) return {};
  if (std::abs(stands_for - ratio) <= ratio * limits.tolerance) return {};
  return bad_input("channel {}: multiplier {} and shift {} stand for {}, but the scales' ratio is {}", index,
                   channel.multiplier, channel.shift, stands_for, ratio);
}

}  // namespace

Result<> add_requantisation(LayerSpec& layer, Arithmetic arithmetic, std::span<const double> ratios) {
  std::vector<Channel> channels(ratios.size());
  std::vector<std::int32_t> multipliers;
  for (std::size_t c = 0; c < ratios.size(); ++c) {
    if (!derive(arithmetic, ratios[c], channels[c])) {
      return bad_input("channel {}: the ratio {} of accumulator scale to output scale cannot be expressed{}", c,
                       ratios[c], arithmetic == Arithmetic::scaled ? ": it must lie below 2^16" : "");
    }
    if (arithmetic == Arithmetic::tflite_double) {
      multipliers.push_back(static_cast<std::int32_t>(channels[c].multiplier >> 27));
      multipliers.push_back(static_cast<std::int32_t>(channels[c].multiplier & ((1 << 27) - 1)));
    } else {
      multipliers.push_back(static_cast<std::int32_t>(channels[c].multiplier));
    }
  }
  const auto count = static_cast<std::int64_t>(ratios.size());
  const Shape shape = arithmetic == Arithmetic::tflite_double ? Shape{count, 2} : Shape{count};
  layer.constants["multiplier"] = constant(ElementType::int32(), shape, multipliers);
  layer.constants["shift"] = shifts(arithmetic, channels);
  layer.attributes.set("arithmetic", std::string(to_text(arithmetic)));
  layer.attributes.erase("scale_product");
  return {};
}

Result<> check_requantisation(const LayerSpec& layer, Arithmetic arithmetic, std::span<const double> ratios) {
  const auto count = static_cast<std::int64_t>(ratios.size());
  const bool wide = arithmetic == Arithmetic::tflite_double;
  ALGEAN_ASSIGN(const Tensor* multiplier,
                check_constant(layer, "multiplier", ElementType::int32(), wide ? Shape{count, 2} : Shape{count}));
  ALGEAN_ASSIGN(const Tensor* shift, check_constant(layer, "shift", shift_type(arithmetic), Shape{count}));
  for (std::size_t c = 0; c < ratios.size(); ++c) {
    std::int64_t value = multiplier->integer_at(wide ? 2 * c : c);
    if (wide) {
      const std::int64_t low = multiplier->integer_at(2 * c + 1);
      if (value < 0 || low < 0 || low >= 1 << 27) {
        return bad_input("constant 'multiplier': ({}, {}) of channel {} must be 26 and 27 bits", value, low, c);
      }
      value = (value << 27) + low;
    }
    ALGEAN_TRY(check_channel(arithmetic, c, {value, static_cast<std::int32_t>(shift->integer_at(c))}, ratios[c]));
  }
  return {};
}

}  // namespace algean::kernels
