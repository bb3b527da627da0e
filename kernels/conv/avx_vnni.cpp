// The convolution kernel for AVX-VNNI (VEX-coded, 256 bits). Compiled for its own instruction set: it includes no
// header with inline code but the compiler's, and defines nothing that another file could share.
#include <immintrin.h>

#include "kernels/conv/kernel.hpp"
#include "kernels/conv/pixels.inc"
#include "kernels/conv/requantise_avx2.inc"

namespace algean::kernels::conv {
namespace {

using Size = unsigned long;
constexpr int line_bytes = 64;
constexpr int lanes = 16;  // output channels of a block

// A group of kBlocks blocks, whose first is channel `first`, at kPixels pixels: 12 accumulators, of 16 registers.
template <int kPixels, int kBlocks>
inline void tile(const Packed& packed, const std::uint8_t* p, Pixels& pixels, int first, const Epilogue& e) {
  const std::uint8_t* x[static_cast<Size>(kPixels)];
  std::int8_t* y[static_cast<Size>(kPixels)];
  __m256i acc[static_cast<Size>(kPixels)][static_cast<Size>(kBlocks)][2];
  for (int i = 0; i < kPixels; ++i) {
    pixels.next(x[i], y[i]);
    for (int b = 0; b < kBlocks; ++b) {
      acc[i][b][0] = load(p + b * line_bytes);
      acc[i][b][1] = load(p + b * line_bytes + 32);
    }
  }
  p += kBlocks * line_bytes;
  const __m256i flip = _mm256_set1_epi8(static_cast<char>(packed.flip));
  for (int run = 0; run < packed.runs; ++run) {
    const std::uint8_t* u[static_cast<Size>(kPixels)];
    for (int i = 0; i < kPixels; ++i) u[i] = x[i] + packed.run_offsets[run];
    for (int quad = 0; quad < packed.quads; ++quad, p += kBlocks * line_bytes) {
      __m256i four[static_cast<Size>(kPixels)];
      for (int i = 0; i < kPixels; ++i) {
        std::int32_t bytes = 0;
        __builtin_memcpy(&bytes, u[i] + 4 * quad, sizeof(bytes));
        four[i] = _mm256_xor_si256(_mm256_set1_epi32(bytes), flip);
      }
      for (int b = 0; b < kBlocks; ++b) {
        for (int half = 0; half < 2; ++half) {
          const __m256i w = load(p + b * line_bytes + 32 * half);
          for (int i = 0; i < kPixels; ++i) acc[i][b][half] = _mm256_dpbusd_avx_epi32(acc[i][b][half], four[i], w);
        }
      }
    }
  }
  for (int i = 0; i < kPixels; ++i) {
    for (int b = 0; b < kBlocks; ++b) {
      store_block(acc[i][b][0], acc[i][b][1], p + b * line_bytes, p + (kBlocks + b) * line_bytes, e,
                  y[i] + first + b * lanes, packed.channels - first - b * lanes);
    }
  }
}

template <int kPixels, int kBlocks>
void run_group(const Packed& packed, const std::uint8_t* p, const std::uint8_t* image, std::int8_t* y, int first,
               const Epilogue& e) {
  Pixels pixels(packed, image, y);
  while (pixels.left >= kPixels) tile<kPixels, kBlocks>(packed, p, pixels, first, e);
  while (pixels.left > 0) tile<1, kBlocks>(packed, p, pixels, first, e);
}

void run(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte*) noexcept {
  const Epilogue e = make_epilogue(packed);
  const std::int64_t block_bytes = (std::int64_t{packed.runs} * packed.quads + 3) * line_bytes;
  const std::uint8_t* p = packed.constants;
  for (int block = 0; block < packed.blocks; block += 2) {  // groups of two, the last perhaps of one
    if (block + 1 < packed.blocks) {
      run_group<3, 2>(packed, p, image, y, block * lanes, e);
    } else {
      run_group<6, 1>(packed, p, image, y, block * lanes, e);
    }
    p += 2 * block_bytes;
  }
}

}  // namespace

const Kernel avx_vnni{run, 2, true, no_scratch};

}  // namespace algean::kernels::conv
