// What narrower weights cost: the network quantised at each width, its program run over a set of inputs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cluster/cli/command.hpp"
#include "cluster/cli/scoring.hpp"
#include "partitioner/pipeline/pipeline.hpp"

namespace algean::cluster {

struct ScanOptions {
  std::string inputs;  // file; empty: net.json's check inputs, else its calibration inputs
  std::string labels;  // file; empty: none
  std::string metric = "auto";
};

// One width, or the float network.
struct ScanRow {
  int weight_bits = 0;  // 0: float32
  std::optional<Score> score;
  double agreement = 1;                 // share of inferences whose class is the float network's
  double snr_db = 0;                    // of the outputs, against the float network's; infinite where they are equal
  std::int64_t weight_bits_in_all = 0;  // of all weights and biases
};

struct Scan {
  std::size_t inferences = 0;
  std::optional<Metric> metric;  // none: no labels, and outputs that do not rebuild the inputs
  std::vector<ScanRow> rows;     // float first, then 8 bits to 2
};

// bad_input for a network that was quantised before, and for inputs or labels that do not fit.
Result<Scan> scan_widths(const partitioner::Loaded& loaded, const ScanOptions& options, Context& context);

[[nodiscard]] std::string scan_table(const Scan& scan);
[[nodiscard]] std::string scan_csv(const Scan& scan);
[[nodiscard]] std::string scan_svg(const Scan& scan, const std::string& network);
[[nodiscard]] Json to_json(const Scan& scan);

}  // namespace algean::cluster
