#include "partitioner/passes/histogram.hpp"

#include <algorithm>
#include <cmath>

#include "partitioner/passes/quantise.hpp"

namespace algean::partitioner {

using kernels::Range;

Histogram::Histogram(Range seen) : seen_(seen), width_((seen.high - seen.low) / static_cast<double>(bins)) {}

void Histogram::count(std::span<const float> values) {
  for (const float value : values) {
    if (value == 0) {
      ++zeros_;
      continue;
    }
    const double position = width_ > 0 ? (static_cast<double>(value) - seen_.low) / width_ : 0;
    ++counts_.at(static_cast<std::size_t>(std::clamp(position, 0.0, static_cast<double>(bins - 1))));
  }
}

void Histogram::add(const Histogram& other) {
  for (std::size_t bin = 0; bin < bins; ++bin) counts_.at(bin) += other.counts_.at(bin);
  zeros_ += other.zeros_;
}

Range Histogram::percentile(double percent) const {
  std::uint64_t total = zeros_;
  for (const std::uint64_t count : counts_) total += count;
  const auto cut = static_cast<std::uint64_t>(static_cast<double>(total) * (100 - percent) / 200);
  const auto zero_bin =
      static_cast<std::size_t>(std::clamp(width_ > 0 ? -seen_.low / width_ : 0, 0.0, static_cast<double>(bins - 1)));
  const auto in_bin = [&](std::size_t bin) { return counts_.at(bin) + (bin == zero_bin ? zeros_ : 0); };
  std::size_t first = 0;
  for (std::uint64_t below = in_bin(0); below <= cut && first + 1 < bins; below += in_bin(first)) ++first;
  std::size_t last = bins - 1;
  for (std::uint64_t above = in_bin(last); above <= cut && last > first; above += in_bin(last)) --last;
  return {seen_.low + static_cast<double>(first) * width_,
          std::min(seen_.high, seen_.low + static_cast<double>(last + 1) * width_)};
}

double Histogram::squared_error(Range range) const {
  const Quantisation q = *activation_type(range).quantisation();
  const double inverse_scale = 1 / q.scale();
  double sum = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    if (counts_[bin] == 0) continue;
    const double real = centre(bin);
    const double integer = std::clamp(std::floor(real * inverse_scale + 0.5) + q.zero_point(), -128.0, 127.0);
    const double error = q.scale() * (integer - q.zero_point()) - real;
    sum += static_cast<double>(counts_[bin]) * error * error;
  }
  return sum;
}

Range Histogram::least_error() const {
  constexpr int steps = 128;
  const Range whole{std::min(seen_.low, 0.0), std::max(seen_.high, 0.0)};
  Range best = whole;
  double least = squared_error(best);
  for (bool gained = true; gained;) {
    gained = false;
    for (double Range::* end : {&Range::low, &Range::high}) {
      for (int step = 1; step <= steps; ++step) {
        Range range = best;
        range.*end = whole.*end * step / steps;
        const double error = squared_error(range);
        if (error >= least) continue;
        least = error;
        best = range;
        gained = true;
      }
    }
  }
  return best;
}

}  // namespace algean::partitioner
