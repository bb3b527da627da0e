#include <algorithm>

#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {

Result<> remove_dead(kernels::Graph& graph, kernels::Families) {
  std::vector<bool> needed(graph.values.size(), false);
  for (const kernels::GraphPort& port : graph.outputs) needed[port.value] = true;
  Wires wires(graph);
  for (std::size_t i = graph.layers.size(); i-- > 0;) {  // readers stand behind what they read
    const kernels::Layer& layer = graph.layers[i];
    if (std::ranges::any_of(layer.outputs, [&](kernels::ValueId id) { return needed[id]; })) {
      for (const kernels::ValueId id : layer.inputs) needed[id] = true;
    } else {
      wires.erase(i);
    }
  }
  wires.finish();
  return {};
}

}  // namespace algean::partitioner
