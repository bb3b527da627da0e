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
  std::vector<bool> fused(graph.layers.size(), false);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const kernels::Layer& relu = graph.layers[i];
    if (!is_plain_relu(relu.spec)) continue;
    const auto before = producer_index(graph, relu.inputs[0]);
    if (!before || sole_reader(graph, relu.inputs[0]) != i) continue;
    kernels::Layer& dense = graph.layers[*before];
    if (dense.spec.operation != "dense" || dense.spec.attributes.text_or("activation", "linear") != "linear") continue;
    dense.spec.attributes.set("activation", std::string("relu"));
    dense.outputs = relu.outputs;  // the relu's value survives, with the model's name for it
    fused[i] = true;
  }
  erase_layers(graph, fused);
  return {};
}

}  // namespace algean::partitioner
