// Which folding each layer gets: the cheapest that is fast enough.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"

namespace algean::kernels {

struct FoldingGoal {
  // Cycles from one inference to the next; without it every layer is as small as can be.
  std::optional<std::int64_t> interval_cycles;
  // Of these layers instead: cycles for a row (pixel) of the output, that is how often a multiplier is used for it.
  std::map<std::string, std::int64_t> reuse_factors;
  HardwareOptions options;
};

// For each layer of a verified graph of integers. bad_input names the layer that has no hardware, or none that is fast
// enough (and how fast it can be), and a reuse factor for a layer that is not there.
Result<std::vector<LayerHardware>> choose_foldings(const Graph& graph, Families families, const FoldingGoal& goal);

}  // namespace algean::kernels
