// Float ONNX models of dense networks become float graphs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernels/family/family.hpp"
#include "partitioner/import_common/imported.hpp"

namespace algean::partitioner {

// Operator sets that we know the rules of.
inline constexpr std::int64_t lowest_onnx_opset = 7;
inline constexpr std::int64_t highest_onnx_opset = 21;
inline constexpr std::size_t max_onnx_nodes = 10'000;

// The model as a float graph that verify() accepts. The first axis of every input is the batch; a size written there is
// ignored. Values and ports have the model's own names, layers those of the nodes (of its first output where a node has
// none). Supported: Gemm, MatMul and Add with constant weights, BatchNormalization, Relu, LeakyRelu, Sigmoid, Tanh,
// Softmax, Flatten, Reshape, Squeeze, Unsqueeze, Identity, Dropout, Constant, Transpose of a constant. All that is not
// is named in one error.
Result<Imported> import_onnx(const std::filesystem::path& path, kernels::Families families);

// Names of the operators that import_onnx() takes, in order of the alphabet.
std::vector<std::string> onnx_operators();

}  // namespace algean::partitioner
