#include "runtime/tensor/quantise.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace algean {
namespace {

// The integer for one real number. Branch-free but for NaN, which the caller looks for.
template <class T>
std::size_t quantise_elements(std::span<const float> real, float scale, double zero_point, double lowest,
                              double highest, std::byte* to) {
  std::size_t first_nan = real.size();
  for (std::size_t i = 0; i < real.size(); ++i) {
    const bool is_nan = std::isnan(real[i]);
    if (is_nan) first_nan = std::min(first_nan, i);
    const float steps = (is_nan ? 0.0F : real[i]) / scale;  // a NaN has no integer, not even an unspecified one
    // Half a step away from zero, in binary64, where that is exact; clamped before it becomes an integer.
    const double away = static_cast<double>(steps) + (std::signbit(steps) ? -0.5 : 0.5);
    const double clamped = std::clamp(away, lowest - zero_point, highest - zero_point);
    const auto integer = static_cast<T>(static_cast<std::int64_t>(clamped) + static_cast<std::int64_t>(zero_point));
    std::memcpy(to + i * sizeof(T), &integer, sizeof(T));
  }
  return first_nan;
}

template <class T>
void dequantise_elements(const std::byte* from, const Quantisation& q, std::span<float> real, std::size_t inner,
                         std::size_t channels) {
  for (std::size_t i = 0; i < real.size(); ++i) {
    const std::size_t channel = channels == 1 ? 0 : i / inner % channels;
    T integer{};
    std::memcpy(&integer, from + i * sizeof(T), sizeof(T));
    const auto difference = static_cast<std::int64_t>(integer) - q.zero_points[channel];
    real[i] = static_cast<float>(q.scales[channel] * static_cast<double>(difference));
  }
}

// Calls body with a value of the C++ type that holds `type` in memory.
template <class Body>
auto with_storage(const ElementType& type, Body&& body) {
  switch (type.bytes()) {
    case 1:
      return type.is_signed() ? body(std::int8_t{}) : body(std::uint8_t{});
    case 2:
      return type.is_signed() ? body(std::int16_t{}) : body(std::uint16_t{});
    default:
      return type.is_signed() ? body(std::int32_t{}) : body(std::uint32_t{});
  }
}

}  // namespace

std::size_t quantise_into(std::span<const float> real, const ElementType& type, std::span<std::byte> integers) {
  ALGEAN_INVARIANT(type.is_integer() && type.quantisation() && type.quantisation()->axis < 0);
  ALGEAN_INVARIANT(integers.size() == real.size() * type.bytes());
  const Quantisation& q = *type.quantisation();
  using Limits = std::numeric_limits<float>;
  const auto scale = static_cast<float>(std::clamp<double>(q.scale(), Limits::min(), Limits::max()));
  return with_storage(type, [&](auto zero) {
    return quantise_elements<decltype(zero)>(real, scale, q.zero_point(), static_cast<double>(type.lowest()),
                                             static_cast<double>(type.highest()), integers.data());
  });
}

Result<Tensor> quantise(const Tensor& real, const ElementType& type) {
  Tensor integers({type, real.shape()});
  const std::size_t first_nan = quantise_into(real.elements<float>(), type, integers.bytes());
  if (first_nan < real.elements<float>().size()) return bad_input("element {} is NaN", first_nan);
  return integers;
}

void dequantise_into(std::span<const std::byte> integers, const ElementType& type, std::span<float> real) {
  ALGEAN_INVARIANT(type.is_integer() && type.quantisation() && type.quantisation()->axis < 0);
  ALGEAN_INVARIANT(integers.size() == real.size() * type.bytes());
  with_storage(
      type, [&](auto zero) { dequantise_elements<decltype(zero)>(integers.data(), *type.quantisation(), real, 1, 1); });
}

Tensor dequantise(const Tensor& integers) {
  const ElementType& type = integers.type().element;
  ALGEAN_INVARIANT(type.is_integer() && type.quantisation());
  Tensor real({ElementType::float32(), integers.shape()});
  std::size_t inner = 1;
  std::size_t channels = 1;
  if (const int axis = type.quantisation()->axis; axis >= 0) {
    channels = type.quantisation()->scales.size();
    const auto extents = integers.shape().extents();
    for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < extents.size(); ++i) {
      inner *= static_cast<std::size_t>(extents[i]);
    }
  }
  with_storage(type, [&](auto zero) {
    dequantise_elements<decltype(zero)>(integers.bytes().data(), *type.quantisation(), real.elements<float>(), inner,
                                        channels);
  });
  return real;
}

}  // namespace algean
