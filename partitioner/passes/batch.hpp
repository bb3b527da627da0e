// A user's inputs with their batch axis, one inference at a time.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

// Inferences in `inputs`, where inputs[i] is [batch, extents of graph.inputs[i]...] of float32. bad_input names the one
// that is of another type or shape; `what` begins the message ("calibration input").
Result<std::size_t> batch_size(const kernels::Graph& graph, std::span<const Tensor> inputs, std::string_view what);

// The tensors of one inference, in the order of graph.inputs, without the batch axis. `inputs` as batch_size() accepted
// them.
std::vector<Tensor> inference(const kernels::Graph& graph, std::span<const Tensor> inputs, std::size_t index);

}  // namespace algean::partitioner
