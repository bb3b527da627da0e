#include <limits>

#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {
namespace {

using kernels::LayerSpec;

// The `activation` that does what the layer does; empty where none does.
std::string as_activation(const LayerSpec& spec) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double low = 0;
  double high = infinity;
  if (spec.operation == "clip") {
    low = spec.attributes.real_or("low", -infinity);
    high = spec.attributes.real_or("high", infinity);
  } else if (spec.operation == "relu" && spec.attributes.real_or("negative_slope", 0) == 0 &&
             spec.attributes.real_or("threshold", 0) == 0) {
    high = spec.attributes.real_or("max_value", infinity);
  } else {
    return {};
  }
  if (low == -1 && high == 1) return "relu_n1_to_1";
  if (low != 0) return {};
  if (high >= static_cast<double>(std::numeric_limits<float>::max())) return "relu";
  return high == 6 ? "relu6" : "";
}

}  // namespace

Result<> fuse_relu(kernels::Graph& graph, kernels::Families families) {
  Wires wires(graph);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const kernels::Layer& relu = graph.layers[i];
    const std::string activation = as_activation(relu.spec);
    if (activation.empty() || !is_float(graph, relu)) continue;
    const auto before = wires.producer(relu.inputs[0]);
    if (!before || wires.sole_reader(relu.inputs[0]) != i) continue;
    kernels::Layer& layer = graph.layers[*before];
    if (!is_float(graph, layer) || layer.spec.attributes.text_or("activation", "linear") != "linear") continue;
    LayerSpec fused = layer.spec;
    fused.attributes.set("activation", activation);
    // Which layers have activations, and which ones, their families say.
    const kernels::Family* family = kernels::find_family(families, fused.operation);
    if (!family->verify(fused, graph.types(layer.inputs), graph.types(layer.outputs))) continue;
    layer.spec = std::move(fused);
    wires.erase(i);
    wires.produce(*before, relu.outputs[0]);  // the relu's value survives, with the model's name for it
  }
  wires.finish();
  return {};
}

}  // namespace algean::partitioner
