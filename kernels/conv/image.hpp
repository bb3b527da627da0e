// The input as kernels read it (kernel.hpp): bytes x + 128, with padding around.
#pragma once

#include <cstddef>
#include <cstdint>

namespace algean::kernels::conv {

struct Image {
  std::size_t rows = 0, columns = 0, channels = 0;       // of the input
  std::size_t top = 0, bottom = 0, left = 0, right = 0;  // pixels of padding
  std::size_t repeats = 1;                               // of each channel, side by side
  std::size_t pixel_bytes = 0;                           // at least channels * repeats
  std::uint8_t padding = 0;                              // zero point + 128

  [[nodiscard]] std::size_t row_bytes() const { return (left + columns + right) * pixel_bytes; }
  [[nodiscard]] std::size_t bytes() const { return (top + rows + bottom) * row_bytes(); }
  [[nodiscard]] bool is_padded() const { return top + bottom + left + right != 0; }
};

// Writes bytes() to `to`.
void make_image(const Image& image, const std::int8_t* x, std::uint8_t* to) noexcept;

}  // namespace algean::kernels::conv
