#include "cluster/cli/metrics.hpp"

#include <algorithm>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::cluster {

std::size_t argmax(std::span<const float> values) {
  ALGEAN_INVARIANT(!values.empty());
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

std::int64_t predicted_class(std::span<const float> output) {
  if (output.size() == 1) return output[0] >= 0.5F ? 1 : 0;
  return static_cast<std::int64_t>(argmax(output));
}

double mean_squared_error(std::span<const float> a, std::span<const float> b) {
  ALGEAN_INVARIANT(a.size() == b.size() && !a.empty());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum / static_cast<double>(a.size());
}

double area_under_curve(std::span<const double> scores, std::span<const std::int64_t> labels) {
  ALGEAN_INVARIANT(scores.size() == labels.size());
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });
  double positive_ranks = 0;
  std::size_t positives = 0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1;
    while (last < order.size() && scores[order[last]] == scores[order[first]]) ++last;
    const double mid_rank = static_cast<double>(first + 1 + last) / 2;
    for (; first < last; ++first) {
      if (labels[order[first]] != 1) continue;
      positive_ranks += mid_rank;
      ++positives;
    }
  }
  const auto n1 = static_cast<double>(positives);
  const auto n0 = static_cast<double>(scores.size() - positives);
  ALGEAN_INVARIANT(n0 > 0 && n1 > 0);
  return (positive_ranks - n1 * (n1 + 1) / 2) / (n0 * n1);
}

}  // namespace algean::cluster
