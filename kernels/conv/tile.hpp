// What the files of the AVX-512 kernel share: plain data and declarations, no inline code.
//
// A tile is up to 14 pixels times up to 2 vectors of 16 output channels, whose 28 accumulators stay in registers: 14
// pixels in one row of the output, or 7 in each of two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv/kernel.hpp"

namespace algean::kernels::conv {

inline constexpr int half_pixels = 7;   // the most, of either half of a tile
inline constexpr int tile_vectors = 2;  // the most
inline constexpr int lanes = 16;        // channels of a vector
inline constexpr int line_bytes = 64;
inline constexpr int tile_bytes = 2 * half_pixels * tile_vectors * line_bytes;  // of a tile's sums

// The sums of one tile of a group of vectors (a group of blocks in kernel.hpp).
struct Tile {
  const std::uint8_t* x[2];       // where the first pixel of either half stands in the image
  std::int64_t step;              // bytes between neighbouring pixels of a half
  const std::uint8_t* constants;  // of the group: bias and weights are read
  const std::uint8_t* ahead;      // what will be read soon: a line of 64 bytes is fetched a quad
  std::int64_t ahead_step;        // 64, or 0 where nothing needs to be fetched
  std::int32_t* sums;             // [half][pixel][vector][lane] without gaps, 64-byte aligned
};
using Accumulate = void (*)(const Packed& packed, const Tile& tile) noexcept;
// [vectors - 1][pixels of a half - 1][halves - 1]
extern const Accumulate avx512_accumulate[tile_vectors][half_pixels][2];

// Sums to output bytes: y[pixel * step + channel] for `channels` of 1..16 * V.
struct Outputs {
  const std::int32_t* sums;       // [pixel][vector][lane]
  const std::uint8_t* constants;  // scale or multiplier, and shift
  std::int32_t pixels, channels;
  std::int8_t* y;
  std::int64_t step;
};
using Requantise = void (*)(const Packed& packed, const Outputs& outputs) noexcept;
extern const Requantise avx512_scaled[tile_vectors], avx512_tflite[tile_vectors];  // [vectors - 1]

// The same as `requantise`, with an addition behind it; `other` lies as outputs.y does.
void avx512_requantise_adding(const Packed& packed, Requantise requantise, const Outputs& outputs,
                              const Addition& addition, const std::int8_t* other) noexcept;

}  // namespace algean::kernels::conv
