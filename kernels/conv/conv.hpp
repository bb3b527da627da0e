// Convolutions: y[p, o] = activation(bias[o] + sum over taps t and channels c of weight[o, t, c] * x[p * stride + t *
// dilation - padding, c]).
#pragma once

#include "kernels/conv/conv_family.hpp"

namespace algean::kernels {

// Operations `conv1d` (input [L, C_in], weight [C_out, k, C_in/groups]) and `conv2d` ([H, W, C_in], [C_out, kH, kW,
// C_in/groups]); the output has C_out channels. Attributes, each with a number for an axis:
//   strides, dilations  1 where absent
//   padding             [before, after] or [top, left, bottom, right], at least 0, 0 where absent; padding is real 0
//   groups              1 where absent; output channel o sees the inputs of group o / (C_out / groups); with groups =
//                       C_in the layer is depthwise and output c * m + j sees input c
//   activation          "linear" (default), "relu", "relu6", "relu_n1_to_1"
//
// Constants, float and integer form: kernels/weighted; arithmetic `scaled` or `tflite`. Padded taps are the input's
// zero point.
class Conv final : public conv::ConvFamily {
 public:
  Conv();
  [[nodiscard]] const Hardware* circuit() const override;
};

}  // namespace algean::kernels
