// The convolution kernel for AVX2. Compiled for its own instruction set: it includes no header with inline code but the
// compiler's, and defines nothing that another file could share. Bytes are widened to 16 bits and multiplied by
// pmaddwd, whose sums of two products cannot overflow (pmaddubsw would saturate).
#include <immintrin.h>

#include "kernels/conv/kernel.hpp"
#include "kernels/conv/pixels.inc"
#include "kernels/conv/requantise_avx2.inc"

namespace algean::kernels::conv {
namespace {

using Size = unsigned long;
constexpr int line_bytes = 64;
constexpr int lanes = 16;  // output channels of a block
constexpr int tile_pixels = 3;

inline __m256i widen_weights(const std::uint8_t* p) {
  return _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(p)));
}

// Lanes of `low` are [o0a o0b o1a o1b | o2a o2b o3a o3b], of `high` the next four outputs: sums in order, plus the
// bias.
inline __m256i add_pairs(__m256i low, __m256i high, const std::uint8_t* bias) {
  return _mm256_add_epi32(_mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8), load(bias));
}

// The block whose first channel is `first`, at kPixels pixels: 4 accumulators each.
template <int kPixels>
inline void tile(const Packed& packed, const std::uint8_t* p, Pixels& pixels, int first, const Epilogue& e) {
  const std::uint8_t* x[static_cast<Size>(kPixels)];
  std::int8_t* y[static_cast<Size>(kPixels)];
  __m256i acc[static_cast<Size>(kPixels)][4];
  for (int i = 0; i < kPixels; ++i) {
    pixels.next(x[i], y[i]);
    for (int part = 0; part < 4; ++part) acc[i][part] = _mm256_setzero_si256();
  }
  const std::uint8_t* bias = p;
  p += line_bytes;
  const __m128i flip = _mm_set1_epi8(static_cast<char>(packed.flip));
  for (int run = 0; run < packed.runs; ++run) {
    const std::int64_t offset = packed.run_offsets[run];
    for (int quad = 0; quad < packed.quads; ++quad, p += line_bytes) {
      __m256i four[static_cast<Size>(kPixels)];
      for (int i = 0; i < kPixels; ++i) {
        std::int32_t bytes = 0;
        __builtin_memcpy(&bytes, x[i] + offset + 4 * quad, sizeof(bytes));
        four[i] = _mm256_cvtepu8_epi16(_mm_xor_si128(_mm_set1_epi32(bytes), flip));
      }
      for (int part = 0; part < 4; ++part) {
        const __m256i w = widen_weights(p + 16 * part);
        for (int i = 0; i < kPixels; ++i) {
          acc[i][part] = _mm256_add_epi32(acc[i][part], _mm256_madd_epi16(w, four[i]));
        }
      }
    }
  }
  for (int i = 0; i < kPixels; ++i) {
    store_block(add_pairs(acc[i][0], acc[i][1], bias), add_pairs(acc[i][2], acc[i][3], bias + 32), p, p + line_bytes, e,
                y[i] + first, packed.channels - first);
  }
}

void run(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte*) noexcept {
  const Epilogue e = make_epilogue(packed);
  const std::int64_t block_bytes = (std::int64_t{packed.runs} * packed.quads + 3) * line_bytes;
  const std::uint8_t* p = packed.constants;
  for (int block = 0; block < packed.blocks; ++block, p += block_bytes) {
    Pixels pixels(packed, image, y);
    while (pixels.left >= tile_pixels) tile<tile_pixels>(packed, p, pixels, block * lanes, e);
    while (pixels.left > 0) tile<1>(packed, p, pixels, block * lanes, e);
  }
}

}  // namespace

const Kernel avx2{run, 1, true, no_scratch};

}  // namespace algean::kernels::conv
