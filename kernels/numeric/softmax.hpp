// Softmax and its logarithm over a row of codes, in integers. C++14, as scaled.hpp: the reference, the CPU code and HLS
// C++ compile this text. kernels/activation/README.md has the rules and where they come from; a row is read three
// times: its largest code, the sum of exponentials, the results.
#pragma once

#include <cstdint>

#include "kernels/numeric/tflite.hpp"

namespace algean {  // NOLINT(modernize-concat-nested-namespaces): C++14
namespace kernels {
namespace softmax {

// Number of bits up to the highest that is set.
inline int bit_width(std::uint64_t value) {
  int bits = 0;
  for (; value != 0; value >>= 1) ++bits;
  return bits;
}

// `scaled`: the result for an exponential of a sum, both in 2^-20.
inline std::int32_t scaled_code(std::uint64_t exponential, std::uint64_t sum) {
  const std::int64_t steps = static_cast<std::int64_t>((256 * exponential + (sum >> 1)) / sum);
  return static_cast<std::int32_t>(steps - 128 < 127 ? steps - 128 : 127);
}

// `scaled` log_softmax: what is taken from every product of a difference with `step`.
inline std::int64_t logarithm(std::uint64_t sum, const std::int32_t* octaves, const std::int32_t* mantissas) {
  const int octave = bit_width(sum) - 1 - 20;
  return static_cast<std::int64_t>(octaves[octave]) + mantissas[(sum >> (octave + 10)) & 1023];
}
inline std::int32_t log_code(std::int32_t difference, std::int32_t step, std::int64_t logarithm, std::int32_t zero) {
  const std::int64_t value = zero + ((static_cast<std::int64_t>(difference) * step - logarithm + (1 << 15)) >> 16);
  return static_cast<std::int32_t>(value < -128 ? -128 : value > 127 ? 127 : value);
}

// `tflite`: exponentials in Q0.31, their sum in Q12.19.
constexpr int tflite_sum_bits = 12;

inline std::int32_t tflite_shift_left(std::int32_t value, int amount) {
  return tflite::saturate32(static_cast<std::int64_t>(value) * (std::int64_t{1} << amount));
}

// 1 / (1 + a) for a in [0, 1), Q0.31: three Newton steps from 48/17 - 32/17 * (1 + a) / 2, in Q2.29.
inline std::int32_t tflite_reciprocal_of_one_plus(std::int32_t a) {
  const std::int64_t one = std::numeric_limits<std::int32_t>::max();
  const std::int32_t half_denominator = static_cast<std::int32_t>((a + one + 1) / 2);
  std::int32_t x = 1515870810 + tflite::srdhm(half_denominator, -1010580540);
  for (int step = 0; step < 3; ++step) {
    const std::int32_t error = (1 << 29) - tflite::srdhm(half_denominator, x);
    x += tflite_shift_left(tflite::srdhm(x, error), 2);
  }
  return tflite_shift_left(x, 1);
}

// What all results of a row share: the sum's reciprocal and where its binary point is.
struct TfliteScale {
  std::int32_t reciprocal;
  int shift;
};
inline TfliteScale tflite_scale(std::uint32_t sum) {
  const int headroom = 32 - bit_width(sum);
  const std::int32_t fraction = static_cast<std::int32_t>((sum << headroom) - (std::uint32_t{1} << 31));
  return TfliteScale{tflite_reciprocal_of_one_plus(fraction), tflite_sum_bits - headroom + 31 - 8};
}
inline std::int32_t tflite_code(std::int32_t exponential, const TfliteScale& scale) {
  const std::int32_t steps = tflite::rdbpot(tflite::srdhm(scale.reciprocal, exponential), scale.shift) - 128;
  return steps < -128 ? -128 : steps > 127 ? 127 : steps;
}

}  // namespace softmax
}  // namespace kernels
}  // namespace algean
