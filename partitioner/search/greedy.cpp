#include <algorithm>
#include <numeric>

#include "partitioner/search/search.hpp"

namespace algean::partitioner {
namespace {

constexpr double rounding = 1 + 1e-9;  // sums of the same numbers in another order

// MACs that a node may be given for one inference.
double capacity(const Problem& problem, std::size_t node, double interval_s) {
  return node_fill * problem.speeds_gmacs[node] * 1e9 * interval_s * rounding;
}

// The node of each layer, or nothing where not all fits.
std::optional<std::vector<std::size_t>> fill(const Problem& problem, double interval_s) {
  std::vector<double> load(problem.speeds_gmacs.size(), 0);
  for (std::size_t i = 0; i < problem.work.size(); ++i) {
    if (problem.live[i] && problem.pins[i]) load[*problem.pins[i]] += problem.work[i];
  }
  for (std::size_t node = 0; node < load.size(); ++node) {
    if (load[node] > capacity(problem, node, interval_s)) return std::nullopt;
  }
  std::vector<std::size_t> nodes(problem.work.size(), 0);
  std::size_t now = 0;
  for (std::size_t i = 0; i < problem.work.size(); ++i) {
    nodes[i] = problem.pins[i].value_or(now);
    if (problem.pins[i] || !problem.live[i]) continue;
    while (load[now] + problem.work[i] > capacity(problem, now, interval_s)) {
      if (++now == load.size()) return std::nullopt;
    }
    load[now] += problem.work[i];
    nodes[i] = now;
  }
  return nodes;
}

// The least interval, to a millionth, at which all fits. Everything fits on the slowest node if that has the time.
double least_interval(const Problem& problem) {
  const double total = std::accumulate(problem.work.begin(), problem.work.end(), 0.0);
  double fits = total / (node_fill * 1e9 * *std::ranges::min_element(problem.speeds_gmacs));
  double too_short = 0;
  while (fits - too_short > 1e-6 * fits) {
    const double middle = (fits + too_short) / 2;
    (fill(problem, middle) ? fits : too_short) = middle;
  }
  return fits;
}

}  // namespace

Result<Assignment> greedy(const Problem& problem) {
  ALGEAN_INVARIANT(!problem.speeds_gmacs.empty());
  if (problem.inferences_per_s) {
    const double interval_s = 1 / *problem.inferences_per_s;
    if (auto nodes = fill(problem, interval_s)) return Assignment{*std::move(nodes), interval_s};
    return bad_input(
        "{:.6g} inferences/s do not fit: each node filled to {:.0f} %, these nodes do {:.6g} inferences/s of this "
        "network in this order",
        *problem.inferences_per_s, 100 * node_fill, 1 / least_interval(problem));
  }
  const double interval_s = least_interval(problem);
  auto nodes = fill(problem, interval_s);
  ALGEAN_INVARIANT(nodes.has_value());
  return Assignment{*std::move(nodes), interval_s};
}

}  // namespace algean::partitioner
