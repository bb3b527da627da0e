// prelu: a slope for every place.
#pragma once

#include <span>

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels::activation {

// The constant `slope` of a float layer, or `index` of an integer one, is there and broadcasts to the input's shape.
Result<> check_slope(const LayerSpec& layer, const Shape& input);

// Of a verified float layer.
void prelu_float(const LayerSpec& layer, const Shape& shape, std::span<const float> x, std::span<float> y);

}  // namespace algean::kernels::activation
