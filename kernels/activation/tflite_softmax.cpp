#include "kernels/activation/tflite_softmax.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/numeric/tflite.hpp"

namespace algean::kernels::activation {
namespace {

using tflite::rdbpot;
using tflite::srdhm;

constexpr int difference_bits = 5;  // integer bits of a difference, Q5.26
constexpr int sum_bits = 12;        // integer bits of the sum of exponentials, Q12.19
constexpr std::int32_t one = std::numeric_limits<std::int32_t>::max();  // in Q0.31

std::int32_t shift_left(std::int32_t value, int amount) {
  return tflite::saturate32(static_cast<std::int64_t>(value) * (std::int64_t{1} << amount));
}

// e^a for a in [-1/4, 0) in Q0.31: Taylor's expansion around -1/8.
std::int32_t exponential_near_zero(std::int32_t a) {
  constexpr std::int32_t at_middle = 1895147668;  // e^(-1/8)
  constexpr std::int32_t third = 715827883;       // 1/3
  const std::int32_t x = a + (1 << 28);           // a + 1/8
  const std::int32_t x2 = srdhm(x, x);
  const std::int32_t x3 = srdhm(x2, x);
  const std::int32_t x4 = srdhm(x2, x2);
  const std::int32_t rest = rdbpot(srdhm(rdbpot(x4, 2) + x3, third) + x2, 1);  // x^4/24 + x^3/6 + x^2/2
  return at_middle + srdhm(at_middle, x + rest);
}

// e^a for a <= 0 in Q5.26: the part below a quarter by the expansion, the rest by a barrel of e^-2^k.
std::int32_t exponential_of_negative(std::int32_t a) {
  constexpr int fraction_bits = 31 - difference_bits;
  constexpr std::int32_t quarter = 1 << (fraction_bits - 2);
  constexpr std::int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  if (a == 0) return one;
  const std::int32_t within = (a & (quarter - 1)) - quarter;
  std::int32_t result = exponential_near_zero(shift_left(within, difference_bits));
  const std::int32_t remainder = within - a;
  int bit = fraction_bits - 2;
  for (const std::int32_t power : powers) {
    if ((remainder & (1 << bit++)) != 0) result = srdhm(result, power);
  }
  return result;
}

// 1 / (1 + a) for a in [0, 1), Q0.31: three Newton steps from 48/17 - 32/17 * (1 + a) / 2, in Q2.29.
std::int32_t reciprocal_of_one_plus(std::int32_t a) {
  const auto half_denominator = static_cast<std::int32_t>((std::int64_t{a} + one + 1) / 2);
  std::int32_t x = 1515870810 + srdhm(half_denominator, -1010580540);
  for (int step = 0; step < 3; ++step) {
    const std::int32_t error = (1 << 29) - srdhm(half_denominator, x);
    x += shift_left(srdhm(x, error), 2);
  }
  return shift_left(x, 1);
}

}  // namespace

Result<std::vector<std::int32_t>> make_tflite_exponentials(double beta, double scale) {
  const double real = std::min(beta * scale * (1 << (31 - difference_bits)), 2147483647.0);
  tflite::Scale rescale{};
  if (!(real > 1) || !tflite::derive_scale(real, rescale)) {
    return bad_input("beta * scale is {}, must be above 2^-26", beta * scale);
  }
  // Differences whose rescaled value would leave Q5.26 count as minus infinity.
  const double radius =
      std::floor(((1 << difference_bits) - 1.0) * (1 << (31 - difference_bits)) / std::ldexp(1.0, rescale.shift));
  std::vector<std::int32_t> result;
  for (int d = 0; d < 256; ++d) {
    const bool is_in = d <= radius;
    result.push_back(is_in ? exponential_of_negative(srdhm(shift_left(-d, rescale.shift), rescale.multiplier)) : 0);
  }
  return result;
}

void softmax_tflite(std::span<const std::int8_t> x, std::span<const std::int32_t> exponentials,
                    std::span<std::int8_t> y) noexcept {
  const int largest = *std::ranges::max_element(x);
  const auto exponential = [&](std::int8_t value) { return exponentials[static_cast<std::size_t>(largest - value)]; };
  std::uint32_t sum = 0;  // at least 2^18, below 2^31
  for (const std::int8_t value : x) sum += static_cast<std::uint32_t>(rdbpot(exponential(value), sum_bits));
  const int headroom = std::countl_zero(sum);
  const auto fraction = static_cast<std::int32_t>((sum << headroom) - (std::uint32_t{1} << 31U));
  const std::int32_t scale = reciprocal_of_one_plus(fraction);
  const int shift = sum_bits - headroom + 31 - 8;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int32_t steps = rdbpot(srdhm(scale, exponential(x[i])), shift);
    y[i] = static_cast<std::int8_t>(std::clamp(steps - 128, -128, 127));
  }
}

}  // namespace algean::kernels::activation
