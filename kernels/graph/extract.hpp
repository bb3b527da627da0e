// A part of a graph as a graph of its own.
#pragma once

#include "kernels/graph/graph.hpp"

namespace algean::kernels {

// Of each layer of a verified graph: whether an output of the graph depends on it.
std::vector<bool> live_layers(const Graph& graph);

// The layers (indices of a verified graph, in order) with everything that they read and make. `inputs` and `outputs`
// are values of `graph`; their ports have the values' names, and the form `integer` unless they are float32. Constants
// are shared. verify() accepts the result if `inputs` holds whatever the layers read and do not make themselves, and
// each output is an input or made by one of the layers.
Graph extract(const Graph& graph, std::string name, std::span<const std::size_t> layers,
              std::span<const ValueId> inputs, std::span<const ValueId> outputs);

}  // namespace algean::kernels
