#include "tests/bench/ae_int8_compute/widest_read.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593: of the intrinsics' own undefined values
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

namespace algean::bench {
namespace {

// 16 accumulators, so that only loads limit.
__attribute__((target("avx512f"))) std::size_t read512(const std::byte* at, std::size_t lines) {
  __m512i sums[16];
  for (auto& sum : sums) sum = _mm512_setzero_si512();
  std::size_t line = 0;
  for (; line + 16 <= lines; line += 16, at += 16 * 64) {
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) sums[i] = _mm512_add_epi64(sums[i], _mm512_load_si512(at + i * 64));
  }
  for (; line < lines; ++line, at += 64) sums[0] = _mm512_add_epi64(sums[0], _mm512_load_si512(at));
  for (int i = 1; i < 16; ++i) sums[0] = _mm512_add_epi64(sums[0], sums[i]);
  return static_cast<std::size_t>(_mm512_reduce_add_epi64(sums[0]));
}

__attribute__((target("avx2"))) std::size_t read256(const std::byte* at, std::size_t lines) {
  __m256i sums[8];
  for (auto& sum : sums) sum = _mm256_setzero_si256();
  for (std::size_t line = 0; line < lines; ++line, at += 64) {
    __m256i& sum = sums[line % 4 * 2];
    sum = _mm256_add_epi64(sum, _mm256_load_si256(reinterpret_cast<const __m256i*>(at)));
    __m256i& other = sums[line % 4 * 2 + 1];
    other = _mm256_add_epi64(other, _mm256_load_si256(reinterpret_cast<const __m256i*>(at + 32)));
  }
  for (int i = 1; i < 8; ++i) sums[0] = _mm256_add_epi64(sums[0], sums[i]);
  return static_cast<std::size_t>(_mm256_extract_epi64(sums[0], 0) + _mm256_extract_epi64(sums[0], 1) +
                                  _mm256_extract_epi64(sums[0], 2) + _mm256_extract_epi64(sums[0], 3));
}

std::size_t read128(const std::byte* at, std::size_t lines) {
  __m128i sums[4];
  for (auto& sum : sums) sum = _mm_setzero_si128();
  for (std::size_t line = 0; line < lines; ++line, at += 64) {
    for (int i = 0; i < 4; ++i) {
      sums[i] = _mm_add_epi64(sums[i], _mm_load_si128(reinterpret_cast<const __m128i*>(at + 16 * i)));
    }
  }
  for (int i = 1; i < 4; ++i) sums[0] = _mm_add_epi64(sums[0], sums[i]);
  return static_cast<std::size_t>(_mm_cvtsi128_si64(sums[0]) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums[0], sums[0])));
}

}  // namespace

int widest_read_bits() {
  if (__builtin_cpu_supports("avx512f")) return 512;
  return __builtin_cpu_supports("avx2") ? 256 : 128;
}

std::size_t read_widest(std::span<const std::byte> bytes) {
  const std::size_t lines = bytes.size() / 64;
  switch (widest_read_bits()) {
    case 512:
      return read512(bytes.data(), lines);
    case 256:
      return read256(bytes.data(), lines);
    default:
      return read128(bytes.data(), lines);
  }
}

}  // namespace algean::bench
