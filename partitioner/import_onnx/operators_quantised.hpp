// What operators on integers share: each tensor of the file's integers is a tensor of the real numbers that they stand
// for, with the type that the file gives them.
#pragma once

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {

// The scale at input `scale` and the zero point at the input after it, per tensor; `type` where there is no zero point.
Result<OnnxCodes> codes_of(OnnxConverter& converter, const OnnxNode& node, std::size_t scale, std::string type);
// Input i, a tensor of integers, as the real numbers that they stand for by the scale and zero point at `scale`.
Result<PlacedValue> reals(OnnxConverter& converter, const OnnxNode& node, std::size_t i, std::size_t scale);
// Input i, a constant of integers, with the scale and zero point at `scale`: per tensor, or along `axis`.
Result<OnnxTensor> quantised_constant(OnnxConverter& converter, const OnnxNode& node, std::size_t i, std::size_t scale,
                                      int axis);
// The node's output as integers: the value, of the type at `scale`.
Result<Outputs> quantised(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& value, std::size_t scale);

std::span<const struct Operator> qlinear_operators();  // operators_qlinear.cpp

}  // namespace algean::partitioner::operators
