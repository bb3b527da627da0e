// The dense kernel for AVX2. Compiled for its own instruction set: it includes no header with inline code but the
// compiler's, and defines nothing that another file could share. Bytes are widened to 16 bits and multiplied by
// pmaddwd, whose sums of two products cannot overflow (pmaddubsw would saturate). Why the requantisation in binary64 is
// exact: avx512_vnni.cpp.
#include <immintrin.h>

#include "kernels/dense/kernel.hpp"

namespace algean::kernels::dense {
namespace {

constexpr int line_bytes = 64;

struct Epilogue {
  __m256d half, high;
  __m256i low, zero;
};

// Four accumulators, rounded down after scaling, above `high` cut, below int32 INT32_MIN.
inline __m128i scale4(__m128i acc, const float* scale, const Epilogue& e) {
  const __m256d product = _mm256_mul_pd(_mm256_cvtepi32_pd(acc), _mm256_cvtps_pd(_mm_load_ps(scale)));
  return _mm256_cvttpd_epi32(_mm256_floor_pd(_mm256_min_pd(_mm256_add_pd(product, e.half), e.high)));
}

inline __m256i scale8(__m256i acc, const float* scale, const Epilogue& e) {
  const __m256i y = _mm256_set_m128i(scale4(_mm256_extracti128_si256(acc, 1), scale + 4, e),
                                     scale4(_mm256_castsi256_si128(acc), scale, e));
  return _mm256_add_epi32(_mm256_max_epi32(y, e.low), e.zero);
}

// Lanes of `low` are [o0a o0b o1a o1b | o2a o2b o3a o3b], of `high` the next four outputs: sums in order, plus the
// bias.
inline __m256i add_pairs(__m256i low, __m256i high, const std::uint8_t* bias) {
  const __m256i sums = _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8);
  return _mm256_add_epi32(sums, _mm256_load_si256(reinterpret_cast<const __m256i*>(bias)));
}

inline __m256i widen(const std::uint8_t* weights) {
  return _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(weights)));
}

inline Row behind(Row row, int blocks) {
  if (row.accumulators != nullptr) return {nullptr, row.accumulators + 16 * blocks};
  return {row.y + 16 * blocks, nullptr};
}

// One group of kBlocks blocks. u: activations as 16-bit numbers 0..255.
template <int kBlocks>
inline const std::uint8_t* run_group(const std::uint8_t* p, int quads, const std::int16_t* u, Row row,
                                     const Epilogue& e) {
  __m256i acc[static_cast<unsigned long>(kBlocks)][4];
  for (int b = 0; b < kBlocks; ++b) {
    for (int part = 0; part < 4; ++part) acc[b][part] = _mm256_setzero_si256();
  }
  const std::uint8_t* bias = p;
  p += kBlocks * line_bytes;
  for (int quad = 0; quad < quads; ++quad, p += kBlocks * line_bytes) {
    long long four = 0;
    __builtin_memcpy(&four, u + 4 * quad, sizeof(four));
    const __m256i four4 = _mm256_set1_epi64x(four);
    for (int b = 0; b < kBlocks; ++b) {
      for (int part = 0; part < 4; ++part) {
        const __m256i products = _mm256_madd_epi16(widen(p + b * line_bytes + 16 * part), four4);
        acc[b][part] = _mm256_add_epi32(acc[b][part], products);
      }
    }
  }
  for (int b = 0; b < kBlocks; ++b) {
    const __m256i sum0 = add_pairs(acc[b][0], acc[b][1], bias + b * line_bytes);
    const __m256i sum1 = add_pairs(acc[b][2], acc[b][3], bias + b * line_bytes + 32);
    if (row.accumulators != nullptr) {
      _mm256_store_si256(reinterpret_cast<__m256i*>(row.accumulators + 16 * b), sum0);
      _mm256_store_si256(reinterpret_cast<__m256i*>(row.accumulators + 16 * b + 8), sum1);
      continue;
    }
    const float* s = reinterpret_cast<const float*>(p + b * line_bytes);
    const __m256i y0 = scale8(sum0, s, e);
    const __m256i y1 = scale8(sum1, s + 8, e);
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(y0, y1), 0xd8);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_store_si128(reinterpret_cast<__m128i*>(row.y + 16 * b), bytes);
  }
  return p + kBlocks * line_bytes;
}

// x + 128 as 16-bit numbers.
inline void widen_activations(const std::int8_t* x, int quads, std::int16_t* u) {
  for (int quad = 0; quad < quads; ++quad) {
    std::int32_t four = 0;
    __builtin_memcpy(&four, x + 4 * quad, sizeof(four));
    const __m128i wide = _mm_add_epi16(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(four)), _mm_set1_epi16(128));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(u + 4 * quad), wide);
  }
}

void run(const Packed& packed, const std::int8_t* x, Row row, std::int16_t* scratch) noexcept {
  const Epilogue e{_mm256_set1_pd(0.5), _mm256_set1_pd(packed.high - packed.zero_y + 0.5),
                   _mm256_set1_epi32(packed.low - packed.zero_y), _mm256_set1_epi32(packed.zero_y)};
  widen_activations(x, packed.quads, scratch);
  const std::uint8_t* p = packed.constants;
  // Groups of two, then of one.
  for (int g = 0; g < packed.groups; ++g) {
    if (2 * g + 2 <= packed.blocks) {
      p = run_group<2>(p, packed.quads, scratch, row, e);
      row = behind(row, 2);
    } else {
      p = run_group<1>(p, packed.quads, scratch, row, e);
    }
  }
}

}  // namespace

const Kernel avx2{run, 2};  // 8 accumulators, of 16 registers

}  // namespace algean::kernels::dense
