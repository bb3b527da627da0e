#include <algorithm>
#include <array>

#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::ValueId;

constexpr std::array<std::string_view, 4> elementwise = {"relu", "leaky_relu", "sigmoid", "tanh"};
constexpr std::array<std::string_view, 3> along_last_axis = {"dense", "softmax", "batch_norm"};

bool is_one_of(std::span<const std::string_view> operations, const Layer& layer) {
  return std::ranges::find(operations, layer.spec.operation) != operations.end();
}

const Shape& shape(const Graph& graph, ValueId id) { return graph.values[id].type.shape; }

// What reads a reshape's output may read its input, which has the same shape. Not from an input straight to an output.
bool remove_identity(Graph& graph, std::size_t index) {
  const ValueId from = graph.layers[index].inputs[0];
  const ValueId to = graph.layers[index].outputs[0];
  if (shape(graph, from) != shape(graph, to)) return false;
  if (!graph.is_output(to)) {
    rewire(graph, to, from);
  } else if (is_input(graph, from)) {
    return false;
  } else {  // the output keeps its value's name: its producer makes it, and whoever read `from` reads it
    std::ranges::replace(graph.layers[*producer_index(graph, from)].outputs, from, to);
    graph.layers[index].outputs[0] = from;
    rewire(graph, from, to);
  }
  erase_layer(graph, index);
  return true;
}

// The shapes that the layers from `index`'s reader on take when they read the reshape's input instead, up to the next
// reshape, which makes its own shape of any. None when a layer on the way cares, or something else reads a value.
std::optional<std::vector<std::pair<ValueId, Shape>>> shapes_without(const Graph& graph, std::size_t index,
                                                                     kernels::Families families) {
  std::vector<std::pair<ValueId, Shape>> result;
  Shape now = shape(graph, graph.layers[index].inputs[0]);
  ValueId at = graph.layers[index].outputs[0];
  for (auto next = sole_reader(graph, at); next; next = sole_reader(graph, at)) {
    const Layer& layer = graph.layers[*next];
    if (layer.spec.operation == "reshape") return result;
    const bool same_channels =
        now.rank() > 0 && shape(graph, at).rank() > 0 && now.channels() == shape(graph, at).channels();
    if (!is_one_of(elementwise, layer) && !(same_channels && is_one_of(along_last_axis, layer))) return std::nullopt;
    const TensorType input{ElementType::float32(), now};
    const auto inferred = kernels::find_family(families, layer.spec.operation)->infer(layer.spec, {&input, 1});
    if (!inferred) return std::nullopt;
    now = inferred->at(0);
    at = layer.outputs[0];
    result.emplace_back(at, now);
  }
  return std::nullopt;
}

bool remove_relabelling(Graph& graph, std::size_t index, kernels::Families families) {
  const auto shapes = shapes_without(graph, index, families);
  if (!shapes) return false;
  for (const auto& [id, now] : *shapes) graph.values[id].type.shape = now;
  rewire(graph, graph.layers[index].outputs[0], graph.layers[index].inputs[0]);
  erase_layer(graph, index);
  return true;
}

}  // namespace

Result<> remove_reshape(Graph& graph, kernels::Families families) {
  for (std::size_t i = 0; i < graph.layers.size();) {
    const bool removed = graph.layers[i].spec.operation == "reshape" &&
                         (remove_identity(graph, i) || remove_relabelling(graph, i, families));
    i = removed ? 0 : i + 1;  // a removal may turn an earlier reshape into one that changes nothing
  }
  return {};
}

}  // namespace algean::partitioner
