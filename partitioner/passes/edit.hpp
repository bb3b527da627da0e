// What several passes do to graphs.
#pragma once

#include <optional>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

// Index into graph.layers of the layer that produces a value; none for a graph input.
[[nodiscard]] std::optional<std::size_t> producer_index(const kernels::Graph& graph, kernels::ValueId value);
// Indices of the layers that read a value.
[[nodiscard]] std::vector<std::size_t> reader_indices(const kernels::Graph& graph, kernels::ValueId value);
// The one layer that reads a value which is no graph output; none if there are more readers, or another use.
[[nodiscard]] std::optional<std::size_t> sole_reader(const kernels::Graph& graph, kernels::ValueId value);
[[nodiscard]] bool is_input(const kernels::Graph& graph, kernels::ValueId value);
// Whoever reads `from` (layers and output ports) reads `to`.
void rewire(kernels::Graph& graph, kernels::ValueId from, kernels::ValueId to);
// Without the marked layers, and without values that nothing uses then.
void erase_layers(kernels::Graph& graph, const std::vector<bool>& erased);
void erase_layer(kernels::Graph& graph, std::size_t index);

}  // namespace algean::partitioner
