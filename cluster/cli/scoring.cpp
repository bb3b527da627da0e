#include "cluster/cli/scoring.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cluster/cli/metrics.hpp"

namespace algean::cluster {
namespace {

bool is_binary(std::span<const std::int64_t> labels) {
  return std::ranges::all_of(labels, [](std::int64_t label) { return label == 0 || label == 1; });
}

bool rebuilds_its_input(std::span<const Port> inputs, std::span<const Port> outputs) {
  return inputs.size() == 1 && outputs.size() == 1 &&
         inputs[0].type.shape.elements() == outputs[0].type.shape.elements();
}

Result<> check_auc(std::span<const std::int64_t> labels) {
  if (labels.empty()) return bad_input("the metric auc needs --labels");
  if (!is_binary(labels)) return bad_input("the metric auc needs labels of 0 (normal) and 1 (anomalous)");
  const auto anomalies = std::accumulate(labels.begin(), labels.end(), std::int64_t{0});
  if (anomalies == 0 || anomalies == static_cast<std::int64_t>(labels.size())) {
    return bad_input("the metric auc needs both labels, but all are {}", labels[0]);
  }
  return {};
}

Result<> check_accuracy(std::span<const Port> outputs, std::span<const std::int64_t> labels) {
  if (labels.empty()) return bad_input("the metric accuracy needs --labels");
  const std::int64_t classes = std::max<std::int64_t>(2, outputs[0].type.shape.elements());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) {
      return bad_input("label {} is {}, but the network tells the classes 0 to {}", i, labels[i], classes - 1);
    }
  }
  return {};
}

// Real numbers of inference `index` of an array [N, ...].
std::span<const float> row(std::span<const float> values, std::size_t count, std::size_t index) {
  const std::size_t size = values.size() / count;
  return values.subspan(index * size, size);
}

Score score_classes(std::span<const float> outputs, std::span<const std::int64_t> labels) {
  Score score;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (predicted_class(row(outputs, labels.size(), i)) == labels[i]) ++score.correct;
  }
  score.value = static_cast<double>(score.correct) / static_cast<double>(labels.size());
  return score;
}

double mean_of(std::span<const double> errors, std::span<const std::int64_t> labels, std::int64_t label) {
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (labels[i] != label) continue;
    sum += errors[i];
    count += 1;
  }
  return sum / count;
}

}  // namespace

std::string_view to_text(Metric metric) {
  switch (metric) {
    case Metric::accuracy:
      return "accuracy";
    case Metric::auc:
      return "auc";
    case Metric::score:
      return "score";
  }
  return "";
}

Result<std::vector<std::int64_t>> read_labels(const std::filesystem::path& file, std::size_t count) {
  ALGEAN_ASSIGN(const auto arrays, read_arrays(file));
  const auto wrong = [&](const std::string& rule) { return bad_input("{}: labels: {}", file.string(), rule); };
  if (arrays.size() != 1) return wrong(fmt::format("one array is expected, the file has {}", arrays.size()));
  const Tensor& tensor = arrays[0].tensor;
  const auto size = static_cast<std::size_t>(tensor.shape().elements());
  const bool column = tensor.shape().rank() == 1 || (tensor.shape().rank() == 2 && tensor.shape()[1] == 1);
  if (!column) return wrong(fmt::format("[N] or [N,1] is expected, not {}", tensor.type().text()));
  if (size != count) return wrong(fmt::format("{} of them for {} inferences", size, count));
  std::vector<std::int64_t> labels(size);
  for (std::size_t i = 0; i < size; ++i) {
    if (tensor.type().element.is_integer()) {
      labels[i] = tensor.integer_at(i);
      continue;
    }
    const float real = tensor.elements<float>()[i];
    if (!(std::fabs(real) < 0x1p24F) || real != std::trunc(real)) {
      return wrong(fmt::format("element {} is {}, which is no integer", i, real));
    }
    labels[i] = static_cast<std::int64_t>(real);
  }
  return labels;
}

Result<Metric> choose_metric(std::string_view text, std::span<const Port> inputs, std::span<const Port> outputs,
                             std::span<const std::int64_t> labels) {
  const bool rebuilds = rebuilds_its_input(inputs, outputs);
  Metric metric = labels.empty() ? Metric::score : Metric::accuracy;
  if (!labels.empty() && rebuilds && is_binary(labels)) metric = Metric::auc;
  if (text != "auto") metric = text == "accuracy" ? Metric::accuracy : text == "auc" ? Metric::auc : Metric::score;
  if (outputs.size() != 1) return bad_input("evaluate takes networks of one output; this one has {}", outputs.size());
  if (metric != Metric::accuracy && !rebuilds) {
    return bad_input("the metric {} compares the output with the input, but {} are not as many elements as {}{}",
                     to_text(metric), outputs[0].type.shape.text(), inputs[0].type.shape.text(),
                     labels.empty() ? " (--labels is missing)" : "");
  }
  if (metric == Metric::accuracy) ALGEAN_TRY(check_accuracy(outputs, labels));
  if (metric == Metric::auc) ALGEAN_TRY(check_auc(labels));
  return metric;
}

Result<Score> score(Metric metric, const Batch& inputs, const Tensor& outputs, std::span<const std::int64_t> labels) {
  const std::vector<float> answers = real_values(outputs);
  if (metric == Metric::accuracy) return score_classes(answers, labels);
  const std::vector<float> given = real_values(inputs.tensors.front());
  std::vector<double> errors(inputs.count);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    errors[i] = mean_squared_error(row(given, inputs.count, i), row(answers, inputs.count, i));
    if (!std::isfinite(errors[i])) return failed("inference {}: the reconstruction error is {}", i, errors[i]);
  }
  Score result;
  if (metric == Metric::score) {
    result.value = std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  } else {
    result.value = area_under_curve(errors, labels);
    result.mean_normal = mean_of(errors, labels, 0);
    result.mean_anomalous = mean_of(errors, labels, 1);
  }
  return result;
}

Json to_json(Metric metric, const Score& score) {
  Json document{{to_text(metric), score.value}};
  if (metric == Metric::accuracy) document["correct"] = score.correct;
  if (score.mean_normal) document["mean_score_normal"] = *score.mean_normal;
  if (score.mean_anomalous) document["mean_score_anomalous"] = *score.mean_anomalous;
  return document;
}

}  // namespace algean::cluster
