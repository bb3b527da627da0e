#pragma once

#include "kernels/requantise/requantise.hpp"

namespace algean::kernels::matmul {

// Most products whose sum is sure to have 32 bits: 255 * 255 each.
inline constexpr std::int64_t max_inner = 33025;

// The layer's arithmetic; `tflite_double` is that of fully connected layers only, and means `tflite` here.
Result<Arithmetic> product_arithmetic(const LayerSpec& layer);

// Accumulator scale to output scale. The types are quantised per tensor.
double ratio(Arithmetic arithmetic, std::span<const TensorType> inputs, const TensorType& output);

}  // namespace algean::kernels::matmul
