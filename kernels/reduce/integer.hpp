// The integer forms' loops over codes and the constants of the scores, which reference and compiled code share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "kernels/family/broadcast.hpp"
#include "kernels/reduce/axes.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels::reduce {

// What the result needs besides its loop.
enum class Kind : std::uint8_t { mean, sum, largest, smallest, arg_max, squared_error, divergence };
[[nodiscard]] Kind kind_of(const LayerSpec& layer);

// Sums of at most this many codes, minus a zero point, have 32 bits.
inline constexpr std::int64_t max_count = std::int64_t{1} << 23;

// The runs of an input of this shape, whose operand is the result with the reduced axes kept.
[[nodiscard]] Runs make_runs(const Shape& input, const Reduction& reduction);

// The results come first set: to 0, to the lowest or highest code.
void add_codes(const Runs& runs, const std::int8_t* x, std::int32_t* sums) noexcept;
void take_largest(const Runs& runs, const std::int8_t* x, std::int8_t* y) noexcept;
void take_smallest(const Runs& runs, const std::int8_t* x, std::int8_t* y) noexcept;

// Along the one reduced axis: [outer, count, inner].
struct Line {
  std::size_t outer = 1, count = 1, inner = 1;
};
[[nodiscard]] Line make_line(const LayerSpec& layer, const Shape& input);
void arg_max_codes(const Line& line, const std::int8_t* x, std::int32_t* y) noexcept;

// mean_squared_error: y = (sum of (m0 * (a - zero_a) - m1 * (b - zero_b))^2 + 2^(shift-1)) >> shift, of real value
// scale * y.
struct SquaredError {
  std::int32_t m0 = 1, m1 = 1, shift = 0;
  double scale = 1;
};
// Nothing where the sums would leave 63 bits or the scale binary64's normal numbers.
std::optional<SquaredError> derive_squared_error(const Quantisation& a, const Quantisation& b, std::int64_t count);
void add_squared_errors(const Runs& runs, const SquaredError& rule, const Quantisation& a, const Quantisation& b,
                        const std::int8_t* x, const std::int8_t* y, std::int64_t* sums) noexcept;
[[nodiscard]] std::int32_t finish_squared_error(const SquaredError& rule, std::int64_t sum);

// kl_divergence: the scale of y, so that sums of `count` table entries have 31 bits; nothing where a log variance is so
// large that its exponential overflows.
std::optional<double> derive_divergence(const Quantisation& mean, const Quantisation& log_variance, std::int64_t count);
// Two tables of 256: what a mean and what a log variance add to y.
std::vector<std::int32_t> make_divergence_tables(const Quantisation& mean, const Quantisation& log_variance,
                                                 double scale);
void add_divergences(const Runs& runs, std::span<const std::int32_t> tables, const std::int8_t* mean,
                     const std::int8_t* log_variance, std::int32_t* sums) noexcept;

}  // namespace algean::kernels::reduce
