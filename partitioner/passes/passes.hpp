// The float passes, in the order in which simplify() runs them. Values that survive keep the model's own names.
#pragma once

#include <span>
#include <string_view>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

struct Pass {
  std::string_view name;
  Result<> (*run)(kernels::Graph&, kernels::Families);
  std::string_view doc;  // one line
};

// The list, in passes.cpp.
[[nodiscard]] std::span<const Pass> float_passes();

// Runs them all over a verified float graph. The graph is verified after each.
Result<> simplify(kernels::Graph& graph, kernels::Families families);

// Removes layers that no output depends on, and their values. Inputs stay.
Result<> remove_dead(kernels::Graph& graph, kernels::Families families);

// Removes a reshape that changes nothing, one in front of another reshape, and one that layers between it and the next
// reshape do not care for: elementwise ones, and ones along the last axis where that is the same. Those layers' values
// take the shape in front of it. External tensors keep their shape, so that a reshape between one and a layer that
// cares stays.
Result<> remove_reshape(kernels::Graph& graph, kernels::Families families);

// Makes one transpose of two in a row, and a reshape of one that leaves all elements in their order: where it moves
// axes of one index only, or undoes the one before it.
Result<> merge_transposes(kernels::Graph& graph, kernels::Families families);

// Folds y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, in binary64, rounded once to float32:
// - into the dense layer, convolution or transposed convolution before it, if that is linear and nothing else reads it;
// - else into all the dense layers and convolutions behind it, if nothing else reads it. A convolution must not pad; in
//   front of a dense layer a reshape that keeps channels together may lie.
// Weights that the file quantised are left alone. A batch_norm with no such neighbour stays.
Result<> fold_batch_norm(kernels::Graph& graph, kernels::Families families);

// Makes a relu the `activation` of the layer before it, if nothing else reads that layer and its family knows such an
// activation: relu (plain, or clip from 0 on) becomes "relu", one up to 6 "relu6", clip from -1 to 1 "relu_n1_to_1".
Result<> fuse_relu(kernels::Graph& graph, kernels::Families families);

// Makes a pad of zeros the `padding` of the layers behind it, if all its readers are convolutions or pools that compute
// the same then: average pools that count their padding, max pools whose input has no element below 0.
Result<> fold_pad(kernels::Graph& graph, kernels::Families families);

// Makes one layer of a score that a model spells out, where it is a graph output that no layer reads:
// mean((x - y)^2) becomes mean_squared_error, -1/2 * sum(1 + v - m^2 - e^v) kl_divergence.
Result<> fuse_scores(kernels::Graph& graph, kernels::Families families);

}  // namespace algean::partitioner
