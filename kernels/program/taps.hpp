#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::kernels {

// The values of these names; bad_input for one that the graph does not have.
Result<std::vector<ValueId>> find_taps(const Graph& graph, std::span<const std::string> names);

}  // namespace algean::kernels
