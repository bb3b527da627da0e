// When algean_window gives its taps: source never idle, sink always ready.
#pragma once

#include <array>
#include <cstdint>

namespace algean::kernels {

// algean_window's parameters; axes are rows and columns.
struct WindowShape {
  struct Axis {
    std::int64_t in = 1, window = 1, stride = 1, dilation = 1, before = 0, after = 0;
    [[nodiscard]] std::int64_t reach() const { return (window - 1) * dilation + 1; }
    [[nodiscard]] std::int64_t out() const { return (in + before + after - reach()) / stride + 1; }
    // Whether any window could meet the index (the module keeps those, and drops the others as they come).
    [[nodiscard]] bool keeps(std::int64_t index) const { return (index + before) % stride < reach(); }
  };
  std::array<Axis, 2> axes;
  std::int64_t blocks = 1;  // beats of a pixel
  int order = 0;            // 0: taps, then blocks; 1: blocks, then taps; 2: columns of taps, then blocks

  [[nodiscard]] std::int64_t in_beats() const { return axes[0].in * axes[1].in * blocks; }
  [[nodiscard]] std::int64_t out_beats() const;
};

// Cycles from the first beat taken to the first and the last beat given, of the first image.
struct WindowTimes {
  std::int64_t first = 0, last = 0;
};
[[nodiscard]] WindowTimes window_times(const WindowShape& shape);
// Beats to take before all taps of the first output pixel are there.
[[nodiscard]] std::int64_t window_lag(const WindowShape& shape);

}  // namespace algean::kernels
