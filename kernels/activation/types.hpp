#pragma once

#include "kernels/activation/element.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::kernels::activation {

// Input and output of an integer layer are int8 quantised per tensor; of requantise each may be uint8.
Result<> check_codes(const LayerSpec& layer, const TensorType& input, const TensorType& output);

}  // namespace algean::kernels::activation
