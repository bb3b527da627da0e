// What a part of a layer multiplies: its weights as bytes, and the runs of bytes of the image that they meet.
#pragma once

#include <span>
#include <vector>

#include "kernels/conv/geometry.hpp"
#include "kernels/conv/image.hpp"

namespace algean::kernels::conv {

// The weights of a verified layer in integer form as bytes without zero points. A weight with one has up to 9 bits, so
// that it becomes a sum of 2 or 3. The layer must outlive this.
class Weights {
 public:
  explicit Weights(const LayerSpec& layer);

  [[nodiscard]] int copies() const { return copies_; }  // summands
  // Summand `copy` of output channel o's weight `index`.
  [[nodiscard]] std::int8_t at(std::size_t o, std::size_t index, int copy) const;
  // Sum of `count` weights of output channel o, without zero points.
  [[nodiscard]] std::int64_t sum(std::size_t o, std::size_t first, std::size_t count) const;
  // Largest magnitude that the channel's accumulator has for any int8 input.
  [[nodiscard]] std::int64_t largest_sum(std::size_t o, std::int32_t bias, std::int32_t zero_x) const;

 private:
  std::span<const std::int8_t> weights_;
  std::vector<std::int32_t> zero_points_;
  std::size_t of_output_;
  int copies_ = 1;
};

// Taps whose inputs lie side by side in the image.
struct ByteRun {
  std::int64_t offset = 0;        // bytes from where a pixel stands
  int copy = 0;                   // which summand of the weights
  std::vector<std::size_t> taps;  // kernel row * kernel width + kernel column; none: weights of 0
};

// One pair of lines as runs of bytes. Where no gap lies between a kernel row's taps they are one run, unless `multiple`
// (which the number of runs is padded to) is above 1: then a run is a tap.
class Runs {
 public:
  Runs(const Geometry& geometry, const Line& rows, const Line& columns, const Image& image, int copies,
       std::size_t multiple);

  [[nodiscard]] std::span<const ByteRun> all() const { return runs_; }
  // Bytes of a run of `inputs` channels; all runs with taps have as many.
  [[nodiscard]] std::size_t bytes(std::size_t inputs) const;
  [[nodiscard]] std::vector<std::int64_t> offsets() const;

 private:
  std::vector<ByteRun> runs_;
};

}  // namespace algean::kernels::conv
