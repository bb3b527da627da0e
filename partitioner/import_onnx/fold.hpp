// Nodes that read only constants, and what they come to. fold.cpp has the list.
#pragma once

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {

using Constants = std::vector<OnnxConstant>;  // a node's inputs; none where one is left out

// Elements of a result of these extents, which are counted as spent at `bytes` each. bad_input for an extent below 0.
Result<std::size_t> count_elements(OnnxConverter& converter, const Extents& extents, std::size_t bytes);
// The extents that NumPy broadcasts both to.
Result<Extents> broadcast(const Extents& left, const Extents& right);
// Element i of the result is element from[i] of the tensor.
OnnxTensor picked(const OnnxTensor& tensor, Extents extents, const std::vector<std::size_t>& from);
// For each element of a tensor of `extents`, the element of one of `source` that broadcasting puts there.
std::vector<std::size_t> broadcast_indices(const Extents& source, const Extents& extents);

// fold_moves.cpp
Result<Outputs> fold_reshape(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_squeeze(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_transpose(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_gather(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_concat(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_slice(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_expand(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
// fold_arithmetic.cpp
Result<Outputs> fold_binary(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_unary(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_cast(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_where(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_range(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_quantize(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);
Result<Outputs> fold_dequantize(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs);

}  // namespace algean::partitioner::operators
