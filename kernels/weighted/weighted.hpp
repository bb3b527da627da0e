// Layers that add up products with constant weights: y[o] = activation(bias[o] + sum over taps of weight[o, tap] *
// x[tap]). Dense layers and convolutions differ in which x a tap is; their constants are the same, and are stated here.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/family/layer.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels {

// Float form: constants `weight` [C_out, taps...] and optional `bias` [C_out], each float32 or quantised integers that
// stand for their real numbers (weight int2..int8, bias int32); attribute `activation` (kernels/requantise).
//
// Integer form: input and output int8 quantised per tensor, and
//   weight      int2..int8 [C_out, taps...], quantised per channel (axis 0) or per tensor; zero points are 0 but for
//               imported weights
//   bias        int32 [C_out], scale_x * scale_weight
//   multiplier, shift   of kernels/requantise, one a channel
//   attributes  `arithmetic`, `accumulator_bits`: bits of the widest exact accumulator, at most 32
// acc = bias[o] + sum (x - zero_x) * (weight - zero_weight[o]); y = clamp(zero_y + round(acc * ratio[o]), low, high)

// Everything but shapes of input and output, which the family's infer() has checked: `attributes` are the family's own.
Result<> verify_weighted(const LayerSpec& layer, std::initializer_list<std::string_view> attributes,
                         const TensorType& input, const TensorType& output);

// The integer form of a float form, between int8 types; `attributes` are the family's own. Attribute `arithmetic`
// (default scaled) chooses the rule, `weight_bits` (2..8, default 8) the width of weights that are float32: symmetric,
// a scale per channel. Weights that are quantised already stay as they are, and so does a bias whose scale is scale_x *
// scale_weight (within 2^-12); another is rounded to it. bad_input where verify_weighted() rejects the float form, and
// for a channel that cannot be expressed.
Result<LayerSpec> quantise_weighted(const LayerSpec& layer, std::initializer_list<std::string_view> attributes,
                                    const TensorType& input, const TensorType& output);

// The zero point of each channel's weights.
std::vector<std::int32_t> weight_zero_points(const LayerSpec& layer);

}  // namespace algean::kernels
