#include "partitioner/passes/edit.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {
namespace {

// max(x, 0), without Keras' additions.
bool is_plain_relu(const kernels::LayerSpec& spec) {
  return spec.operation == "relu" && !spec.attributes.has("max_value") &&
         spec.attributes.real_or("negative_slope", 0) == 0 && spec.attributes.real_or("threshold", 0) == 0;
}

}  // namespace

Result<> fuse_relu(kernels::Graph& graph, kernels::Families) {
  Wires wires(graph);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const kernels::Layer& relu = graph.layers[i];
    if (!is_plain_relu(relu.spec) || !is_float(graph, relu)) continue;
    const auto before = wires.producer(relu.inputs[0]);
    if (!before || wires.sole_reader(relu.inputs[0]) != i) continue;
    kernels::Layer& dense = graph.layers[*before];
    if (dense.spec.operation != "dense" || dense.spec.attributes.text_or("activation", "linear") != "linear") continue;
    dense.spec.attributes.set("activation", std::string("relu"));
    wires.erase(i);
    wires.produce(*before, relu.outputs[0]);  // the relu's value survives, with the model's name for it
  }
  wires.finish();
  return {};
}

}  // namespace algean::partitioner
