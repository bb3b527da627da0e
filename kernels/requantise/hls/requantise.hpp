// From an accumulator to a code, by the arithmetic of a layer: the functions of kernels/numeric.
#pragma once

#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"

namespace algean {
namespace hls {

inline std::int32_t clamped(std::int64_t value, std::int32_t low, std::int32_t high) {
#pragma HLS INLINE
  return value < low ? low : value > high ? high : static_cast<std::int32_t>(value);
}

// Rules: the code of acc * ratio, where `multiplier` and `shift` stand for the ratio.
struct scaled_rule {
  using multiplier_type = std::int32_t;
  static std::int32_t apply(std::int32_t acc, std::int32_t multiplier, int shift, std::int32_t zero, std::int32_t low,
                            std::int32_t high) {
#pragma HLS INLINE
    return kernels::scaled::requantise(acc, multiplier, shift, zero, low, high);
  }
};
struct tflite_rule {
  using multiplier_type = std::int32_t;
  static std::int32_t apply(std::int32_t acc, std::int32_t multiplier, int shift, std::int32_t zero, std::int32_t low,
                            std::int32_t high) {
#pragma HLS INLINE
    return clamped(static_cast<std::int64_t>(zero) + kernels::tflite::mbqm(acc, multiplier, shift), low, high);
  }
};
struct tflite_double_rule {
  using multiplier_type = std::int64_t;
  static std::int32_t apply(std::int32_t acc, std::int64_t multiplier, int shift, std::int32_t zero, std::int32_t low,
                            std::int32_t high) {
#pragma HLS INLINE
    return clamped(static_cast<std::int64_t>(zero) + kernels::tflite::double_rule(acc, multiplier, shift), low, high);
  }
};

}  // namespace hls
}  // namespace algean
