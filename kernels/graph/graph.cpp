#include "kernels/graph/graph.hpp"

#include <algorithm>

namespace algean::kernels {

std::vector<TensorType> Graph::types(std::span<const ValueId> ids) const {
  std::vector<TensorType> result;
  result.reserve(ids.size());
  for (const ValueId id : ids) result.push_back(values.at(id).type);
  return result;
}

const Layer* Graph::producer(ValueId value) const {
  const auto found = std::ranges::find_if(
      layers, [&](const Layer& layer) { return std::ranges::find(layer.outputs, value) != layer.outputs.end(); });
  return found == layers.end() ? nullptr : &*found;
}

std::vector<const Layer*> Graph::consumers(ValueId value) const {
  std::vector<const Layer*> result;
  for (const Layer& layer : layers) {
    if (std::ranges::find(layer.inputs, value) != layer.inputs.end()) result.push_back(&layer);
  }
  return result;
}

bool Graph::is_output(ValueId value) const {
  return std::ranges::any_of(outputs, [&](const GraphPort& port) { return port.value == value; });
}

bool Graph::is_integer() const {
  return std::ranges::all_of(values, [](const Value& value) { return value.type.element.is_integer(); });
}

std::vector<Port> Graph::ports(std::span<const GraphPort> which) const {
  std::vector<Port> result;
  result.reserve(which.size());
  for (const GraphPort& port : which) result.push_back({port.name, values.at(port.value).type, port.form});
  return result;
}

Graph compact(const Graph& graph) {
  std::vector<bool> used(graph.values.size(), false);
  for (const GraphPort& port : graph.inputs) used.at(port.value) = true;
  for (const GraphPort& port : graph.outputs) used.at(port.value) = true;
  for (const Layer& layer : graph.layers) {
    for (const ValueId id : layer.inputs) used.at(id) = true;
    for (const ValueId id : layer.outputs) used.at(id) = true;
  }
  Graph result{
      .name = graph.name, .values = {}, .layers = graph.layers, .inputs = graph.inputs, .outputs = graph.outputs};
  std::vector<ValueId> renumbered(graph.values.size(), 0);
  for (ValueId id = 0; id < graph.values.size(); ++id) {
    if (!used[id]) continue;
    renumbered[id] = result.values.size();
    result.values.push_back(graph.values[id]);
  }
  for (GraphPort& port : result.inputs) port.value = renumbered[port.value];
  for (GraphPort& port : result.outputs) port.value = renumbered[port.value];
  for (Layer& layer : result.layers) {
    for (ValueId& id : layer.inputs) id = renumbered[id];
    for (ValueId& id : layer.outputs) id = renumbered[id];
  }
  return result;
}

}  // namespace algean::kernels
