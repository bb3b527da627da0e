#include "cluster/cli/latency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::cluster {

std::int64_t quantile(std::span<const std::int64_t> sorted_ns, double q) {
  ALGEAN_INVARIANT(!sorted_ns.empty() && q > 0 && q <= 1);
  const auto size = static_cast<double>(sorted_ns.size());
  // The small term keeps 0.9 * 10 from becoming rank 10 by its rounding error.
  const auto rank = static_cast<std::size_t>(std::ceil(q * size - 1e-9 * size));
  return sorted_ns[std::clamp<std::size_t>(rank, 1, sorted_ns.size()) - 1];
}

LatencySummary summarise(std::span<std::int64_t> samples_ns) {
  LatencySummary summary;
  if (samples_ns.empty()) return summary;
  std::ranges::sort(samples_ns);
  summary.count = samples_ns.size();
  summary.mean_ns = std::accumulate(samples_ns.begin(), samples_ns.end(), 0.0) / static_cast<double>(samples_ns.size());
  summary.min_ns = samples_ns.front();
  summary.p50_ns = quantile(samples_ns, 0.5);
  summary.p90_ns = quantile(samples_ns, 0.9);
  summary.p99_ns = quantile(samples_ns, 0.99);
  summary.p99_9_ns = quantile(samples_ns, 0.999);
  summary.max_ns = samples_ns.back();
  return summary;
}

std::string duration_text(double ns) {
  if (ns < 0) return fmt::format("-{}", duration_text(-ns));
  if (ns < 1e3) return fmt::format("{:.0f} ns", ns);
  if (ns < 1e6) return fmt::format("{:.2f} us", ns / 1e3);
  if (ns < 1e9) return fmt::format("{:.2f} ms", ns / 1e6);
  return fmt::format("{:.2f} s", ns / 1e9);
}

Json to_json(const LatencySummary& summary) {
  return {{"count", summary.count},       {"mean_ns", summary.mean_ns}, {"min_ns", summary.min_ns},
          {"p50_ns", summary.p50_ns},     {"p90_ns", summary.p90_ns},   {"p99_ns", summary.p99_ns},
          {"p99_9_ns", summary.p99_9_ns}, {"max_ns", summary.max_ns}};
}

std::string histogram(std::span<const std::int64_t> sorted_ns, std::size_t rows, std::size_t columns) {
  if (sorted_ns.empty() || rows < 2) return "";
  const double low = std::max(1.0, static_cast<double>(sorted_ns.front()));
  const double high = std::max(low * 1.01, static_cast<double>(quantile(sorted_ns, 0.99)) + 1);
  const double ratio = std::pow(high / low, 1 / static_cast<double>(rows - 1));
  std::vector<double> limits;  // upper ends; the last bucket takes the rest
  for (std::size_t i = 1; i < rows; ++i) limits.push_back(low * std::pow(ratio, static_cast<double>(i)));
  std::vector<std::size_t> counts(rows);
  for (const std::int64_t sample : sorted_ns) {
    const auto bucket = std::ranges::upper_bound(limits, static_cast<double>(sample));
    ++counts[static_cast<std::size_t>(bucket - limits.begin())];
  }
  const std::size_t most = *std::ranges::max_element(counts);
  std::string lines;
  for (std::size_t i = 0; i < rows; ++i) {
    if (i + 1 == rows && counts[i] == 0) break;
    const std::string label = i + 1 == rows ? "more" : "< " + duration_text(limits[i]);
    const std::size_t length = (counts[i] * columns + most - 1) / most;
    lines += fmt::format("{:>12}  {:<{}}  {}\n", label, std::string(length, '#'), columns, counts[i]);
  }
  return lines;
}

}  // namespace algean::cluster
