#include "kernels/weighted/bytes.hpp"

#include <algorithm>

#include "kernels/numeric/scaled.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels {

WeightBytes::WeightBytes(const LayerSpec& layer)
    : weights_(layer.required("weight").elements<std::int8_t>()),
      zero_points_(weight_zero_points(layer)),
      taps_(weights_.size() / zero_points_.size()) {
  for (std::size_t o = 0; o < zero_points_.size(); ++o) {
    const auto row = weights_.subspan(o * taps_, taps_);
    const int most = *std::ranges::max_element(row) - zero_points_[o];
    const int least = *std::ranges::min_element(row) - zero_points_[o];
    while (most > 127 * copies_ || least < -128 * copies_) ++copies_;
  }
}

std::int8_t WeightBytes::at(std::size_t o, std::size_t index, int copy) const {
  int rest = weights_[o * taps_ + index] - zero_points_[o];
  for (; copy > 0; --copy) rest -= std::clamp(rest, -128, 127);
  return static_cast<std::int8_t>(std::clamp(rest, -128, 127));
}

std::int64_t WeightBytes::sum(std::size_t o, std::size_t first, std::size_t count) const {
  std::int64_t result = 0;
  for (std::size_t i = first; i < first + count; ++i) result += weights_[o * taps_ + i] - zero_points_[o];
  return result;
}

std::int64_t WeightBytes::largest_sum(std::size_t o, std::int32_t bias, std::int32_t zero_x) const {
  const auto range = scaled::accumulator_range(&weights_[o * taps_], taps_, bias, zero_x, -128, 127, zero_points_[o]);
  return std::max(-range.low, range.high);
}

}  // namespace algean::kernels
