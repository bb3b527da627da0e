// The depthwise kernel for AVX2: the bytes of two taps interleaved, widened to 16 bits, multiplied and added by
// pmaddwd. Compiled for its own instruction set, as avx2.cpp.
#include <immintrin.h>

#include "kernels/conv/kernel.hpp"
#include "kernels/conv/pixels.inc"
#include "kernels/conv/requantise_avx2.inc"

namespace algean::kernels::conv {
namespace {

constexpr int line_bytes = 64;
constexpr int lanes = 16;
constexpr int taps = 2;

inline __m128i load_tap(const std::uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline __m256i add_products(__m256i acc, __m128i u, const std::uint8_t* weights) {
  const __m256i w = _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(weights)));
  return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_cvtepu8_epi16(u), w));
}

void run(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte*) noexcept {
  const Epilogue e = make_epilogue(packed);
  const std::int64_t weight_bytes = (std::int64_t{packed.runs} * lanes + line_bytes - 1) / line_bytes * line_bytes;
  const std::uint8_t* p = packed.constants;
  for (int block = 0; block < packed.blocks; ++block, p += weight_bytes + 3 * line_bytes) {
    Pixels pixels(packed, image + block * lanes, y + block * lanes);
    while (pixels.left > 0) {
      const std::uint8_t* x = nullptr;
      std::int8_t* to = nullptr;
      pixels.next(x, to);
      __m256i acc0 = load(p);
      __m256i acc1 = load(p + 32);
      const std::uint8_t* weights = p + line_bytes;
      for (int r = 0; r < packed.runs; r += taps, weights += taps * lanes) {
        const __m128i a = load_tap(x + packed.run_offsets[r]);
        const __m128i b = load_tap(x + packed.run_offsets[r + 1]);
        acc0 = add_products(acc0, _mm_unpacklo_epi8(a, b), weights);
        acc1 = add_products(acc1, _mm_unpackhi_epi8(a, b), weights + 16);
      }
      const std::uint8_t* ratios = p + line_bytes + weight_bytes;
      store_block(acc0, acc1, ratios, ratios + line_bytes, e, to, packed.channels - block * lanes);
    }
  }
}

}  // namespace

const DepthwiseKernel depthwise_avx2{run, taps, 1};

}  // namespace algean::kernels::conv
