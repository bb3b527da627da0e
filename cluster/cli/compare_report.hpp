// A comparison for people and for scripts.
#pragma once

#include <string>

#include "cluster/cli/json.hpp"
#include "partitioner/compare/compare.hpp"

namespace algean::cluster {

// One line a tensor: its layer, the node of that (where a source knows nodes), its error against the float reference
// (where there is one), and what each source says of it.
std::string comparison_table(const partitioner::CompareReport& report);

// "cluster and integer reference: equal, bit for bit, over 20 inferences", or where they differ first.
std::string verdict(const partitioner::CompareReport& report, const partitioner::SourceReport& source);

Json to_json(const partitioner::CompareReport& report);

}  // namespace algean::cluster
