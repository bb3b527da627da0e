#include <algorithm>

#include "kernels/reduce/integer.hpp"

namespace algean::kernels::reduce {
namespace {

std::size_t entry(std::int8_t code) { return static_cast<std::size_t>(code + 128); }

// acc[i * step] = fold(acc[i * step], first + i) over the runs, with code of its own for each step.
template <class T, class Fold>
void fold_runs(const Runs& runs, T* acc, const Fold& fold) {
  const std::size_t n = runs.length();
  if (runs.step(0) == 0) {
    runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
      T value = acc[at];
      for (std::size_t i = 0; i < n; ++i) value = fold(value, first + i);
      acc[at] = value;
    });
  } else {
    runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
      for (std::size_t i = 0; i < n; ++i) acc[at + i] = fold(acc[at + i], first + i);
    });
  }
}

}  // namespace

Runs make_runs(const Shape& input, const Reduction& reduction) { return {input, {reduction.kept}}; }

void add_codes(const Runs& runs, const std::int8_t* x, std::int32_t* sums) noexcept {
  fold_runs(runs, sums, [x](std::int32_t sum, std::size_t i) { return sum + x[i]; });
}

void take_largest(const Runs& runs, const std::int8_t* x, std::int8_t* y) noexcept {
  fold_runs(runs, y, [x](std::int8_t best, std::size_t i) { return std::max(best, x[i]); });
}

void take_smallest(const Runs& runs, const std::int8_t* x, std::int8_t* y) noexcept {
  fold_runs(runs, y, [x](std::int8_t best, std::size_t i) { return std::min(best, x[i]); });
}

Line make_line(const LayerSpec& layer, const Shape& input) {
  const auto axis = static_cast<std::size_t>(layer.attributes.integers("axes").value().at(0));
  Line line;
  for (std::size_t i = 0; i < axis; ++i) line.outer *= static_cast<std::size_t>(input[i]);
  line.count = static_cast<std::size_t>(input[axis]);
  for (std::size_t i = axis + 1; i < input.rank(); ++i) line.inner *= static_cast<std::size_t>(input[i]);
  return line;
}

void arg_max_codes(const Line& line, const std::int8_t* x, std::int32_t* y) noexcept {
  for (std::size_t outer = 0; outer < line.outer; ++outer) {
    for (std::size_t inner = 0; inner < line.inner; ++inner) {
      const std::int8_t* from = x + outer * line.count * line.inner + inner;
      std::size_t best = 0;
      for (std::size_t i = 1; i < line.count; ++i) {
        if (from[i * line.inner] > from[best * line.inner]) best = i;
      }
      *y++ = static_cast<std::int32_t>(best);
    }
  }
}

void add_squared_errors(const Runs& runs, const SquaredError& rule, const Quantisation& a, const Quantisation& b,
                        const std::int8_t* x, const std::int8_t* y, std::int64_t* sums) noexcept {
  const std::int32_t zero_a = a.zero_point();
  const std::int32_t zero_b = b.zero_point();
  fold_runs(runs, sums, [&](std::int64_t sum, std::size_t i) {
    const std::int64_t d = rule.m0 * (x[i] - zero_a) - rule.m1 * (y[i] - zero_b);
    return sum + d * d;
  });
}

std::int32_t finish_squared_error(const SquaredError& rule, std::int64_t sum) {
  const std::int64_t half = rule.shift == 0 ? 0 : std::int64_t{1} << (rule.shift - 1);
  return static_cast<std::int32_t>((sum + half) >> rule.shift);
}

void add_divergences(const Runs& runs, std::span<const std::int32_t> tables, const std::int8_t* mean,
                     const std::int8_t* log_variance, std::int32_t* sums) noexcept {
  const std::int32_t* of_mean = tables.data();
  const std::int32_t* of_variance = of_mean + 256;
  fold_runs(runs, sums, [&](std::int32_t sum, std::size_t i) {
    return sum + of_mean[entry(mean[i])] + of_variance[entry(log_variance[i])];
  });
}

}  // namespace algean::kernels::reduce
