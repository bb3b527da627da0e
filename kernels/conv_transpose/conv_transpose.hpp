// Transposed convolutions: each input is spread over the outputs that a convolution of the same attributes would have
// read.
#pragma once

#include "kernels/conv/conv_family.hpp"

namespace algean::kernels {

// Operations `conv1d_transpose` and `conv2d_transpose`. Input [L, C_in] or [H, W, C_in], constant `weight` [C_out,
// kernel..., C_in/groups]. The full result has (in - 1) * stride + (k - 1) * dilation + 1 positions along an axis, and
// input i reaches position i * stride + t * dilation with tap t; `padding` of them are cut off on each side (a negative
// number behind the end adds positions that hold only the bias). Other attributes and forms: kernels/conv/conv.hpp.
class ConvTranspose final : public conv::ConvFamily {
 public:
  ConvTranspose();
};

}  // namespace algean::kernels
