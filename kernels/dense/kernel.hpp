// What the dense kernels of all instruction sets share: plain data and declarations, no inline code, because each
// kernel file is compiled for its own instruction set and the linker would be free to keep any one copy of a shared
// inline function.
//
// Packed constants. 16 output channels make a block, 4 inputs a quad; both are padded with zeros. Blocks are taken in
// groups of at most the kernel's `largest_group`, as equal as possible, larger groups first (with 7 blocks and at most
// 6: 4 and 3). A group of G blocks lies at a multiple of 64 bytes and holds, in the order in which a kernel reads it:
//     int32 bias[G][16]        bias - (zero_x + 128) * (sum of the channel's weights), modulo 2^32
//     int8 weight[quads][G][16][4]
//     float scale[G][16]       multiplier * 2^-shift, exact
// so that a kernel reads one ascending stream. Kernels see activations as u = x + 128 (x with its top bit flipped),
// 0..255, since vpdpbusd multiplies unsigned by signed bytes; the bias makes up for 128 and for the zero point.
#pragma once

#include <cstdint>

namespace algean::kernels::dense {

inline constexpr std::int32_t largest_extent = 1 << 28;  // of n_in and n_out: kernels count in 32 bits

struct Packed {
  const std::uint8_t* constants;   // as above
  std::int32_t blocks;             // ceil(n_out / 16)
  std::int32_t groups;             // ceil(blocks / largest_group)
  std::int32_t quads;              // ceil(n_in / 4)
  std::int32_t zero_y;             // output zero point
  std::int32_t low, high;          // clamp: -128..127, or what the activation leaves
  const std::int32_t* multiplier;  // [n_out padded], for the portable kernel
  const std::uint8_t* shift;       // [n_out padded], >= 1
};

// Where a row goes: 16 * blocks elements, 64-byte aligned. Where `accumulators` is not null it takes the accumulators,
// and `y` nothing: for arithmetics other than `scaled`.
struct Row {
  std::int8_t* y;
  std::int32_t* accumulators;
};

// One row: reads 4 * quads bytes of x. `scratch`: 64-byte aligned, 8 * quads bytes.
using Run = void (*)(const Packed& packed, const std::int8_t* x, Row row, std::int16_t* scratch) noexcept;

struct Kernel {
  Run run;
  std::int32_t largest_group;
};

extern const Kernel portable, avx2, avx_vnni, avx512_vnni;

}  // namespace algean::kernels::dense
