#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernels/family/family.hpp"

namespace algean::partitioner {

// Counts of real numbers in equal bins over a range that is known beforehand.
class Histogram {
 public:
  static constexpr std::size_t bins = 2048;

  // `seen`: lowest and highest number that will be counted.
  explicit Histogram(kernels::Range seen);
  void count(std::span<const float> values);
  // Adds the counts of another one over the same range.
  void add(const Histogram& other);

  // The range without the (100 - percent) % outermost numbers, half of them at each end; to a whole bin, outwards.
  [[nodiscard]] kernels::Range percentile(double percent) const;
  // The range around 0 whose int8 type (activation_type) gives the counted numbers the smallest mean squared error,
  // clipping included. Local search from the whole range: the ends move in turn over 128 steps each until none gains.
  [[nodiscard]] kernels::Range least_error() const;

 private:
  [[nodiscard]] double squared_error(kernels::Range range) const;
  [[nodiscard]] double centre(std::size_t bin) const { return seen_.low + (static_cast<double>(bin) + 0.5) * width_; }

  kernels::Range seen_;
  double width_;
  std::array<std::uint64_t, bins> counts_{};  // without zeros
  std::uint64_t zeros_ = 0;                   // exact zeros, which every type represents exactly
};

}  // namespace algean::partitioner
