#include <algorithm>

#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;

using Permutation = std::vector<std::int64_t>;

std::optional<Permutation> permutation_of(const Graph& graph, const Layer& layer) {
  if (layer.spec.operation != "transpose" || !is_float(graph, layer)) return std::nullopt;
  auto permutation = layer.spec.attributes.integers("permutation");
  return permutation ? std::optional(*std::move(permutation)) : std::nullopt;
}

// Elements stay in their order: the axes of more than one index do. A reshape says that at no cost.
bool only_relabels(const Permutation& permutation, const Shape& from) {
  std::int64_t last = -1;
  for (const std::int64_t axis : permutation) {
    if (from[static_cast<std::size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

// The transpose reads what the one before it reads, and does what both do.
bool merge_with_before(Graph& graph, Wires& wires, std::size_t index, const Permutation& second) {
  const auto before = wires.producer(graph.layers[index].inputs[0]);
  if (!before) return false;
  const auto first = permutation_of(graph, graph.layers[*before]);
  if (!first || first->size() != second.size()) return false;
  Permutation both;
  for (const std::int64_t axis : second) both.push_back((*first)[static_cast<std::size_t>(axis)]);
  graph.layers[index].spec.attributes.set("permutation", both);
  wires.read(index, 0, graph.layers[*before].inputs[0]);
  return true;
}

}  // namespace

Result<> merge_transposes(Graph& graph, kernels::Families families) {
  Wires wires(graph);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (auto permutation = permutation_of(graph, graph.layers[i]);
         permutation && merge_with_before(graph, wires, i, *permutation);) {
      permutation = permutation_of(graph, graph.layers[i]);
    }
    Layer& layer = graph.layers[i];
    const auto permutation = permutation_of(graph, layer);
    if (!permutation || !only_relabels(*permutation, graph.values[layer.inputs[0]].type.shape)) continue;
    const auto extents = graph.values[layer.outputs[0]].type.shape.extents();
    layer.spec.operation = "reshape";
    layer.spec.attributes = {{"shape", std::vector<std::int64_t>(extents.begin(), extents.end())}};
  }
  wires.finish();
  return remove_dead(graph, families);  // transposes that nothing reads any more
}

}  // namespace algean::partitioner
