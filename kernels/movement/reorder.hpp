// algean_move for any order that is a sum over the output's axes (copy.hpp); nearest resizing uses it too.
#pragma once

#include <vector>

#include "kernels/family/hardware.hpp"
#include "kernels/movement/copy.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::kernels {

struct Reorder {
  TensorType input, output;
  std::vector<AxisRuns> axes;  // outermost first
  std::int64_t filler = 0;     // code where a run is without an element
};

// Lanes that it may have: one, or more where rows of the last axis stay whole, so that beats are moved. bad_input for
// tensors above 2^20 elements.
Result<std::vector<Folding>> reorder_foldings(const Reorder& reorder);
Netlist reorder_netlist(const Reorder& reorder, std::int64_t lanes);
Cycles reorder_cycles(const Reorder& reorder, std::int64_t lanes);

}  // namespace algean::kernels
