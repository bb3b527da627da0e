// Which layers of a graph become one step.
#pragma once

#include <memory>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::kernels {

// A step of a program: a layer, or one with the reader of its output.
struct Work {
  std::vector<const Layer*> layers;  // of the graph
  std::vector<ValueId> inputs, outputs;
  std::unique_ptr<Step> step;
};

// A verified graph of integers as steps, in an order in which they can run. A layer joins the only reader of its only
// output where its family has code for both (Family::compile_with), but not if somebody else looks at what is between
// them: an output of the graph, or a value that `kept` names.
Result<std::vector<Work>> make_steps(const Graph& graph, Families families, InstructionSet instructions,
                                     std::span<const ValueId> kept);

// What buffers need to know of it: the graph's values and ports, and a layer without a spec for each step.
Graph wires_of(const Graph& graph, std::span<const Work> steps);

}  // namespace algean::kernels
