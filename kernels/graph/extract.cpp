#include "kernels/graph/extract.hpp"

#include <algorithm>

namespace algean::kernels {

std::vector<bool> live_layers(const Graph& graph) {
  std::vector<bool> needed(graph.values.size(), false);
  for (const GraphPort& port : graph.outputs) needed.at(port.value) = true;
  std::vector<bool> live(graph.layers.size(), false);
  for (std::size_t i = graph.layers.size(); i-- > 0;) {  // readers stand behind what they read
    const Layer& layer = graph.layers[i];
    live[i] = std::ranges::any_of(layer.outputs, [&](ValueId id) { return needed[id]; });
    if (!live[i]) continue;
    for (const ValueId id : layer.inputs) needed[id] = true;
  }
  return live;
}

Graph extract(const Graph& graph, std::string name, std::span<const std::size_t> layers,
              std::span<const ValueId> inputs, std::span<const ValueId> outputs) {
  Graph part{std::move(name), graph.values, {}, {}, {}};
  const auto port = [&](ValueId id) {
    const Value& value = graph.values.at(id);
    return GraphPort{value.name, id, value.type.element.is_float() ? ExternalForm::float32 : ExternalForm::integer};
  };
  for (const ValueId id : inputs) part.inputs.push_back(port(id));
  for (const ValueId id : outputs) part.outputs.push_back(port(id));
  for (const std::size_t layer : layers) part.layers.push_back(graph.layers.at(layer));
  return compact(part);
}

}  // namespace algean::kernels
