// Weights and biases of convolutions and fully connected layers.
#pragma once

#include <vector>

#include "partitioner/import_tflite/converter.hpp"

namespace algean::partitioner::tflite {

// Input i as weights of this rank: int8 in graphs of integers, float32 in others. Dynamic-range quantised layers, whose
// kernel would quantise a float input by its range at run time, are refused by name.
Result<Constant> weight_of(TfliteConverter& converter, const TfliteOperator& op, std::size_t i, std::size_t rank);
// The weights with their axes in another order (axis i is axis order[i] of `from`), and the axis of their scales with
// them.
Constant permuted(const Tensor& from, const std::vector<std::size_t>& order);
// Adds weight and bias (input `bias`, if it is there) to the layer. The integers of a bias count steps of the product
// of the input's and the weights' scales, whatever its own scale says.
Result<> add_constants(TfliteConverter& converter, const TfliteOperator& op, kernels::LayerSpec& spec, Constant weight,
                       std::size_t bias, TfliteValue x);
// Attribute `scale_product`, where the kernel forms scale_x * scale_w in binary32.
void set_scale_product(kernels::LayerSpec& spec, bool is_float32);

}  // namespace algean::partitioner::tflite
