// What quantisation costs, layer by layer: one layer of integers in a network of floats.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

// Signal to noise in dB is 10 log10(sum of squares / sum of squared errors) over all inferences; infinite where there
// is no error.
struct LayerSensitivity {
  std::string layer;  // empty: all layers together
  std::string operation;
  double layer_snr_db = 0;    // of the layer's outputs, computed in integers of the float network's own inputs
  double network_snr_db = 0;  // of the network's outputs, where that layer alone computes in integers
  std::size_t changed = 0;    // inferences in which an output has its largest element elsewhere then
};

struct SensitivityReport {
  std::size_t inferences = 0;
  std::vector<LayerSensitivity> layers;  // in the order of the graph
  LayerSensitivity all;                  // every layer in integers; layer_snr_db is network_snr_db
};

using SensitivityProgress = std::function<void(std::size_t done, std::size_t total)>;

// `integer_graph` is what quantise() made of `float_graph`: the same values and layers. inputs[i] holds float32
// [batch, extents of float_graph.inputs[i]...]. Behind each layer the float reference runs again from there on, so that
// an inference costs about layers / 2 inferences; several inferences run at a time. bad_input for inputs that do not
// fit, that are not finite, and for graphs that do not belong together.
Result<SensitivityReport> measure_sensitivity(const kernels::Graph& float_graph, const kernels::Graph& integer_graph,
                                              kernels::Families families, std::span<const Tensor> inputs,
                                              const SensitivityProgress& progress = {});

}  // namespace algean::partitioner
