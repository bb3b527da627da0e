// Where the tensors of a graph lie while it runs.
#pragma once

#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::kernels {

struct BufferPlan {
  std::vector<std::size_t> offsets_bytes;  // of each value, a multiple of 64
  std::size_t bytes = 0;                   // of all
};

// Values whose lives overlap never share bytes: a value lives from the layer that produces it (graph inputs: the start)
// up to and including the last layer that reads it. Graph outputs and the values of `kept` live to the end and from
// their layer on. Values that no port and no layer names have no bytes. First fit in order of birth.
BufferPlan plan_buffers(const Graph& graph, std::span<const ValueId> kept);

}  // namespace algean::kernels
