// prelu: a slope for every place.
#pragma once

#include <span>

#include "kernels/family/layer.hpp"
#include "kernels/requantise/requantise.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels::activation {

// More distinct slopes than these are rounded to so many evenly spaced ones.
inline constexpr std::size_t max_slopes = 4096;

// The constant `slope` of a float layer, or `index` of an integer one, is there and broadcasts to the input's shape.
Result<> check_slope(const LayerSpec& layer, const Shape& input);

// Of a verified float layer.
void prelu_float(const LayerSpec& layer, const Shape& shape, std::span<const float> x, std::span<float> y);

// Replaces `slope` by `table` int8 [T,256] and `index` uint16 of slope's shape.
Result<> quantise_prelu(LayerSpec& layer, Arithmetic arithmetic, const Quantisation& from, const Quantisation& to);
// The rules of these constants.
Result<> check_prelu(const LayerSpec& layer);

}  // namespace algean::kernels::activation
