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

// Folds y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, in binary64, rounded once to float32:
// - into the dense layer before it, if that is linear and nothing else reads it;
// - else into all the dense layers behind it (a reshape that keeps channels together may lie between), if nothing else
// reads it. A batch_norm with no such neighbour stays; quantise() names it.
Result<> fold_batch_norm(kernels::Graph& graph, kernels::Families families);

// Makes a plain relu the `activation` of the dense layer before it, if nothing else reads that layer.
Result<> fuse_relu(kernels::Graph& graph, kernels::Families families);

}  // namespace algean::partitioner
