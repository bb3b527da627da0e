// A network complete in hardware, on real inputs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"
#include "kernels/circuit/project.hpp"
#include "kernels/circuit/report.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "tests/rtl/harness/simulation.hpp"

namespace algean::rtl {

namespace fs = std::filesystem;

// ../shared/models, or none.
std::optional<fs::path> shared_models();
// A file of examples/.
fs::path example(const std::string& file);

// Loads a network of integers; a failure of the test where that goes wrong.
std::optional<partitioner::Loaded> load_network(const fs::path& net, const partitioner::LoadOptions& options = {});

// Inferences of real numbers for a network of one input as its integers, and the program's answers.
kernels::Vectors vectors_of(const kernels::Graph& graph, const std::vector<Tensor>& real);

struct NetworkRun {
  kernels::Design design;
  std::vector<kernels::LayerReport> rows;
  std::int64_t multipliers = 0;
  std::int64_t dsp_multiply = 0;
  std::int64_t dsp_requantise = 0;
  double build_s = 0;
  Run run;
};

// The network at an interval: built in the build folder's rtl/NAME, then run; every output equals the expected one.
// None (and a failure of the test) where anything goes wrong.
std::optional<NetworkRun> run_network(const std::string& name, const kernels::Graph& graph, std::int64_t interval,
                                      const kernels::Vectors& vectors, const BuildOptions& build,
                                      const Pattern& pattern = {});

// One line of what it took, on standard output.
void print(const std::string& name, const NetworkRun& run);

}  // namespace algean::rtl
