#include "kernels/resize/positions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace algean::kernels::resize {
namespace {

double scaled_down(const AxisRule& rule, double x) {
  if (rule.scale) return x / *rule.scale;
  return x * static_cast<double>(rule.in) / static_cast<double>(rule.out);
}

double position(const AxisRule& rule, std::int64_t index) {
  const auto x = static_cast<double>(index);
  const auto in = static_cast<double>(rule.in);
  const auto out = static_cast<double>(rule.out);
  switch (rule.coordinates) {
    case Coordinates::half_pixel:
      return scaled_down(rule, x + 0.5) - 0.5;
    case Coordinates::pytorch_half_pixel:
      return rule.out == 1 ? 0.0 : scaled_down(rule, x + 0.5) - 0.5;
    case Coordinates::half_pixel_symmetric: {
      const double share = out / (rule.scale.value_or(out / in) * in);
      return in / 2 * (1 - share) + scaled_down(rule, x + 0.5) - 0.5;
    }
    case Coordinates::tf_half_pixel_for_nn:
      return scaled_down(rule, x + 0.5);
    case Coordinates::asymmetric:
      return scaled_down(rule, x);
    case Coordinates::align_corners:
      break;
  }
  return rule.out == 1 ? 0.0 : x * (in - 1) / (out - 1);
}

// As TensorFlow Lite computes it: a binary32 scale, and one product.
double position_binary32(const AxisRule& rule, std::int64_t index) {
  const bool corners = rule.coordinates == Coordinates::align_corners && rule.out > 1;
  const float scale = corners ? static_cast<float>(rule.in - 1) / static_cast<float>(rule.out - 1)
                              : static_cast<float>(rule.in) / static_cast<float>(rule.out);
  const float offset = rule.coordinates == Coordinates::tf_half_pixel_for_nn ? 0.5F : 0.0F;
  return static_cast<double>((static_cast<float>(index) + offset) * scale);
}

double rounded(double value, Rounding rounding) {
  switch (rounding) {
    case Rounding::floor:
      return std::floor(value);
    case Rounding::ceil:
      return std::ceil(value);
    case Rounding::round:
      return std::floor(value + 0.5);
    case Rounding::round_down:
      break;
  }
  return std::ceil(value - 0.5);
}

std::int64_t clamped(double index, std::int64_t extent) {
  return static_cast<std::int64_t>(std::clamp(index, 0.0, static_cast<double>(extent - 1)));
}

}  // namespace

std::optional<Coordinates> parse_coordinates(const std::string& name) {
  static constexpr std::array<std::pair<const char*, Coordinates>, 6> names{
      {{"half_pixel", Coordinates::half_pixel},
       {"pytorch_half_pixel", Coordinates::pytorch_half_pixel},
       {"half_pixel_symmetric", Coordinates::half_pixel_symmetric},
       {"tf_half_pixel_for_nn", Coordinates::tf_half_pixel_for_nn},
       {"asymmetric", Coordinates::asymmetric},
       {"align_corners", Coordinates::align_corners}}};
  for (const auto& [text, coordinates] : names) {
    if (name == text) return coordinates;
  }
  return std::nullopt;
}

std::optional<Rounding> parse_rounding(const std::string& name) {
  if (name == "floor") return Rounding::floor;
  if (name == "ceil") return Rounding::ceil;
  if (name == "round") return Rounding::round;
  if (name == "round_down") return Rounding::round_down;
  return std::nullopt;
}

std::vector<std::int64_t> nearest(const AxisRule& rule, Rounding rounding, bool tflite) {
  std::vector<std::int64_t> indices;
  indices.reserve(static_cast<std::size_t>(rule.out));
  for (std::int64_t x = 0; x < rule.out; ++x) {
    const double at = tflite ? position_binary32(rule, x) : position(rule, x);
    indices.push_back(clamped(rounded(at, rounding), rule.in));
  }
  return indices;
}

std::vector<Neighbours> linear(const AxisRule& rule) {
  std::vector<Neighbours> result;
  result.reserve(static_cast<std::size_t>(rule.out));
  for (std::int64_t x = 0; x < rule.out; ++x) {
    const double at = std::clamp(position(rule, x), 0.0, static_cast<double>(rule.in - 1));
    Neighbours two;
    two.lower = static_cast<std::int64_t>(at);
    two.upper = std::min(two.lower + 1, rule.in - 1);
    two.share = two.upper == two.lower ? 0 : at - static_cast<double>(two.lower);
    two.share_1024 = static_cast<std::int32_t>(std::floor(two.share * 1024 + 0.5));
    result.push_back(two);
  }
  return result;
}

std::vector<Neighbours> linear_tflite(const AxisRule& rule) {
  const bool corners = rule.coordinates == Coordinates::align_corners && rule.out > 1;
  const std::int64_t in = corners ? rule.in - 1 : rule.in;
  const std::int64_t out = corners ? rule.out - 1 : rule.out;
  const std::int64_t step = (1024 * in + out / 2) / out;
  const std::int64_t start = rule.coordinates == Coordinates::half_pixel ? step / 2 - 512 : 0;
  std::vector<Neighbours> result;
  result.reserve(static_cast<std::size_t>(rule.out));
  for (std::int64_t x = 0; x < rule.out; ++x) {
    const std::int64_t at = start + x * step;  // in 1/1024
    Neighbours two;
    two.lower = std::clamp<std::int64_t>(at / 1024, 0, rule.in - 1);
    two.upper = std::clamp<std::int64_t>((at + 1023) / 1024, 0, rule.in - 1);
    if (two.upper != two.lower) two.share_1024 = static_cast<std::int32_t>(at - 1024 * two.lower);
    result.push_back(two);
  }
  return result;
}

}  // namespace algean::kernels::resize
