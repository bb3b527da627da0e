// The depthwise kernel for AVX-VNNI: the bytes of four taps interleaved, 32 channels at a time. Compiled for its own
// instruction set, as avx_vnni.cpp.
#include <immintrin.h>

#include "kernels/conv/kernel.hpp"
#include "kernels/conv/pixels.inc"
#include "kernels/conv/requantise_avx2.inc"

namespace algean::kernels::conv {
namespace {

constexpr int line_bytes = 64;
constexpr int lanes = 32;  // of two blocks side by side
constexpr int taps = 4;

inline __m256i load_tap(const std::uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }

// Vector j has channels 4j .. 4j + 3 of either block.
inline void add_taps(__m256i (&acc)[4], const std::uint8_t* x, const std::int64_t* offsets,
                     const std::uint8_t* weights) {
  const __m256i a = load_tap(x + offsets[0]);
  const __m256i b = load_tap(x + offsets[1]);
  const __m256i c = load_tap(x + offsets[2]);
  const __m256i d = load_tap(x + offsets[3]);
  const __m256i ab0 = _mm256_unpacklo_epi8(a, b);
  const __m256i ab1 = _mm256_unpackhi_epi8(a, b);
  const __m256i cd0 = _mm256_unpacklo_epi8(c, d);
  const __m256i cd1 = _mm256_unpackhi_epi8(c, d);
  acc[0] = _mm256_dpbusd_avx_epi32(acc[0], _mm256_unpacklo_epi16(ab0, cd0), load(weights));
  acc[1] = _mm256_dpbusd_avx_epi32(acc[1], _mm256_unpackhi_epi16(ab0, cd0), load(weights + 32));
  acc[2] = _mm256_dpbusd_avx_epi32(acc[2], _mm256_unpacklo_epi16(ab1, cd1), load(weights + 64));
  acc[3] = _mm256_dpbusd_avx_epi32(acc[3], _mm256_unpackhi_epi16(ab1, cd1), load(weights + 96));
}

inline void store(const __m256i (&acc)[4], const std::uint8_t* ratios, const Epilogue& e, std::int8_t* y,
                  int channels) {
  __m256i codes[4];
  for (int j = 0; j < 4; ++j) {
    codes[j] = requantise(acc[j], load(ratios + 32 * j), load(ratios + 2 * line_bytes + 32 * j), e);
  }
  const __m256i bytes =
      _mm256_packs_epi16(_mm256_packs_epi32(codes[0], codes[1]), _mm256_packs_epi32(codes[2], codes[3]));
  if (channels >= lanes) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), bytes);
  } else {
    __builtin_memcpy(y, &bytes, static_cast<unsigned long>(channels));
  }
}

void run(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte*) noexcept {
  const Epilogue e = make_epilogue(packed);
  const std::int64_t group_bytes = std::int64_t{packed.runs} * lanes + 6 * line_bytes;
  const std::uint8_t* p = packed.constants;
  for (int group = 0; group < packed.groups; ++group, p += group_bytes) {
    Pixels pixels(packed, image + group * lanes, y + group * lanes);
    while (pixels.left > 0) {
      const std::uint8_t* x = nullptr;
      std::int8_t* to = nullptr;
      pixels.next(x, to);
      __m256i acc[4] = {load(p), load(p + 32), load(p + 64), load(p + 96)};
      const std::uint8_t* weights = p + 2 * line_bytes;
      for (int r = 0; r < packed.runs; r += taps, weights += taps * lanes) {
        add_taps(acc, x, packed.run_offsets + r, weights);
      }
      store(acc, weights, e, to, packed.channels - group * lanes);
    }
  }
}

}  // namespace

const DepthwiseKernel depthwise_avx_vnni{run, taps, 2};

}  // namespace algean::kernels::conv
