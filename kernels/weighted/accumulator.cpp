#include "kernels/weighted/accumulator.hpp"

#include <algorithm>

#include "kernels/numeric/scaled.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels {

Result<int> accumulator_bits(const LayerSpec& layer, std::int32_t zero_x) {
  const Tensor& weight = layer.required("weight");
  const auto weights = weight.elements<std::int8_t>();
  const auto bias = layer.required("bias").elements<std::int32_t>();
  const auto zero_points = weight_zero_points(layer);
  const std::size_t taps = weights.size() / bias.size();
  int bits = 1;
  for (std::size_t o = 0; o < bias.size(); ++o) {
    const auto range = scaled::accumulator_range(&weights[o * taps], taps, bias[o], zero_x, -128, 127, zero_points[o]);
    bits = std::max(bits, scaled::signed_bits(range));
    if (bits > 32) {
      return bad_input("channel {}: the accumulator reaches {}..{}, more than 32 bits", o, range.low, range.high);
    }
  }
  return bits;
}

}  // namespace algean::kernels
