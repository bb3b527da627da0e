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

}  // namespace algean::kernels
