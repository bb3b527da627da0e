// Sums of a tile for AVX-512 with VNNI. Compiled for its own instruction set: it includes no header with inline code
// but the compiler's, and defines nothing that another file could share.
//
// A quad step of the whole tile (7 + 7 pixels, 2 vectors) is 2 loads of weights, 14 broadcasts and 28 vpdpbusd: 16
// loads for 14 cycles of the two multipliers, and 9 bytes of weights a cycle, which a second-level cache gives. 28
// accumulators, 2 weights, 1 activation and the constant that flips its top bit are all 32 registers.
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the intrinsics' own undefined values for a mistake of ours (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include "kernels/conv/tile.hpp"

namespace algean::kernels::conv {
namespace {

using Size = unsigned long;

// The 4 bytes of pixel kPixel, flipped, in every lane; pixels lie `one` apart. A compiler would keep an address a
// pixel, more than there are registers; three multiples of the step make them all.
struct Steps {
  long one, three, five;
};
// Tells the compiler what the assembly reads, without which it could move stores across.
using Bytes = const std::uint8_t (*)[1 << 20];

template <int kPixel>
inline __m512i quad(const std::uint8_t* x, const Steps& s, __m512i flip) {
  const auto bytes = reinterpret_cast<Bytes>(x);
  __m512i u;
  if constexpr (kPixel == 0) {
    asm("vpxord (%1)%{1to16%}, %2, %0" : "=v"(u) : "r"(x), "v"(flip), "m"(*bytes));
  } else if constexpr (kPixel == 1) {
    asm("vpxord (%1,%2)%{1to16%}, %3, %0" : "=v"(u) : "r"(x), "r"(s.one), "v"(flip), "m"(*bytes));
  } else if constexpr (kPixel == 2) {
    asm("vpxord (%1,%2,2)%{1to16%}, %3, %0" : "=v"(u) : "r"(x), "r"(s.one), "v"(flip), "m"(*bytes));
  } else if constexpr (kPixel == 3) {
    asm("vpxord (%1,%2)%{1to16%}, %3, %0" : "=v"(u) : "r"(x), "r"(s.three), "v"(flip), "m"(*bytes));
  } else if constexpr (kPixel == 4) {
    asm("vpxord (%1,%2,4)%{1to16%}, %3, %0" : "=v"(u) : "r"(x), "r"(s.one), "v"(flip), "m"(*bytes));
  } else if constexpr (kPixel == 5) {
    asm("vpxord (%1,%2)%{1to16%}, %3, %0" : "=v"(u) : "r"(x), "r"(s.five), "v"(flip), "m"(*bytes));
  } else {
    asm("vpxord (%1,%2,2)%{1to16%}, %3, %0" : "=v"(u) : "r"(x), "r"(s.three), "v"(flip), "m"(*bytes));
  }
  return u;
}

// One quad of one half.
template <int kPixels, int kVectors, int kPixel = 0>
inline void add_quad(__m512i (*acc)[static_cast<Size>(kVectors)], const std::uint8_t* x, const Steps& steps,
                     __m512i flip, const __m512i* w) {
  if constexpr (kPixel < kPixels) {
    const __m512i u = quad<kPixel>(x, steps, flip);
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) acc[kPixel][v] = _mm512_dpbusd_epi32(acc[kPixel][v], u, w[v]);
    add_quad<kPixels, kVectors, kPixel + 1>(acc, x, steps, flip, w);
  }
}

template <int kPixels, int kHalves, int kVectors>
void accumulate(const Packed& packed, const Tile& tile) noexcept {
  __m512i acc[static_cast<Size>(kPixels * kHalves)][static_cast<Size>(kVectors)];
  const std::uint8_t* p = tile.constants;
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const __m512i bias = _mm512_load_si512(p);
    p += line_bytes;
#pragma GCC unroll 14
    for (int i = 0; i < kPixels * kHalves; ++i) acc[i][v] = bias;
  }
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(packed.flip));
  const Steps steps{tile.step, 3 * tile.step, 5 * tile.step};
  const std::uint8_t* ahead = tile.ahead;
  for (int run = 0; run < packed.runs; ++run) {
    const std::uint8_t* x0 = tile.x[0] + packed.run_offsets[run];
    const std::uint8_t* x1 = tile.x[1] + packed.run_offsets[run];
    for (int left = packed.quads; left > 0; --left) {
      __m512i w[static_cast<Size>(kVectors)];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) w[v] = _mm512_load_si512(p + v * line_bytes);
      add_quad<kPixels, kVectors>(acc, x0, steps, flip, w);
      if constexpr (kHalves == 2) add_quad<kPixels, kVectors>(acc + kPixels, x1, steps, flip, w);
      _mm_prefetch(ahead, _MM_HINT_T1);
      ahead += tile.ahead_step;
      p += kVectors * line_bytes;
      x0 += 4;
      x1 += 4;
    }
  }
#pragma GCC unroll 14
  for (int i = 0; i < kPixels * kHalves; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) _mm512_store_si512(tile.sums + lanes * (kVectors * i + v), acc[i][v]);
  }
}

}  // namespace

const Accumulate avx512_accumulate[tile_vectors][half_pixels][2] = {{{accumulate<1, 1, 1>, accumulate<1, 2, 1>},
                                                                     {accumulate<2, 1, 1>, accumulate<2, 2, 1>},
                                                                     {accumulate<3, 1, 1>, accumulate<3, 2, 1>},
                                                                     {accumulate<4, 1, 1>, accumulate<4, 2, 1>},
                                                                     {accumulate<5, 1, 1>, accumulate<5, 2, 1>},
                                                                     {accumulate<6, 1, 1>, accumulate<6, 2, 1>},
                                                                     {accumulate<7, 1, 1>, accumulate<7, 2, 1>}},
                                                                    {{accumulate<1, 1, 2>, accumulate<1, 2, 2>},
                                                                     {accumulate<2, 1, 2>, accumulate<2, 2, 2>},
                                                                     {accumulate<3, 1, 2>, accumulate<3, 2, 2>},
                                                                     {accumulate<4, 1, 2>, accumulate<4, 2, 2>},
                                                                     {accumulate<5, 1, 2>, accumulate<5, 2, 2>},
                                                                     {accumulate<6, 1, 2>, accumulate<6, 2, 2>},
                                                                     {accumulate<7, 1, 2>, accumulate<7, 2, 2>}}};

}  // namespace algean::kernels::conv
