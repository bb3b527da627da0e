#include "cluster/cli/layers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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

// "conv2d 3x3 / 2, depthwise + relu": window, strides where they are not 1, groups, activation.
std::string operation_text(const kernels::Graph& graph, const kernels::Layer& layer) {
  const kernels::LayerSpec& spec = layer.spec;
  const auto by = [&](std::span<const std::int64_t> numbers) { return fmt::format("{}", fmt::join(numbers, "x")); };
  std::string text = spec.operation;
  const Tensor* weight = spec.constant("weight");
  const auto window = spec.attributes.integers("window");
  if (window) {
    text += fmt::format(" {}", by(*window));
  } else if (weight != nullptr && weight->shape().rank() > 2) {
    text += fmt::format(" {}", by(weight->shape().extents().subspan(1, weight->shape().rank() - 2)));
  }
  if (const auto strides = spec.attributes.integers("strides");
      strides && std::ranges::any_of(*strides, [](std::int64_t stride) { return stride != 1; })) {
    text += fmt::format(" / {}", by(*strides));
  }
  const std::int64_t groups = spec.attributes.integer("groups").value_or(1);
  if (groups > 1) {
    const bool depthwise = groups == graph.values[layer.inputs.front()].type.shape.channels();
    text += depthwise ? ", depthwise" : fmt::format(", {} groups", groups);
  }
  const std::string activation = spec.attributes.text_or("activation", "linear");
  return activation == "linear" ? text : fmt::format("{} + {}", text, activation);
}

// "int8"; with weights of fewer bits, "int8, weights int4".
std::string type_text(const kernels::Graph& graph, const kernels::Layer& layer) {
  const std::string type = output_type(graph, layer).element.name();
  const Tensor* weight = layer.spec.constant("weight");
  if (weight == nullptr || weight->type().element.name() == type) return type;
  return fmt::format("{}, weights {}", type, weight->type().element.name());
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
    table.add({shortened(layer.spec.name), operation_text(graph, layer), type.shape.text(), type_text(graph, layer),
               std::to_string(weights(layer)), std::to_string(multiplications(graph, layer))});
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
    if (const Tensor* weight = layer.spec.constant("weight"))
      list.back()["weight_type"] = weight->type().element.name();
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
