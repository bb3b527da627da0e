// Two operands in one sum or product, in the arithmetic `scaled`: multipliers of 15 bits and a sign with one shift, so
// that everything stays within 32 bits and 16-bit multiplies compute it. C++14, as scaled.hpp.
//
//     sum:      y = clamp(zero_y + (((a - zero_a) * m0 + (b - zero_b) * m1 + 2^(shift-1)) >> shift), low, high)
//     product:  y = clamp(zero_y + (((a - zero_a) * (b - zero_b) * m0      + 2^(shift-1)) >> shift), low, high)
//
// With int8 codes and zero points, |a - zero_a| <= 255: a sum stays below 2^24 + 2^23, and a product, 255 * 255 * 32767
// + 2^23, below 2^31.
#pragma once

#include <cmath>
#include <cstdint>

namespace algean {  // NOLINT(modernize-concat-nested-namespaces): C++14
namespace kernels {
namespace joint {

constexpr std::int32_t max_multiplier = (std::int32_t{1} << 15) - 1;
constexpr int min_shift = 1;
constexpr int max_shift = 24;

struct Scale {
  std::int32_t m0;
  std::int32_t m1;
  std::int32_t shift;
};

// round(ratio * 2^shift), halves away from zero.
inline std::int32_t rounded(double ratio, int shift) {
  const std::int32_t magnitude = static_cast<std::int32_t>(std::floor(std::ldexp(std::fabs(ratio), shift) + 0.5));
  return ratio < 0 ? -magnitude : magnitude;
}

// m0 * 2^-shift and m1 * 2^-shift for real ratios, with the largest shift that lets both fit: the larger multiplier has
// 15 bits, unless the shift is 24. A multiplier is off by at most 2^-15 of the larger one, or 2^-25. False when a ratio
// is not finite or reaches 2^14.
inline bool derive_scale(double ratio0, double ratio1, Scale& scale) {
  const double largest = std::fmax(std::fabs(ratio0), std::fabs(ratio1));
  if (!std::isfinite(ratio0) || !std::isfinite(ratio1)) return false;
  int exponent = 0;
  std::frexp(largest, &exponent);
  int shift = 15 - exponent < max_shift ? 15 - exponent : max_shift;
  if (shift >= min_shift && rounded(largest, shift) > max_multiplier) --shift;
  if (shift < min_shift) return false;
  scale.m0 = rounded(ratio0, shift);
  scale.m1 = rounded(ratio1, shift);
  scale.shift = shift;
  return true;
}

// zero + acc * 2^-shift, halves up, within low..high. The arguments' sum must stay within 32 bits, as above.
constexpr std::int32_t requantise(std::int32_t acc, int shift, std::int32_t zero, std::int32_t low, std::int32_t high) {
  const std::int32_t value = zero + ((acc + (std::int32_t{1} << (shift - 1))) >> shift);
  return value < low ? low : value > high ? high : value;
}

}  // namespace joint
}  // namespace kernels
}  // namespace algean
