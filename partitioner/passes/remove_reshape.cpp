#include <algorithm>
#include <array>

#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::ValueId;

constexpr std::array<std::string_view, 24> elementwise = {
    "relu",   "leaky_relu",  "sigmoid",    "tanh",     "elu",      "selu",   "hard_sigmoid", "hard_swish",
    "swish",  "gelu",        "softplus",   "softsign", "absolute", "negate", "exponential",  "logarithm",
    "square", "square_root", "reciprocal", "erf",      "power",    "clip",   "affine",       "requantise"};
constexpr std::array<std::string_view, 3> along_last_axis = {"dense", "softmax", "batch_norm"};

bool is_one_of(std::span<const std::string_view> operations, const Layer& layer) {
  return std::ranges::find(operations, layer.spec.operation) != operations.end();
}

const Shape& shape(const Graph& graph, ValueId id) { return graph.values[id].type.shape; }

// What reads a reshape's output may read its input, which has the same shape. Not from an input straight to an output.
bool remove_identity(Graph& graph, Wires& wires, std::size_t index) {
  const ValueId from = graph.layers[index].inputs[0];
  const ValueId to = graph.layers[index].outputs[0];
  if (shape(graph, from) != shape(graph, to)) return false;
  if (!wires.is_output(to)) {
    wires.erase(index);
    wires.rewire(to, from);
    return true;
  }
  const auto producer = wires.producer(from);
  if (!producer || graph.layers[*producer].outputs.size() != 1) return false;
  // The output keeps its value's name: its producer makes it, and whoever read `from` reads it.
  wires.erase(index);
  wires.produce(*producer, to);
  wires.rewire(from, to);
  return true;
}

// A layer whose one output takes another shape.
struct Reshaped {
  std::size_t layer;
  Shape shape;
};

// What the layers from `index`'s reader on make when they read the reshape's input instead, up to the next reshape,
// which makes its own shape of any. None when a layer on the way cares, or something else reads a value.
std::optional<std::vector<Reshaped>> shapes_without(const Graph& graph, const Wires& wires, std::size_t index,
                                                    kernels::Families families) {
  std::vector<Reshaped> result;
  Shape now = shape(graph, graph.layers[index].inputs[0]);
  ValueId at = graph.layers[index].outputs[0];
  for (auto next = wires.sole_reader(at); next; next = wires.sole_reader(at)) {
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
    result.push_back({*next, now});
  }
  return std::nullopt;
}

bool remove_relabelling(Graph& graph, Wires& wires, std::size_t index, kernels::Families families) {
  const auto reshaped = shapes_without(graph, wires, index, families);
  if (!reshaped) return false;
  for (const auto& [layer, now] : *reshaped) {
    graph.values[graph.layers[layer].outputs[0]].type.shape = now;
    kernels::Attributes& attributes = graph.layers[layer].spec.attributes;
    if (attributes.has("axis")) attributes.set("axis", std::int64_t{-1});  // the last one, of whatever rank
  }
  wires.erase(index);
  wires.rewire(graph.layers[index].outputs[0], graph.layers[index].inputs[0]);
  return true;
}

}  // namespace

Result<> remove_reshape(Graph& graph, kernels::Families families) {
  Wires wires(graph);
  // A removal changes shapes behind it only, so that one sweep does nearly all; the next one finds what became the only
  // reader of its value meanwhile.
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < graph.layers.size(); ++i) {
      const Layer& layer = graph.layers[i];
      if (wires.is_erased(i) || layer.spec.operation != "reshape" || !is_float(graph, layer)) continue;
      if (remove_identity(graph, wires, i) || remove_relabelling(graph, wires, i, families)) changed = true;
    }
  }
  wires.finish();
  return {};
}

}  // namespace algean::partitioner
