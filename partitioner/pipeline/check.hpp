// A network held to the check vectors of its net.json.
#pragma once

#include <optional>
#include <string>

#include "partitioner/pipeline/pipeline.hpp"

namespace algean::partitioner {

struct CheckReport {
  // The element that is farthest from what was expected; NaN is farther than any number.
  struct Worst {
    std::string output;
    std::size_t inference = 0;
    std::size_t element = 0;  // row-major
    double value = 0;
    double expected = 0;
    double difference = 0;
  };
  std::size_t inferences = 0;
  std::optional<Worst> worst;  // none where net.json's `check` has no outputs
  double tolerance = 0;

  [[nodiscard]] bool passed() const { return !worst || worst->difference <= tolerance; }
};

// Runs loaded.net's check inputs through loaded.runnable() (integers through the program, floats through the reference)
// and compares, in the form that the user gets. No report where there is no net.json or no `check` in it. bad_input for
// arrays that do not fit the network.
Result<std::optional<CheckReport>> check_vectors(const Loaded& loaded, kernels::Families families,
                                                 const Progress& progress = {});

}  // namespace algean::partitioner
