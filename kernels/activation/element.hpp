// The functions of one element, in binary64.
#pragma once

#include <functional>

#include "kernels/family/layer.hpp"

namespace algean::kernels::activation {

// The function of a verified relu, leaky_relu, sigmoid or tanh layer.
std::function<double(double)> element_function(const LayerSpec& layer);

}  // namespace algean::kernels::activation
