#include "kernels/conv/image.hpp"

#include <cstring>

namespace algean::kernels::conv {
namespace {

// `count` bytes with their top bits flipped.
void flip(const std::int8_t* from, std::uint8_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::uint8_t>(from[i]) ^ 0x80U;
}

// A pixel of the image; behind the channels anything may stand, since its weights are 0.
void make_pixel(const Image& image, const std::int8_t* from, std::uint8_t* to) {
  for (std::size_t c = 0; c < image.channels; ++c) {
    for (std::size_t repeat = 0; repeat < image.repeats; ++repeat) {
      *to++ = static_cast<std::uint8_t>(from[c]) ^ 0x80U;
    }
  }
  std::memset(to, image.padding, image.pixel_bytes - image.channels * image.repeats);
}

// A row of the image, of whose source `readable` bytes may be read.
void make_row(const Image& image, const std::int8_t* from, std::size_t readable, std::uint8_t* to) {
  constexpr std::size_t step = 16;  // pixel_bytes is a multiple of it
  std::size_t column = 0;
  if (image.repeats == 1) {
    for (; column < image.columns && (column * image.channels) + image.pixel_bytes <= readable; ++column) {
      for (std::size_t i = 0; i < image.pixel_bytes; i += step) {
        flip(from + column * image.channels + i, to + column * image.pixel_bytes + i, step);
      }
    }
  }
  for (; column < image.columns; ++column) {
    make_pixel(image, from + column * image.channels, to + column * image.pixel_bytes);
  }
}

}  // namespace

void make_image(const Image& image, const std::int8_t* x, std::uint8_t* to) noexcept {
  const auto pad = [&](std::size_t bytes) {
    std::memset(to, image.padding, bytes);
    to += bytes;
  };
  const std::size_t row = image.columns * image.channels;
  std::size_t readable = image.rows * row;
  pad(image.top * image.row_bytes());
  for (std::size_t y = 0; y < image.rows; ++y, x += row, readable -= row) {
    pad(image.left * image.pixel_bytes);
    if (image.pixel_bytes == image.channels) {
      flip(x, to, row);
    } else {
      make_row(image, x, readable, to);
    }
    to += image.columns * image.pixel_bytes;
    pad(image.right * image.pixel_bytes);
  }
  pad(image.bottom * image.row_bytes());
}

}  // namespace algean::kernels::conv
