// The dense kernel for AVX-512 with VNNI. Compiled for its own instruction set: it includes no header with inline code
// but the compiler's, and defines nothing that another file could share.
//
// Requantisation in binary64 is exact: acc has 32 bits and scale is multiplier * 2^-shift with a 17-bit multiplier, so
// acc * scale = k * 2^-shift with |k| < 2^48; adding 1/2 = 2^(shift-1) * 2^-shift keeps |k| < 2^49: representable,
// hence neither operation rounds. Rounding down then is the arithmetic shift. Values above the clamp are cut before the
// conversion to int32; those below int32 convert to INT32_MIN, which the lower clamp raises.
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the intrinsics' own undefined values for a mistake of ours (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include "kernels/dense/kernel.hpp"

namespace algean::kernels::dense {
namespace {

constexpr int line_bytes = 64;

struct Epilogue {
  __m512d half, high;  // high: the highest output, without its zero point, and a half
  __m512i low, zero;
};

inline __m128i requantise(__m512i acc, const std::uint8_t* scale, const Epilogue& e) {
  const __m512 s = _mm512_load_ps(scale);
  __m512d v0 = _mm512_cvtepi32_pd(_mm512_castsi512_si256(acc));
  __m512d v1 = _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(acc, 1));
  v0 = _mm512_fmadd_pd(v0, _mm512_cvtps_pd(_mm512_castps512_ps256(s)), e.half);
  v1 = _mm512_fmadd_pd(v1, _mm512_cvtps_pd(_mm512_extractf32x8_ps(s, 1)), e.half);
  const __m256i i0 = _mm512_cvt_roundpd_epi32(_mm512_min_pd(v0, e.high), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  const __m256i i1 = _mm512_cvt_roundpd_epi32(_mm512_min_pd(v1, e.high), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  const __m512i y = _mm512_inserti64x4(_mm512_castsi256_si512(i0), i1, 1);
  return _mm512_cvtsepi32_epi8(_mm512_add_epi32(_mm512_max_epi32(y, e.low), e.zero));
}

inline __m512i broadcast_quad(const std::int8_t* x) {
  std::int32_t quad = 0;
  __builtin_memcpy(&quad, x, sizeof(quad));
  return _mm512_xor_si512(_mm512_set1_epi32(quad), _mm512_set1_epi8(-128));
}

inline Row behind(Row row, int blocks) {
  if (row.accumulators != nullptr) return {nullptr, row.accumulators + 16 * blocks};
  return {row.y + 16 * blocks, nullptr};
}

// One group. kSplit accumulators a block take turns, so that at least 6 additions are in flight.
template <int kBlocks, int kSplit>
inline const std::uint8_t* run_group(const std::uint8_t* p, int quads, const std::int8_t* x, Row row,
                                     const Epilogue& e) {
  __m512i acc[static_cast<unsigned long>(kSplit)][static_cast<unsigned long>(kBlocks)];
  for (int b = 0; b < kBlocks; ++b) {
    acc[0][b] = _mm512_load_si512(p + b * line_bytes);
    for (int s = 1; s < kSplit; ++s) acc[s][b] = _mm512_setzero_si512();
  }
  p += kBlocks * line_bytes;
  int quad = 0;
  for (; quad + kSplit <= quads; quad += kSplit) {
    for (int s = 0; s < kSplit; ++s) {
      const __m512i u = broadcast_quad(x + 4 * (quad + s));
      for (int b = 0; b < kBlocks; ++b) {
        acc[s][b] = _mm512_dpbusd_epi32(acc[s][b], u, _mm512_load_si512(p + (s * kBlocks + b) * line_bytes));
      }
    }
    p += kSplit * kBlocks * line_bytes;
  }
  for (; quad < quads; ++quad) {
    const __m512i u = broadcast_quad(x + 4 * quad);
    for (int b = 0; b < kBlocks; ++b) {
      acc[0][b] = _mm512_dpbusd_epi32(acc[0][b], u, _mm512_load_si512(p + b * line_bytes));
    }
    p += kBlocks * line_bytes;
  }
  for (int b = 0; b < kBlocks; ++b) {
    __m512i sum = acc[0][b];
    for (int s = 1; s < kSplit; ++s) sum = _mm512_add_epi32(sum, acc[s][b]);
    if (row.accumulators != nullptr) {
      _mm512_store_si512(row.accumulators + 16 * b, sum);
    } else {
      _mm_store_si128(reinterpret_cast<__m128i*>(row.y + 16 * b), requantise(sum, p + b * line_bytes, e));
    }
  }
  return p + kBlocks * line_bytes;
}

void run(const Packed& packed, const std::int8_t* x, Row row, std::int16_t*) noexcept {
  const Epilogue e{_mm512_set1_pd(0.5), _mm512_set1_pd(packed.high - packed.zero_y + 0.5),
                   _mm512_set1_epi32(packed.low - packed.zero_y), _mm512_set1_epi32(packed.zero_y)};
  const std::uint8_t* p = packed.constants;
  const int quads = packed.quads;
  const int size = packed.blocks / packed.groups;
  int larger = packed.blocks % packed.groups;  // groups that have one block more
  for (int g = 0; g < packed.groups; ++g, --larger) {
    const int blocks = larger > 0 ? size + 1 : size;
    switch (blocks) {
      case 1:
        p = run_group<1, 4>(p, quads, x, row, e);
        break;
      case 2:
        p = run_group<2, 4>(p, quads, x, row, e);
        break;
      case 3:
        p = run_group<3, 2>(p, quads, x, row, e);
        break;
      case 4:
        p = run_group<4, 2>(p, quads, x, row, e);
        break;
      case 5:
        p = run_group<5, 2>(p, quads, x, row, e);
        break;
      case 6:
        p = run_group<6, 1>(p, quads, x, row, e);
        break;
      case 7:
        p = run_group<7, 1>(p, quads, x, row, e);
        break;
      case 8:
        p = run_group<8, 1>(p, quads, x, row, e);
        break;
      default:
        p = run_group<9, 1>(p, quads, x, row, e);
        break;
    }
    row = behind(row, blocks);
  }
}

}  // namespace

const Kernel avx512_vnni{run, 9};

}  // namespace algean::kernels::dense
