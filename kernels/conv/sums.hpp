// The sums of a convolution in binary64: what both references are made of.
#pragma once

#include <functional>
#include <span>

#include "kernels/conv/geometry.hpp"

namespace algean::kernels::conv {

// Writes row `y` of the input as in_w * c_in numbers.
using ReadRow = std::function<void(std::int64_t y, double* to)>;
// Takes sums of neighbouring channels of one output pixel; `element` is the first one's index in the output.
using WriteSums = std::function<void(std::size_t element, std::span<const double> sums)>;

// bias[o] + sum over taps and input channels of x * weights, for every output; padding counts as 0. weights: [C_out,
// kH, kW, C_in/groups]; bias: C_out, or none. Each sum starts with the bias and takes its products by ascending (kernel
// row, kernel column, channel), one after another: the same bits on every CPU, as products of two float32 are exact in
// binary64. Sums of integers are exact as long as they stay below 2^53.
void sums(const Geometry& geometry, const ReadRow& read, std::span<const float> weights, std::span<const double> bias,
          const WriteSums& write);

}  // namespace algean::kernels::conv
