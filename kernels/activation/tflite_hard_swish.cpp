#include "kernels/activation/tflite_hard_swish.hpp"

#include <algorithm>
#include <limits>

#include "kernels/numeric/tflite.hpp"

namespace algean::kernels::activation {
namespace {

std::int32_t saturate16(std::int32_t value) { return std::clamp(value, -32768, 32767); }

// a * b / 2^15, rounded; of the 16-bit numbers only -32768 times itself saturates.
std::int32_t rounding_high(std::int32_t a, std::int32_t b) {
  const std::int32_t product = a * b;
  const std::int32_t nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
  return saturate16((product + nudge) / (1 << 15));
}

std::int32_t shift_left(std::int32_t value, int amount) { return saturate16(value * (1 << std::min(amount, 15))); }

}  // namespace

Result<TfliteHardSwish::Scale> TfliteHardSwish::derive(float ratio) {
  tflite::Scale wide{};
  if (!tflite::derive_scale(static_cast<double>(ratio), wide)) {
    return bad_input("the ratio {} of hard_swish's scales cannot be expressed", ratio);
  }
  constexpr std::int32_t half = 1 << 15;
  if (wide.multiplier >= std::numeric_limits<std::int32_t>::max() - half) return Scale{32767, wide.shift};
  return Scale{(wide.multiplier + half) >> 16, wide.shift};
}

Result<TfliteHardSwish> TfliteHardSwish::make(double scale_x, double scale_y) {
  const float fine = (1.0F / 128.0F) * static_cast<float>(scale_x);  // of x << 7
  TfliteHardSwish result;
  ALGEAN_ASSIGN(result.output_, derive(fine / static_cast<float>(scale_y)));
  ALGEAN_ASSIGN(result.reluish_, derive(fine / (3.0F / 32768.0F)));
  if (result.output_.shift > 0) {
    return bad_input("hard_swish: the output's scale {} must be at least 1/128 of the input's {}", scale_y, scale_x);
  }
  return result;
}

std::int32_t TfliteHardSwish::operator()(std::int32_t x) const {
  const std::int32_t fine = x * (1 << 7);
  const std::int32_t scaled = rounding_high(fine, output_.multiplier);
  std::int32_t reluish = fine;
  if (reluish_.shift > 0) reluish = shift_left(reluish, reluish_.shift - 1);
  reluish = rounding_high(reluish, reluish_.multiplier);
  if (reluish_.shift > 0) reluish = shift_left(reluish, 1);
  if (reluish_.shift < 0) reluish = tflite::rdbpot(reluish, -reluish_.shift);
  reluish = (reluish + (1 << 15)) >> 1;                                   // from [-1, 1] to [0, 1]
  const std::int32_t product = saturate16(reluish * scaled / (1 << 15));  // truncates
  return tflite::rdbpot(product, -output_.shift);
}

}  // namespace algean::kernels::activation
