#include "partitioner/passes/edit.hpp"

#include <algorithm>
#include <utility>

namespace algean::partitioner {

using kernels::Graph;
using kernels::Layer;
using kernels::ValueId;

Wires::Wires(Graph& graph) : graph_(graph), wires_(graph.values.size()), erased_(graph.layers.size(), false) {
  for (const kernels::GraphPort& port : graph.inputs) wires_[port.value].is_input = true;
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) wires_[graph.outputs[i].value].output_ports.push_back(i);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (const ValueId id : graph.layers[i].inputs) wires_[id].readers.insert(i);
    for (const ValueId id : graph.layers[i].outputs) wires_[id].producer = i;
  }
}

std::optional<std::size_t> Wires::sole_reader(ValueId value) const {
  const auto& readers = wires_[value].readers;
  if (readers.size() != 1 || is_output(value)) return std::nullopt;
  return *readers.begin();
}

void Wires::rewire(ValueId from, ValueId to) {
  Wire& old = wires_[from];
  Wire& now = wires_[to];
  for (const std::size_t reader : old.readers) std::ranges::replace(graph_.layers[reader].inputs, from, to);
  for (const std::size_t port : old.output_ports) graph_.outputs[port].value = to;
  if (now.readers.size() < old.readers.size()) std::swap(now.readers, old.readers);
  now.readers.merge(old.readers);
  now.output_ports.insert(now.output_ports.end(), old.output_ports.begin(), old.output_ports.end());
  old.readers.clear();
  old.output_ports.clear();
}

void Wires::read(std::size_t layer, std::size_t input, ValueId from) {
  std::vector<ValueId>& inputs = graph_.layers[layer].inputs;
  const ValueId old = std::exchange(inputs.at(input), from);
  if (std::ranges::find(inputs, old) == inputs.end()) wires_[old].readers.erase(layer);
  wires_[from].readers.insert(layer);
}

void Wires::produce(std::size_t layer, ValueId to) {
  ValueId& output = graph_.layers[layer].outputs.at(0);
  wires_[output].producer.reset();
  wires_[to].producer = layer;
  output = to;
}

void Wires::erase(std::size_t layer) {
  for (const ValueId id : graph_.layers[layer].inputs) wires_[id].readers.erase(layer);
  for (const ValueId id : graph_.layers[layer].outputs) {
    if (wires_[id].producer == layer) wires_[id].producer.reset();
  }
  erased_[layer] = true;
}

void Wires::finish() {
  if (std::ranges::find(erased_, true) == erased_.end()) return;
  std::vector<Layer> kept;
  for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
    if (!erased_[i]) kept.push_back(std::move(graph_.layers[i]));
  }
  graph_.layers = std::move(kept);
  graph_ = kernels::compact(graph_);
}

bool is_float(const Graph& graph, const Layer& layer) {
  const auto is_float_value = [&](ValueId id) { return graph.values[id].type.element.is_float(); };
  return std::ranges::all_of(layer.inputs, is_float_value) && std::ranges::all_of(layer.outputs, is_float_value);
}

}  // namespace algean::partitioner
