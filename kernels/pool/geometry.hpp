// Where the windows of a pooling layer lie.
#pragma once

#include <array>

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels::pool {

// One spatial axis. Tap j of output position i is the input at i * stride + j * dilation - before.
struct Axis {
  std::int64_t in = 1, out = 1;
  std::int64_t window = 1, stride = 1, dilation = 1;
  std::int64_t before = 0, after = 0;
  std::int64_t uncounted = 0;  // of `after`

  // Taps first..last - 1 lie inside the input; never none.
  struct Taps {
    std::int64_t first = 0, last = 0;
    std::int64_t counted = 0;  // inside, or in padding that counts
  };
  [[nodiscard]] Taps taps(std::int64_t position, bool count_padding) const;
  // Every window has all its taps inside.
  [[nodiscard]] bool is_inside() const;
};

struct Geometry {
  std::array<Axis, 2> axes;  // rows and columns; one row for 1d
  std::int64_t channels = 1;
  bool is_max = false;
  bool count_padding = false;

  [[nodiscard]] std::int64_t window() const { return axes[0].window * axes[1].window; }
  // No window reaches into the padding.
  [[nodiscard]] bool is_inside() const { return axes[0].is_inside() && axes[1].is_inside(); }
  // Every window divides by the same number: all its taps.
  [[nodiscard]] bool has_one_count() const;
};

// bad_input for attributes that break a rule of pool.hpp, or do not fit the shape. Trusts nothing.
Result<Geometry> make_geometry(const LayerSpec& layer, const Shape& input);

// [H,W,C], or [L,C] for a 1d layer.
Shape output_shape(const LayerSpec& layer, const Geometry& geometry);

}  // namespace algean::kernels::pool
