#include "kernels/activation/tflite_softmax.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/numeric/softmax.hpp"
#include "kernels/numeric/tflite.hpp"

namespace algean::kernels::activation {
namespace {

using softmax::tflite_shift_left;
using tflite::rdbpot;
using tflite::srdhm;

constexpr int difference_bits = 5;                                      // integer bits of a difference, Q5.26
constexpr std::int32_t one = std::numeric_limits<std::int32_t>::max();  // in Q0.31

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
  std::int32_t result = exponential_near_zero(tflite_shift_left(within, difference_bits));
  const std::int32_t remainder = within - a;
  int bit = fraction_bits - 2;
  for (const std::int32_t power : powers) {
    if ((remainder & (1 << bit++)) != 0) result = srdhm(result, power);
  }
  return result;
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
    result.push_back(is_in ? exponential_of_negative(srdhm(tflite_shift_left(-d, rescale.shift), rescale.multiplier))
                           : 0);
  }
  return result;
}

void softmax_tflite(std::span<const std::int8_t> x, std::span<const std::int32_t> exponentials,
                    std::span<std::int8_t> y) noexcept {
  const int largest = *std::ranges::max_element(x);
  const auto exponential = [&](std::int8_t value) { return exponentials[static_cast<std::size_t>(largest - value)]; };
  std::uint32_t sum = 0;  // at least 2^18, below 2^31
  for (const std::int8_t value : x) {
    sum += static_cast<std::uint32_t>(rdbpot(exponential(value), softmax::tflite_sum_bits));
  }
  const softmax::TfliteScale scale = softmax::tflite_scale(sum);
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = static_cast<std::int8_t>(softmax::tflite_code(exponential(x[i]), scale));
  }
}

}  // namespace algean::kernels::activation
