// How a module's resources follow from its parameters: exact counts where synthesis is deterministic, and sums of terms
// with fitted weights for LUTs and flip-flops.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "kernels/family/netlist.hpp"
#include "kernels/family/resources.hpp"

namespace algean::kernels::cost {

using Terms = std::vector<double>;

struct Model {
  std::string_view module;
  // DSPs, BRAM and URAM; its lut and ff stay 0.
  Resources (*exact)(const ModuleInstance& instance);
  // Terms whose weighted sums are the LUTs and the flip-flops; always as many.
  Terms (*luts)(const ModuleInstance& instance);
  Terms (*ffs)(const ModuleInstance& instance);
};

// Weights of a model's terms, as data/modules.csv gives them (tests/tools/fit_cost.cpp).
struct Weights {
  std::string_view module;
  std::vector<double> luts;
  std::vector<double> ffs;
};

// The list of models, and that of weights, in the same order.
std::span<const Model> models();
std::span<const Weights> weights();

// Sum of terms by weights, rounded, at least 0.
std::int64_t weigh(const Terms& terms, std::span<const double> weights);

}  // namespace algean::kernels::cost
