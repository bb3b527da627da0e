// Statistics of measured latencies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "cluster/cli/json.hpp"

namespace algean::cluster {

struct LatencySummary {
  std::size_t count = 0;
  double mean_ns = 0;
  std::int64_t min_ns = 0;
  std::int64_t p50_ns = 0;
  std::int64_t p90_ns = 0;
  std::int64_t p99_ns = 0;
  std::int64_t p99_9_ns = 0;
  std::int64_t max_ns = 0;
};

// Nearest-rank quantile: the smallest sample that at least q * n of the n samples do not exceed. 0 < q <= 1; sorted and
// not empty.
std::int64_t quantile(std::span<const std::int64_t> sorted_ns, double q);

// Sorts the samples; all zero for none.
LatencySummary summarise(std::span<std::int64_t> samples_ns);

// "4.81 us", "120 ns", "1.2 ms".
std::string duration_text(double ns);

Json to_json(const LatencySummary& summary);

// Lines for a terminal: at most `rows` buckets of equal ratio from the least sample to p99, and one for the rest.
std::string histogram(std::span<const std::int64_t> sorted_ns, std::size_t rows = 16, std::size_t columns = 50);

}  // namespace algean::cluster
