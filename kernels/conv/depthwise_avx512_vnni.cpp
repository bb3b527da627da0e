// The depthwise kernel for AVX-512 with VNNI: the bytes of four taps interleaved, 64 channels at a time. Compiled for
// its own instruction set: it includes no header with inline code but the compiler's, and defines nothing that another
// file could share. Why requantisation is exact: requantise_avx2.inc, whose rules these are.
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the intrinsics' own undefined values for a mistake of ours (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include "kernels/conv/kernel.hpp"
#include "kernels/conv/pixels.inc"

namespace algean::kernels::conv {
namespace {

constexpr int line_bytes = 64;
constexpr int lanes = 64;  // of four blocks side by side
constexpr int taps = 4;

inline __m512i load(const std::uint8_t* p) { return _mm512_load_si512(p); }
inline __m512i load_tap(const std::uint8_t* p) { return _mm512_loadu_si512(p); }

inline __m256i scaled8(__m256i acc, __m256 scale) {
  const __m512d v = _mm512_fmadd_pd(_mm512_cvtepi32_pd(acc), _mm512_cvtps_pd(scale), _mm512_set1_pd(0.5));
  return _mm512_cvt_roundpd_epi32(_mm512_min_pd(v, _mm512_set1_pd(1024.0)), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}

inline __m512i requantise_scaled(__m512i acc, __m512 scale) {
  const __m256i y0 = scaled8(_mm512_castsi512_si256(acc), _mm512_castps512_ps256(scale));
  const __m256i y1 = scaled8(_mm512_extracti64x4_epi64(acc, 1), _mm512_extractf32x8_ps(scale, 1));
  return _mm512_inserti64x4(_mm512_castsi256_si512(y0), y1, 1);
}

inline __m512i requantise_tflite(__m512i x, __m512i multiplier, __m512i shift) {
  const __m512i none = _mm512_setzero_si512();
  const __m512i one = _mm512_set1_epi32(1);
  const __m512i left = _mm512_max_epi32(shift, none);
  const __m512i right = _mm512_max_epi32(_mm512_sub_epi32(none, shift), none);
  const __m512i most = _mm512_set1_epi32(0x7fffffff);
  x = _mm512_min_epi32(x, _mm512_srav_epi32(most, left));
  x = _mm512_max_epi32(x, _mm512_srav_epi32(_mm512_xor_si512(most, _mm512_set1_epi32(-1)), left));
  x = _mm512_sllv_epi32(x, left);
  // SRDHM
  const __m512i nudge = _mm512_set1_epi64(1LL << 30);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(x, multiplier), nudge);
  const __m512i odd =
      _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(multiplier, 32)), nudge);
  x = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));
  // RDBPOT
  const __m512i mask = _mm512_sub_epi32(_mm512_sllv_epi32(one, right), one);
  const __m512i threshold = _mm512_sub_epi32(_mm512_srli_epi32(mask, 1), _mm512_srai_epi32(x, 31));
  const __m512i y = _mm512_srav_epi32(x, right);
  return _mm512_mask_add_epi32(y, _mm512_cmpgt_epi32_mask(_mm512_and_si512(x, mask), threshold), y, one);
}

struct Epilogue {
  bool tflite;
  __m512i low, high, zero;
};

inline __m512i requantise(__m512i acc, __m512i ratio, __m512i shift, const Epilogue& e) {
  const __m512i y =
      e.tflite ? requantise_tflite(acc, ratio, shift) : requantise_scaled(acc, _mm512_castsi512_ps(ratio));
  return _mm512_add_epi32(_mm512_min_epi32(_mm512_max_epi32(y, e.low), e.high), e.zero);
}

// Vector j has channels 4j .. 4j + 3 of each block.
inline void add_taps(__m512i (&acc)[4], const std::uint8_t* x, const std::int64_t* offsets,
                     const std::uint8_t* weights) {
  const __m512i a = load_tap(x + offsets[0]);
  const __m512i b = load_tap(x + offsets[1]);
  const __m512i c = load_tap(x + offsets[2]);
  const __m512i d = load_tap(x + offsets[3]);
  const __m512i ab0 = _mm512_unpacklo_epi8(a, b);
  const __m512i ab1 = _mm512_unpackhi_epi8(a, b);
  const __m512i cd0 = _mm512_unpacklo_epi8(c, d);
  const __m512i cd1 = _mm512_unpackhi_epi8(c, d);
  acc[0] = _mm512_dpbusd_epi32(acc[0], _mm512_unpacklo_epi16(ab0, cd0), load(weights));
  acc[1] = _mm512_dpbusd_epi32(acc[1], _mm512_unpackhi_epi16(ab0, cd0), load(weights + line_bytes));
  acc[2] = _mm512_dpbusd_epi32(acc[2], _mm512_unpacklo_epi16(ab1, cd1), load(weights + 2 * line_bytes));
  acc[3] = _mm512_dpbusd_epi32(acc[3], _mm512_unpackhi_epi16(ab1, cd1), load(weights + 3 * line_bytes));
}

inline void store(const __m512i (&acc)[4], const std::uint8_t* ratios, const Epilogue& e, std::int8_t* y,
                  __mmask64 channels) {
  __m512i codes[4];
  for (int j = 0; j < 4; ++j) {
    codes[j] = requantise(acc[j], load(ratios + j * line_bytes), load(ratios + (4 + j) * line_bytes), e);
  }
  const __m512i words0 = _mm512_packs_epi32(codes[0], codes[1]);
  _mm512_mask_storeu_epi8(y, channels, _mm512_packs_epi16(words0, _mm512_packs_epi32(codes[2], codes[3])));
}

void run(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte*) noexcept {
  const Epilogue e{packed.tflite, _mm512_set1_epi32(packed.low - packed.zero_y),
                   _mm512_set1_epi32(packed.high - packed.zero_y), _mm512_set1_epi32(packed.zero_y)};
  const std::int64_t group_bytes = std::int64_t{packed.runs} * lanes + 12 * line_bytes;
  const std::uint8_t* p = packed.constants;
  for (int group = 0; group < packed.groups; ++group, p += group_bytes) {
    const int left = packed.channels - group * lanes;
    const __mmask64 channels = left >= lanes ? ~0ULL : (1ULL << static_cast<unsigned>(left)) - 1;
    Pixels pixels(packed, image + group * lanes, y + group * lanes);
    while (pixels.left > 0) {
      const std::uint8_t* x = nullptr;
      std::int8_t* to = nullptr;
      pixels.next(x, to);
      __m512i acc[4] = {load(p), load(p + line_bytes), load(p + 2 * line_bytes), load(p + 3 * line_bytes)};
      const std::uint8_t* weights = p + 4 * line_bytes;
      for (int r = 0; r < packed.runs; r += taps, weights += taps * lanes) {
        add_taps(acc, x, packed.run_offsets + r, weights);
      }
      store(acc, weights, e, to, channels);
    }
  }
}

}  // namespace

const DepthwiseKernel depthwise_avx512_vnni{run, taps, 4};

}  // namespace algean::kernels::conv
