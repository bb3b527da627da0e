// Where an inference's time goes, for people and for scripts.
#pragma once

#include <cstddef>
#include <string>

#include "cluster/cli/json.hpp"
#include "cluster/inspect/way.hpp"

namespace algean::cluster {

struct TimeReport {
  Way way;
  double mean_ns = 0;          // request to reply, of the same inferences
  std::size_t inferences = 0;  // that were traced
  // What is left for the client, for sending, and for what nobody measures.
  [[nodiscard]] double rest_ns() const { return mean_ns - way.ns; }
};

// The steps of the longest way in order, what is left, and their sum; then steps that take less than others beside
// them.
std::string time_table(const TimeReport& report);
Json to_json(const TimeReport& report);

}  // namespace algean::cluster
