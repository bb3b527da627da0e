#pragma once

#include <cstddef>
#include <vector>

#include "partitioner/problem/problem.hpp"

namespace algean::partitioner {

struct Assignment {
  std::vector<std::size_t> nodes;  // of each layer; of one that is not live, any
  double interval_s = 0;           // for which nodes were filled; 0 where there is no work
};

// How much of a node greedy() fills; the rest is for what costs do not know.
inline constexpr double node_fill = 0.8;

// AIgean's placement (ACM TRETS 2021): layers in topological order; a node takes them until node_fill of what it can do
// in the interval is used, then the next node does. Pinned layers lie where they must and count there first. The
// interval is that of problem.inferences_per_s (bad_input where not all fits), else the least for which all fits, found
// by bisection. Deterministic.
Result<Assignment> greedy(const Problem& problem);

}  // namespace algean::partitioner
