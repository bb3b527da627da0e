// The runs of bytes of the image that the weights of a part of a layer meet.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/conv/geometry.hpp"
#include "kernels/conv/image.hpp"

namespace algean::kernels::conv {

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
