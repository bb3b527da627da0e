// The one kernel of all layers that move elements without computing: which element of the input an output element is,
// is a sum over the output's axes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/tensor/shape.hpp"

namespace algean::kernels {

// `count` neighbouring indices of an output axis. The i-th adds from + i * step to the index of the input's element
// (row-major); where from is `nothing`, there is none, and the output gets the filler.
struct Run {
  static constexpr std::int64_t nothing = -1;
  std::int64_t from = 0;
  std::int64_t step = 0;
  std::int64_t count = 1;
};

// The runs of one output axis, in order. A tensor's axis may be described by several: [4] as [2] of [2].
using AxisRuns = std::vector<Run>;

// Joins neighbours that make one run: indices 3, 4, 5 become one of step 1.
void append(AxisRuns& axis, const Run& run);
// What an index of each axis adds: the product of the extents behind it.
std::vector<std::int64_t> element_strides(const Shape& shape);

// A copy that is worked out once. Any element type of 1, 2 or 4 bytes.
class Copy {
 public:
  // Axes outermost first. `filler` has element_bytes bytes, or none where no run is without an element.
  Copy(std::vector<AxisRuns> axes, std::size_t element_bytes, std::span<const std::byte> filler = {});
  // No two axes' runs leave the input; `to` has an element for each combination of indices. Neither allocates nor
  // fails.
  void run(const std::byte* from, std::byte* to) const noexcept;

 private:
  struct Level {
    AxisRuns runs;                // from and step in bytes
    std::size_t block_bytes = 0;  // of output below one index
  };
  void walk(std::size_t level, const std::byte* from, std::byte* to) const noexcept;
  void fill(std::byte* to, std::size_t bytes) const noexcept;

  std::vector<Level> levels_;
  std::ptrdiff_t base_ = 0;      // bytes
  std::size_t chunk_bytes_ = 0;  // contiguous in input and output
  std::vector<std::byte> filler_;
};

}  // namespace algean::kernels
