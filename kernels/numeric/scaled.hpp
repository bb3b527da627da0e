// The arithmetic `scaled`, once: reference, portable CPU code and HLS all include this file, so it keeps to C++14.
//
// A quantised layer accumulates exactly, acc = bias + sum (x - zero_x) * w, and requantises
//
//     y = clamp(zero_y + ((acc * multiplier + 2^(shift-1)) >> shift), low, high)          (round half up)
//
// where multiplier * 2^-shift stands for the real ratio scale_x * scale_w / scale_y to 17 bits.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace algean {  // NOLINT(modernize-concat-nested-namespaces): C++14
namespace kernels {
namespace scaled {

constexpr std::int32_t min_multiplier = std::int32_t{1} << 16;        // but for 0: a channel that only gives zero_y
constexpr std::int32_t max_multiplier = (std::int32_t{1} << 17) - 1;  // 17 bits: one signed 18-bit DSP operand
constexpr int min_shift = 1;
constexpr int max_shift = 47;

// Exact: |acc| <= 2^31 and multiplier < 2^17, so that product and rounding term stay below 2^49. Shifting a negative
// number right is arithmetic with every compiler that this file knows (and by definition from C++20 on).
constexpr std::int32_t requantise(std::int32_t acc, std::int32_t multiplier, int shift, std::int32_t zero,
                                  std::int32_t low, std::int32_t high) {
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  const std::int64_t value = zero + ((static_cast<std::int64_t>(acc) * multiplier + half) >> shift);
  return value < low ? low : value > high ? high : static_cast<std::int32_t>(value);
}

// multiplier * 2^-shift.
struct Scale {
  std::int32_t multiplier;
  std::int32_t shift;
};

// The scale for a real ratio: with ratio = m * 2^e, 1/2 <= m < 1, multiplier = floor(m * 2^17 + 1/2) and shift = 17 -
// e; a multiplier of 2^17 becomes 2^16 with shift - 1. Its relative error is at most 2^-17. False when the ratio is not
// finite, not positive, or gives a shift outside 1..47: it must lie in about [2^-31, 2^16).
inline bool derive_scale(double ratio, Scale& scale) {
  if (!(ratio > 0) || !std::isfinite(ratio)) return false;
  int exponent = 0;
  const double mantissa = std::frexp(ratio, &exponent);
  std::int32_t multiplier = static_cast<std::int32_t>(std::floor(mantissa * 131072.0 + 0.5));
  if (multiplier > max_multiplier) {
    multiplier = min_multiplier;
    ++exponent;
  }
  const int shift = 17 - exponent;
  if (shift < min_shift || shift > max_shift) return false;
  scale.multiplier = multiplier;
  scale.shift = shift;
  return true;
}

// The real number that a scale stands for (exact in binary64, and in binary32).
inline double real_ratio(const Scale& scale) { return std::ldexp(static_cast<double>(scale.multiplier), -scale.shift); }

// Lowest and highest value of an accumulator.
struct Range {
  std::int64_t low;
  std::int64_t high;
};

// Exact range of bias + sum (x[i] - zero) * (weights[i] - weight_zero) over all x[i] in [input_low, input_high]. Where
// zero lies in that range, every partial sum from the bias on stays inside, too, in any order.
inline Range accumulator_range(const std::int8_t* weights, std::size_t count, std::int32_t bias, std::int32_t zero,
                               std::int32_t input_low, std::int32_t input_high, std::int32_t weight_zero = 0) {
  std::int64_t positive = 0;  // sum of weights above zero
  std::int64_t negative = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t weight = weights[i] - weight_zero;
    positive += weight > 0 ? weight : 0;
    negative += weight < 0 ? weight : 0;
  }
  const std::int64_t below = static_cast<std::int64_t>(input_low) - zero;
  const std::int64_t above = static_cast<std::int64_t>(input_high) - zero;
  return Range{bias + positive * below + negative * above, bias + positive * above + negative * below};
}

// Bits of the narrowest two's complement number that holds the range.
inline int signed_bits(const Range& range) {
  int bits = 1;
  while (bits < 64 && (range.low < -(std::int64_t{1} << (bits - 1)) || range.high >= (std::int64_t{1} << (bits - 1)))) {
    ++bits;
  }
  return bits;
}

}  // namespace scaled
}  // namespace kernels
}  // namespace algean
