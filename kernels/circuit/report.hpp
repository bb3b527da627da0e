// What a design takes, layer by layer.
#pragma once

#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"
#include "kernels/cost/reports.hpp"

namespace algean::kernels {

struct LayerReport {
  std::string layer;  // "" for what stands between layers: FIFOs, clones, repacks
  std::string operation;
  std::string module;  // "layer_conv1_3fa2"
  Folding folding;
  Cycles cycles;
  std::int64_t multipliers = 0;  // products a cycle
  Resources resources;           // predicted (kernels/cost), or
  bool measured = false;         // as a vendor's tool says
};

// A row a layer, in the graph's order, and one for what stands between them where there is anything. What was measured
// of a layer's module takes the place of what is predicted, but for which DSPs requantise. bad_input names a module
// that kernels/cost does not know.
Result<std::vector<LayerReport>> report(const Design& design, const Graph& graph, const Measured& measured = {});

}  // namespace algean::kernels
