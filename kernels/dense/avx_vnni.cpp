// The dense kernel for AVX-VNNI (VEX-coded, 256 bits). Compiled for its own instruction set: it includes no header with
// inline code but the compiler's, and defines nothing that another file could share. Why the requantisation in binary64
// is exact: avx512_vnni.cpp.
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

inline __m128i requantise(__m256i acc0, __m256i acc1, const std::uint8_t* scale, const Epilogue& e) {
  const float* s = reinterpret_cast<const float*>(scale);
  const __m256i y = _mm256_permute4x64_epi64(_mm256_packs_epi32(scale8(acc0, s, e), scale8(acc1, s + 8, e)), 0xd8);
  return _mm_packs_epi16(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
}

inline __m256i load(const std::uint8_t* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }

inline Row behind(Row row, int blocks) {
  if (row.accumulators != nullptr) return {nullptr, row.accumulators + 16 * blocks};
  return {row.y + 16 * blocks, nullptr};
}

// One group of kBlocks blocks.
template <int kBlocks>
inline const std::uint8_t* run_group(const std::uint8_t* p, int quads, const std::int8_t* x, Row row,
                                     const Epilogue& e) {
  __m256i acc[static_cast<unsigned long>(kBlocks)][2];
  for (int b = 0; b < kBlocks; ++b) {
    acc[b][0] = load(p + b * line_bytes);
    acc[b][1] = load(p + b * line_bytes + 32);
  }
  p += kBlocks * line_bytes;
  for (int quad = 0; quad < quads; ++quad, p += kBlocks * line_bytes) {
    std::int32_t four = 0;
    __builtin_memcpy(&four, x + 4 * quad, sizeof(four));
    const __m256i u = _mm256_xor_si256(_mm256_set1_epi32(four), _mm256_set1_epi8(-128));
    for (int b = 0; b < kBlocks; ++b) {
      acc[b][0] = _mm256_dpbusd_avx_epi32(acc[b][0], u, load(p + b * line_bytes));
      acc[b][1] = _mm256_dpbusd_avx_epi32(acc[b][1], u, load(p + b * line_bytes + 32));
    }
  }
  for (int b = 0; b < kBlocks; ++b) {
    if (row.accumulators != nullptr) {
      _mm256_store_si256(reinterpret_cast<__m256i*>(row.accumulators + 16 * b), acc[b][0]);
      _mm256_store_si256(reinterpret_cast<__m256i*>(row.accumulators + 16 * b + 8), acc[b][1]);
      continue;
    }
    const __m128i y = requantise(acc[b][0], acc[b][1], p + b * line_bytes, e);
    _mm_store_si128(reinterpret_cast<__m128i*>(row.y + 16 * b), y);
  }
  return p + kBlocks * line_bytes;
}

void run(const Packed& packed, const std::int8_t* x, Row row, std::int16_t*) noexcept {
  const Epilogue e{_mm256_set1_pd(0.5), _mm256_set1_pd(packed.high - packed.zero_y + 0.5),
                   _mm256_set1_epi32(packed.low - packed.zero_y), _mm256_set1_epi32(packed.zero_y)};
  const std::uint8_t* p = packed.constants;
  const int quads = packed.quads;
  const int size = packed.blocks / packed.groups;
  int larger = packed.blocks % packed.groups;  // groups that have one block more
  for (int g = 0; g < packed.groups; ++g, --larger) {
    const int blocks = larger > 0 ? size + 1 : size;
    switch (blocks) {
      case 1:
        p = run_group<1>(p, quads, x, row, e);
        break;
      case 2:
        p = run_group<2>(p, quads, x, row, e);
        break;
      case 3:
        p = run_group<3>(p, quads, x, row, e);
        break;
      case 4:
        p = run_group<4>(p, quads, x, row, e);
        break;
      default:
        p = run_group<5>(p, quads, x, row, e);
        break;
    }
    row = behind(row, blocks);
  }
}

}  // namespace

const Kernel avx_vnni{run, 5};  // 10 accumulators, of 16 registers

}  // namespace algean::kernels::dense
