// One order in which reference and compiled code go through the windows.
#pragma once

#include "kernels/pool/geometry.hpp"

namespace algean::kernels::pool {

// For every output position: begin(), take(first element of a tap's channels) for each tap inside the input, and
// finish(first element of the position's channels, number to divide by).
template <class Begin, class Take, class Finish>
void walk(const Geometry& geometry, const Begin& begin, const Take& take, const Finish& finish) {
  const auto& [rows, columns] = geometry.axes;
  std::size_t at = 0;
  for (std::int64_t i = 0; i < rows.out; ++i) {
    const Axis::Taps down = rows.taps(i, geometry.count_padding);
    for (std::int64_t j = 0; j < columns.out; ++j) {
      const Axis::Taps across = columns.taps(j, geometry.count_padding);
      begin();
      for (std::int64_t u = down.first; u < down.last; ++u) {
        const std::int64_t row = i * rows.stride + u * rows.dilation - rows.before;
        for (std::int64_t v = across.first; v < across.last; ++v) {
          const std::int64_t column = j * columns.stride + v * columns.dilation - columns.before;
          take(static_cast<std::size_t>((row * columns.in + column) * geometry.channels));
        }
      }
      finish(at, down.counted * across.counted);
      at += static_cast<std::size_t>(geometry.channels);
    }
  }
}

}  // namespace algean::kernels::pool
