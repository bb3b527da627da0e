// The arithmetic `tflite`, once: TensorFlow Lite's reference kernels in integers. C++14, as scaled.hpp.
//
// A real ratio is multiplier * 2^(shift-31), and a product with it is rounded twice (not TFLITE_SINGLE_ROUNDING):
//     MBQM(x) = RDBPOT(SRDHM(x << max(shift, 0), multiplier), max(-shift, 0))
// Sources: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"
// (CVPR 2018), section 2.2 and appendix B; TensorFlow Lite's 8-bit quantization specification.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace algean {  // NOLINT(modernize-concat-nested-namespaces): C++14
namespace kernels {
namespace tflite {

constexpr std::int32_t min_multiplier = std::int32_t{1} << 30;  // but for 0: the ratio is below 2^-32
constexpr int min_shift = -31;
constexpr int max_shift = 30;

constexpr std::int32_t saturate32(std::int64_t value) {
  return value < std::numeric_limits<std::int32_t>::min()   ? std::numeric_limits<std::int32_t>::min()
         : value > std::numeric_limits<std::int32_t>::max() ? std::numeric_limits<std::int32_t>::max()
                                                            : static_cast<std::int32_t>(value);
}

// Saturating rounding doubling high multiply: a * b / 2^31, halves away from zero but for negative ones, which the
// truncating division takes up: (a*b + (a*b >= 0 ? 2^30 : 1 - 2^30)) / 2^31.
constexpr std::int32_t srdhm(std::int32_t a, std::int32_t b) {
  const std::int64_t product = static_cast<std::int64_t>(a) * b;
  const std::int64_t nudge = product >= 0 ? std::int64_t{1} << 30 : 1 - (std::int64_t{1} << 30);
  return saturate32((product + nudge) / (std::int64_t{1} << 31));
}

// Rounding division by a power of two: x / 2^n, halves away from zero. n: 0..31.
constexpr std::int32_t rdbpot(std::int32_t x, int n) {
  const std::int64_t mask = (std::int64_t{1} << n) - 1;
  const std::int64_t remainder = x & mask;
  const std::int64_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return static_cast<std::int32_t>((static_cast<std::int64_t>(x) >> n) + (remainder > threshold ? 1 : 0));
}

// x times a ratio. Where x << shift leaves int32 it saturates (it is undefined in the source).
constexpr std::int32_t mbqm(std::int32_t x, std::int32_t multiplier, int shift) {
  const int left = shift > 0 ? shift : 0;
  const int right = shift > 0 ? 0 : -shift;
  return rdbpot(srdhm(saturate32(static_cast<std::int64_t>(x) * (std::int64_t{1} << left)), multiplier), right);
}

struct Scale {
  std::int32_t multiplier;  // 0, or in [2^30, 2^31)
  std::int32_t shift;       // -31..30
};

// multiplier = round(mantissa * 2^31). A ratio below 2^-32 becomes 0, one above 2^30 the largest there is. False when
// the ratio is negative or not finite.
inline bool derive_scale(double ratio, Scale& scale) {
  if (!(ratio >= 0) || !std::isfinite(ratio)) return false;
  int exponent = 0;
  const double mantissa = std::frexp(ratio, &exponent);
  std::int64_t multiplier = static_cast<std::int64_t>(std::floor(mantissa * 2147483648.0 + 0.5));
  if (multiplier == (std::int64_t{1} << 31)) {
    multiplier /= 2;
    ++exponent;
  }
  if (exponent < min_shift) {
    exponent = 0;
    multiplier = 0;
  }
  if (exponent > max_shift) {
    exponent = max_shift;
    multiplier = (std::int64_t{1} << 31) - 1;
  }
  scale.multiplier = static_cast<std::int32_t>(multiplier);
  scale.shift = exponent;
  return true;
}

// The real number that a scale stands for (exact in binary64).
inline double real_ratio(const Scale& scale) {
  return std::ldexp(static_cast<double>(scale.multiplier), scale.shift - 31);
}

// --- `tflite_double`: the fully connected kernel of TensorFlow Lite from 2025 on, round(double(acc) * ratio), halves
// away from zero, in binary64, reproduced without floating point: the ratio is mantissa * 2^-shift with 53 bits of
// mantissa.

struct DoubleScale {
  std::int64_t mantissa;  // 0, or in [2^52, 2^53)
  std::int32_t shift;     // -971..1074: ratio = mantissa * 2^-shift
};

// Exact. False when the ratio is negative, not finite, or too small for 53 bits of mantissa (subnormal).
inline bool derive_double_scale(double ratio, DoubleScale& scale) {
  if (!(ratio >= 0) || !std::isfinite(ratio) || (ratio > 0 && ratio < std::numeric_limits<double>::min())) return false;
  int exponent = 0;
  scale.mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(ratio, &exponent), 53));
  scale.shift = ratio > 0 ? 53 - exponent : 0;
  return true;
}

inline double real_ratio(const DoubleScale& scale) {
  return std::ldexp(static_cast<double>(scale.mantissa), -scale.shift);
}

// acc * ratio as binary64 rounds the product (to nearest, ties to even), then to the nearest integer, halves away from
// zero; saturates at int32.
inline std::int32_t double_rule(std::int32_t acc, std::int64_t mantissa, int shift) {
  __extension__ using Wide = unsigned __int128;  // |acc| * mantissa has at most 84 bits
  const bool negative = acc < 0;
  Wide product = static_cast<Wide>(negative ? -static_cast<std::int64_t>(acc) : static_cast<std::int64_t>(acc)) *
                 static_cast<Wide>(mantissa);
  int drop = 0;  // bits of the product beyond 53
  while ((product >> (53 + drop)) != 0) ++drop;
  if (drop > 0) {
    const Wide half = static_cast<Wide>(1) << (drop - 1);
    const Wide rest = product & ((half << 1) - 1);
    product >>= drop;
    if (rest > half || (rest == half && (product & 1) != 0)) ++product;  // at most 2^53 then, which is exact, too
    shift -= drop;
  }
  if (product == 0) return 0;
  const std::int64_t limit = std::numeric_limits<std::int32_t>::max();
  std::int64_t magnitude = 0;
  if (shift <= 0) {
    magnitude = shift < -31 || (product << -shift) > static_cast<Wide>(limit)
                    ? limit + 1
                    : static_cast<std::int64_t>(product << -shift);
  } else if (shift < 100) {
    const Wide rounded = (product + (static_cast<Wide>(1) << (shift - 1))) >> shift;
    magnitude = rounded > static_cast<Wide>(limit) ? limit + 1 : static_cast<std::int64_t>(rounded);
  }
  return saturate32(negative ? -magnitude : magnitude);
}

}  // namespace tflite
}  // namespace kernels
}  // namespace algean
