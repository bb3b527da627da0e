// From a lowered graph to a design: each layer's netlist, and between them what makes their streams fit.
#pragma once

#include <span>

#include "kernels/circuit/design.hpp"

namespace algean::kernels {

// `graph` is one that verify() accepted, of integers; layers[i] is of graph.layers[i]. Between two layers stand, as
// needed and in this order: a clone (several readers), a FIFO (before a narrower stream, and on paths that wait for a
// longer one beside them: waits.hpp), a repack (other lanes or rows). bad_input names the layer that has no hardware
// and why.
Result<Design> join(const Graph& graph, Families families, std::span<const LayerHardware> layers);

// What the family states about a layer in hardware; bad_input where it states nothing.
Result<const Hardware*> hardware_of(const LayerSpec& layer, Families families);

}  // namespace algean::kernels
