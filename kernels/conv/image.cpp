#include "kernels/conv/image.hpp"

#include <cstring>

namespace algean::kernels::conv {
namespace {

// `count` bytes with their top bits flipped.
void flip(const std::int8_t* from, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::uint8_t>(from[i]) ^ 0x80U;
}

void make_pixel(const Image& image, const std::int8_t* from, std::uint8_t* to) {
  for (std::size_t c = 0; c < image.channels; ++c) {
    for (std::size_t repeat = 0; repeat < image.repeats; ++repeat) {
      *to++ = static_cast<std::uint8_t>(from[c]) ^ 0x80U;
    }
  }
  std::memset(to, image.padding, image.pixel_bytes - image.channels * image.repeats);
}

}  // namespace

void make_image(const Image& image, const std::int8_t* x, std::uint8_t* to) noexcept {
  const auto pad = [&](std::size_t bytes) {
    std::memset(to, image.padding, bytes);
    to += bytes;
  };
  const std::size_t row = image.columns * image.channels;
  pad(image.top * image.row_bytes());
  for (std::size_t y = 0; y < image.rows; ++y, x += row) {
    pad(image.left * image.pixel_bytes);
    if (image.pixel_bytes == image.channels) {
      flip(x, to, row);
    } else {
      for (std::size_t c = 0; c < image.columns; ++c) {
        make_pixel(image, x + c * image.channels, to + c * image.pixel_bytes);
      }
    }
    to += image.columns * image.pixel_bytes;
    pad(image.right * image.pixel_bytes);
  }
  pad(image.bottom * image.row_bytes());
}

}  // namespace algean::kernels::conv
