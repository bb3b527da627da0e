#include "partitioner/passes/edit.hpp"

#include <algorithm>

namespace algean::partitioner {

using kernels::Graph;
using kernels::Layer;
using kernels::ValueId;

std::optional<std::size_t> producer_index(const Graph& graph, ValueId value) {
  const Layer* layer = graph.producer(value);
  if (layer == nullptr) return std::nullopt;
  return static_cast<std::size_t>(layer - graph.layers.data());
}

std::vector<std::size_t> reader_indices(const Graph& graph, ValueId value) {
  std::vector<std::size_t> result;
  for (const Layer* layer : graph.consumers(value)) {
    result.push_back(static_cast<std::size_t>(layer - graph.layers.data()));
  }
  return result;
}

std::optional<std::size_t> sole_reader(const Graph& graph, ValueId value) {
  const auto readers = reader_indices(graph, value);
  if (readers.size() != 1 || graph.is_output(value)) return std::nullopt;
  return readers[0];
}

bool is_input(const Graph& graph, ValueId value) {
  return std::ranges::any_of(graph.inputs, [&](const kernels::GraphPort& port) { return port.value == value; });
}

void rewire(Graph& graph, ValueId from, ValueId to) {
  for (Layer& layer : graph.layers) std::ranges::replace(layer.inputs, from, to);
  for (kernels::GraphPort& port : graph.outputs) {
    if (port.value == from) port.value = to;
  }
}

void erase_layers(Graph& graph, const std::vector<bool>& erased) {
  std::vector<Layer> kept;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (!erased[i]) kept.push_back(std::move(graph.layers[i]));
  }
  graph.layers = std::move(kept);
  graph = kernels::compact(graph);
}

void erase_layer(Graph& graph, std::size_t index) {
  std::vector<bool> erased(graph.layers.size(), false);
  erased.at(index) = true;
  erase_layers(graph, erased);
}

}  // namespace algean::partitioner
