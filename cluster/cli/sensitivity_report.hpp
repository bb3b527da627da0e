// A sensitivity report for people and for scripts.
#pragma once

#include <string>

#include "cluster/cli/json.hpp"
#include "partitioner/compare/sensitivity.hpp"

namespace algean::cluster {

// A line for each layer, the one that costs the network most first, and one for all of them together. `classes`: the
// network tells classes, so that a largest element which moves is worth a column.
[[nodiscard]] std::string sensitivity_table(const partitioner::SensitivityReport& report, bool classes);

// In the order of the graph.
[[nodiscard]] Json to_json(const partitioner::SensitivityReport& report);

}  // namespace algean::cluster
