// TensorFlow Lite's int8 softmax, in fixed point (after gemmlowp's fixedpoint.h: exp_on_negative_values and
// one_over_one_plus_x_for_x_in_0_1). Since a difference of two codes has 256 values only, their exponentials are made
// when the layer is quantised.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::kernels::activation {

// The sum of the exponentials has 12 integer bits.
inline constexpr std::int64_t max_tflite_softmax_channels = 4095;

// e^(-d * beta * scale) for d = 0..255 in Q0.31; bad_input where beta * scale is too small for the reference kernel.
Result<std::vector<std::int32_t>> make_tflite_exponentials(double beta, double scale);

// exponentials: 256 entries, each 0..2^31 - 1, none larger than the first, which is at least 2^30. x and y have the
// same size, 1..max_tflite_softmax_channels. Output scale 1/256, zero point -128.
void softmax_tflite(std::span<const std::int8_t> x, std::span<const std::int32_t> exponentials,
                    std::span<std::int8_t> y) noexcept;

}  // namespace algean::kernels::activation
