// A test set's labels and what a network's answers are worth against them.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "cluster/cli/batch.hpp"
#include "cluster/cli/json.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

enum class Metric : std::uint8_t {
  accuracy,  // share of inferences whose class is the label
  auc,       // of the reconstruction error as the score of label 1 (an anomaly) against label 0
  score,     // mean reconstruction error; needs no labels
};

[[nodiscard]] std::string_view to_text(Metric metric);

// Integers from a .npy, .npz or .csv of one array [N] or [N,1]; `count` of them. bad_input names the file and the rule.
Result<std::vector<std::int64_t>> read_labels(const std::filesystem::path& file, std::size_t count);

// "accuracy", "auc" or "score"; "auto": auc if the output has the input's shape and every label is 0 or 1, accuracy for
// any other labels, score without labels. bad_input where the metric does not fit the network or the labels.
Result<Metric> choose_metric(std::string_view text, std::span<const Port> inputs, std::span<const Port> outputs,
                             std::span<const std::int64_t> labels);

// What the metric says of one way to compute the network.
struct Score {
  double value = 0;                   // accuracy, area under the curve, or mean reconstruction error
  std::size_t correct = 0;            // of accuracy
  std::optional<double> mean_normal;  // mean reconstruction error of label 0, of auc
  std::optional<double> mean_anomalous;
};

// `outputs` is [N, ...] for the first output port. failed where a reconstruction error is no number.
Result<Score> score(Metric metric, const Batch& inputs, const Tensor& outputs, std::span<const std::int64_t> labels);

Json to_json(Metric metric, const Score& score);

}  // namespace algean::cluster
