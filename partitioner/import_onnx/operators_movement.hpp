// What stands in files of its own among the operators that move numbers.
#pragma once

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {

Result<Outputs> resize(OnnxConverter& converter, const OnnxNode& node);  // operators_resize.cpp: Resize and Upsample
Result<Outputs> slice(OnnxConverter& converter, const OnnxNode& node);   // operators_slice.cpp
Result<Outputs> pad(OnnxConverter& converter, const OnnxNode& node);

// Every step-th input from `first` on, joined along an axis that counts the batch.
Result<PlacedValue> make_concat(OnnxConverter& converter, const OnnxNode& node, std::size_t first, std::size_t step,
                                std::int64_t written_axis);

}  // namespace algean::partitioner::operators
