// What a design takes: cycles and arithmetic, layer by layer.
#pragma once

#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"
#include "kernels/family/resources.hpp"

namespace algean::kernels {

struct LayerReport {
  std::string layer;  // "" for what stands between layers
  std::string operation;
  Folding folding;
  Cycles cycles;
  std::int64_t multipliers = 0;  // products a cycle
  std::int64_t dsp_multiply = 0;
  std::int64_t dsp_requantise = 0;
};

// A row a layer, in the graph's order. Counted from the modules' parameters; what else an FPGA holds is not in it.
std::vector<LayerReport> report(const Design& design, const Graph& graph);

}  // namespace algean::kernels
