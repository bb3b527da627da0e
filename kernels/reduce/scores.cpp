// The constants of the scores.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reduce/integer.hpp"

namespace algean::kernels::reduce {
namespace {

constexpr std::int64_t max_scored = std::int64_t{1} << 20;  // elements of one mean squared error
constexpr double finest = 4096;                             // units of the larger of two scales

bool is_normal_scale(double scale) {
  return std::isfinite(scale) && scale >= std::numeric_limits<double>::min() && std::isfinite(1 / scale);
}

}  // namespace

std::optional<SquaredError> derive_squared_error(const Quantisation& a, const Quantisation& b, std::int64_t count) {
  if (count > max_scored) return std::nullopt;
  SquaredError rule;
  double unit = a.scale();
  if (a.scale() != b.scale()) {
    unit = std::max(a.scale(), b.scale()) / finest;
    rule.m0 = static_cast<std::int32_t>(std::floor(a.scale() / unit + 0.5));
    rule.m1 = static_cast<std::int32_t>(std::floor(b.scale() / unit + 0.5));
  }
  const std::int64_t largest = 255 * (std::int64_t{rule.m0} + rule.m1);  // below 2^21
  const std::int64_t sum = count * largest * largest;                    // below 2^62
  while ((sum >> rule.shift) + 1 > std::numeric_limits<std::int32_t>::max()) ++rule.shift;
  rule.scale = std::ldexp(unit * unit / static_cast<double>(count), rule.shift);
  if (!is_normal_scale(rule.scale)) return std::nullopt;
  return rule;
}

std::optional<double> derive_divergence(const Quantisation& mean, const Quantisation& log_variance,
                                        std::int64_t count) {
  double largest_mean = 0, largest_variance = 0;
  for (int code = -128; code <= 127; ++code) {
    const double m = mean.scale() * (code - mean.zero_point());
    const double v = log_variance.scale() * (code - log_variance.zero_point());
    largest_mean = std::max(largest_mean, m * m / 2);
    largest_variance = std::max(largest_variance, (std::expm1(v) - v) / 2);
  }
  // Rounding adds at most half a step to each of the 2 * count entries.
  const double steps = 0x1p30 - 2 * static_cast<double>(count);
  const double scale = (largest_mean + largest_variance) * static_cast<double>(count) / steps;
  if (steps < 1 || !is_normal_scale(scale)) return std::nullopt;
  return scale;
}

std::vector<std::int32_t> make_divergence_tables(const Quantisation& mean, const Quantisation& log_variance,
                                                 double scale) {
  std::vector<std::int32_t> tables;
  const auto put = [&](double real) { tables.push_back(static_cast<std::int32_t>(std::floor(real / scale + 0.5))); };
  for (int code = -128; code <= 127; ++code) {
    const double m = mean.scale() * (code - mean.zero_point());
    put(m * m / 2);
  }
  for (int code = -128; code <= 127; ++code) {
    const double v = log_variance.scale() * (code - log_variance.zero_point());
    put((std::expm1(v) - v) / 2);
  }
  return tables;
}

}  // namespace algean::kernels::reduce
