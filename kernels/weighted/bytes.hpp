#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/family/layer.hpp"

namespace algean::kernels {

// The weights of a verified layer in integer form as bytes without zero points. A weight with one has up to 9 bits, so
// that it becomes a sum of 2 or 3. The layer must outlive this.
class WeightBytes {
 public:
  explicit WeightBytes(const LayerSpec& layer);

  [[nodiscard]] std::size_t taps() const { return taps_; }  // weights of an output channel
  [[nodiscard]] int copies() const { return copies_; }      // summands
  // Summand `copy` of output channel o's weight `index`.
  [[nodiscard]] std::int8_t at(std::size_t o, std::size_t index, int copy) const;
  // Sum of `count` weights of output channel o, without zero points.
  [[nodiscard]] std::int64_t sum(std::size_t o, std::size_t first, std::size_t count) const;
  // Largest magnitude that the channel's accumulator has for any int8 input.
  [[nodiscard]] std::int64_t largest_sum(std::size_t o, std::int32_t bias, std::int32_t zero_x) const;

 private:
  std::span<const std::int8_t> weights_;
  std::vector<std::int32_t> zero_points_;
  std::size_t taps_;
  int copies_ = 1;
};

}  // namespace algean::kernels
