// What the convolution kernels of all instruction sets share: plain data and declarations, no inline code, because each
// kernel file is compiled for its own instruction set and the linker would be free to keep any one copy of a shared
// inline function.
//
// A layer becomes one or more parts: one for each group of channels, and for each pair of lines of geometry.hpp
// (transposed convolutions have several). A part is a grid of output pixels, each of which meets the same runs of bytes
// relative to where it stands in the input image.
//
// The image: bytes u = x + 128 (x with its top bit flipped), 0..255, since vpdpbusd multiplies unsigned by signed
// bytes. The step copies the input to scratch with the padding around it that the runs need, pixel after pixel,
// channels last (for depthwise kernels the channels of a pixel are repeated to as many as there are outputs, and padded
// to a multiple of 16 * `side`). Where nothing has to be padded and the kernel says `in_place`, the image is the input
// itself, and `flip` is 0x80 instead of 0: u = byte ^ flip. At least 3 bytes behind the image may be read.
//
// Packed constants of a part, for Kernel. 16 output channels make a block, 4 inputs a quad; both are padded with zeros.
// Blocks are taken in groups of at most `largest_group`, as equal as possible, larger groups first (with 7 blocks and
// at most 6: 4 and 3). A group of G blocks lies at a multiple of 64 bytes and holds, in the order in which a kernel
// reads:
//     int32 bias[G][16]        bias - (zero_x + 128) * (sum of the channel's weights), modulo 2^32
//     int8 weight[runs][quads][G][16][4]
//     float scale[G][16]       `scaled`: multiplier * 2^-shift, exact. `tflite`: int32 multiplier
//     int32 shift[G][16]       `tflite`: -31..30; `scaled`: 0
// so that a kernel reads one ascending stream. Weights with a zero point have up to 9 bits: such a run stands twice or
// three times, with bytes that add up.
//
// Packed constants for DepthwiseKernel: for each group of `side` blocks (the last is padded with channels), at a
// multiple of 64 bytes,
//     int32 bias[4][side][4]
//     int8 weight[runs / taps][4][side][4][taps]      a run is a tap here; `runs` is a multiple of the kernel's `taps`
//     (padding to a multiple of 64 bytes)
//     float scale[4][side][4], int32 shift[4][side][4]      as above
// where [j][b][l] is channel 16 * b + 4 * j + l of the group: vectors of `side` times 128 bits, in each of which bytes
// of `taps` taps can be interleaved without crossing 128 bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace algean::kernels::conv {

struct Packed {
  const std::uint8_t* constants;       // as above
  std::int32_t blocks;                 // ceil(channels / 16); of a depthwise kernel a multiple of `side`
  std::int32_t groups;                 // ceil(blocks / largest_group); of a depthwise kernel: blocks / side
  std::int32_t runs;                   // of bytes that a pixel meets; 0: outputs hold only the bias
  std::int32_t quads;                  // of a run, at least 1; of a depthwise kernel: 1 number for each channel instead
  const std::int64_t* run_offsets;     // [runs] bytes from where a pixel stands, at least 0
  std::int32_t rows, columns;          // output pixels of the grid, each at least 1
  std::int64_t first;                  // where the first pixel stands in the image
  std::int64_t row_step, column_step;  // bytes of the image from a pixel to the one below, and to the next
  std::int64_t y_first, y_row_step, y_column_step;  // the same of the output, in bytes
  std::int32_t channels;                            // bytes that are written of a pixel: output channels of the part
  std::uint8_t flip;                                // 0, or 0x80 where the image is the input itself
  bool tflite;                                      // arithmetic: `tflite` instead of `scaled`
  std::int32_t zero_y;                              // output zero point
  std::int32_t low, high;                           // clamp: -128..127, or what the activation leaves
  const std::int32_t* multiplier;  // [16 * blocks], of either arithmetic, for kernels that take no scale
  const std::int32_t* shift;       // [16 * blocks]
  // What the step knows of the sums of `scaled`, for kernels that are faster where sums are small.
  bool is_narrow = false;  // every |acc * ratio| < 2^15 - 512
  bool is_exact = false;   // every |acc| < 2^24: binary32 holds it
};

// Computes a part: y[pixel][channel] for its whole grid; writes nothing else, but may write up to the next multiple of
// 64 bytes behind the whole output. scratch: 64-byte aligned, scratch_bytes(packed) of it.
using Run = void (*)(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte* scratch) noexcept;

// An addition behind a layer, of two codes of the same place: y = clamp(zero + ((conv * m0 + other * m1 + offset) >>
// shift), low, high). Multipliers have 16 bits; nothing leaves 32.
struct Addition {
  std::int32_t m0, m1, offset, shift, zero, low, high;
};
// The same as Run, with the addition: `other` lies as the output does.
using RunAdding = void (*)(const Packed& packed, const Addition& addition, const std::uint8_t* image,
                           const std::int8_t* other, std::int8_t* y, std::byte* scratch) noexcept;

struct Kernel {
  Run run;
  std::int32_t largest_group;
  bool in_place;  // takes an image that is the input itself
  std::size_t (*scratch_bytes)(const Packed& packed);
  RunAdding run_adding = nullptr;  // nullptr: the kernel has none
};

struct DepthwiseKernel {
  Run run;  // without scratch
  std::int32_t taps;
  std::int32_t side;  // blocks
};

std::size_t no_scratch(const Packed& packed);

extern const Kernel portable, avx2, avx_vnni, avx512_vnni;
extern const DepthwiseKernel depthwise_portable, depthwise_avx2, depthwise_avx_vnni, depthwise_avx512_vnni;

}  // namespace algean::kernels::conv
