#include "cluster/cli/layers.hpp"

#include <fmt/format.h>

namespace algean::cluster {
namespace {

const TensorType& output_type(const kernels::Graph& graph, const kernels::Layer& layer) {
  return graph.values[layer.outputs.front()].type;
}

std::string types_text(const kernels::Graph& graph, std::span<const kernels::GraphPort> ports) {
  std::string text;
  for (const kernels::GraphPort& port : ports) {
    text += (text.empty() ? "" : ", ") + graph.values[port.value].type.text();
  }
  return text;
}

}  // namespace

std::int64_t weights(const kernels::Layer& layer) {
  std::int64_t sum = 0;
  for (const char* role : {"weight", "bias"}) {
    const Tensor* constant = layer.spec.constant(role);
    if (constant != nullptr) sum += constant->shape().elements();
  }
  return sum;
}

std::int64_t multiplications(const kernels::Graph& graph, const kernels::Layer& layer) {
  const Tensor* weight = layer.spec.constant("weight");
  if (weight == nullptr || weight->shape().rank() == 0) return 0;
  const std::int64_t rows = output_type(graph, layer).shape.elements() / weight->shape()[0];
  return rows * weight->shape().elements();
}

Table layer_table(const kernels::Graph& graph) {
  Table table({{"layer"}, {"operation"}, {"output"}, {"type"}, {"weights", true}, {"MACs", true}});
  for (const kernels::Layer& layer : graph.layers) {
    const TensorType& type = output_type(graph, layer);
    const std::string activation = layer.spec.attributes.text_or("activation", "linear");
    table.add({layer.spec.name, layer.spec.operation + (activation == "linear" ? "" : " + " + activation),
               type.shape.text(), type.element.name(), std::to_string(weights(layer)),
               std::to_string(multiplications(graph, layer))});
  }
  return table;
}

Json layers_json(const kernels::Graph& graph) {
  Json list = Json::array();
  for (const kernels::Layer& layer : graph.layers) {
    const TensorType& type = output_type(graph, layer);
    const auto extents = type.shape.extents();
    list.push_back({{"name", layer.spec.name},
                    {"operation", layer.spec.operation},
                    {"shape", std::vector<std::int64_t>(extents.begin(), extents.end())},
                    {"type", type.element.name()},
                    {"weights", weights(layer)},
                    {"macs", multiplications(graph, layer)}});
  }
  return list;
}

std::string summary(const kernels::Graph& graph) {
  std::int64_t all_weights = 0;
  std::int64_t all_macs = 0;
  for (const kernels::Layer& layer : graph.layers) {
    all_weights += weights(layer);
    all_macs += multiplications(graph, layer);
  }
  return fmt::format("{} layers, {} weights, {} MACs, {} -> {}", graph.layers.size(), all_weights, all_macs,
                     types_text(graph, graph.inputs), types_text(graph, graph.outputs));
}

}  // namespace algean::cluster
