// Requantisation of a tile's sums for AVX-512, exact. Compiled for its own instruction set, as avx512_vnni.cpp.
//
// `scaled`, the usual way: t = acc * scale * 2^16 + (zero + 1/2) * 2^16 + slack in binary32, rounded to an integer; y
// is its upper half. With |acc| < 2^24 the conversion is exact, and fused multiply-add and rounding are off by less
// than 1 wherever y does not saturate: the upper half can only be wrong if the lower one is 0. With larger |acc| they
// are off by less than 2: then slack is 1, and the lower half must be at most 2. Such sums, one in 65536 or 22000, send
// their tile the other way, which is the only one where 32 bits do not suffice: in binary64 nothing rounds
// (kernels/dense/avx512_vnni.cpp has the proof).
//
// An addition behind a convolution takes its codes while they are in registers, or in place where the other ways are
// taken. Pairs of 16 bits meet both multipliers in one instruction; what unpacking separates, packing joins.
//
// `tflite` is numeric/tflite.hpp in 64-bit integers. Its truncating division (a * b + (a * b >= 0 ? 2^30 : 1 - 2^30)) /
// 2^31 is (a * b + 2^30) >> 31: both round halves up. It cannot overflow, because a multiplier is not negative.
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
constexpr int nearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
constexpr int down = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;

// Stores the first `channels` of 16 or 32 bytes.
inline void store(std::int8_t* y, __m256i bytes, int channels) {
  if (channels == 32) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), bytes);
  _mm256_mask_storeu_epi8(y, (1U << static_cast<unsigned>(channels)) - 1, bytes);
}
inline void store(std::int8_t* y, __m128i bytes, int channels) {
  if (channels == 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(y), bytes);
  _mm_mask_storeu_epi8(y, static_cast<__mmask16>((1U << static_cast<unsigned>(channels)) - 1), bytes);
}

inline int slack(const Packed& packed) { return packed.is_exact ? 0 : 1; }

struct Narrow {
  __m512 zero;
  __m512i upper_halves;
  __m256i low, high;
};

// acc * scale in fixed point with 16 bits behind the point; `lowest` keeps the lowest lower half.
inline __m512i fixed(const std::int32_t* sums, __m512 scale, const Narrow& n, __m512i& lowest) {
  const __m512 acc = _mm512_cvt_roundepi32_ps(_mm512_load_si512(sums), nearest);
  const __m512i t = _mm512_cvt_roundps_epi32(_mm512_fmadd_round_ps(acc, scale, n.zero, nearest), nearest);
  lowest = _mm512_min_epu16(lowest, t);
  return t;
}

inline void store_pixel(const std::int32_t* sums, const __m512 (&scale)[2], const Narrow& n, __m512i& lowest,
                        const Outputs& o, std::int8_t* y) {
  const __m512i t0 = fixed(sums, scale[0], n, lowest);
  const __m512i t1 = fixed(sums + lanes, scale[1], n, lowest);
  const __m256i bytes = _mm512_cvtsepi16_epi8(_mm512_permutex2var_epi16(t0, n.upper_halves, t1));
  store(y, _mm256_min_epi8(_mm256_max_epi8(bytes, n.low), n.high), o.channels);
}
inline void store_pixel(const std::int32_t* sums, const __m512 (&scale)[1], const Narrow& n, __m512i& lowest,
                        const Outputs& o, std::int8_t* y) {
  const __m128i bytes = _mm512_cvtsepi32_epi8(_mm512_srai_epi32(fixed(sums, scale[0], n, lowest), 16));
  store(y, _mm_min_epi8(_mm_max_epi8(bytes, _mm256_castsi256_si128(n.low)), _mm256_castsi256_si128(n.high)),
        o.channels);
}

// y = clamp(zero + ((a * m0 + b * m1 + offset) >> shift)) of codes as 16 bits.
struct Adder {
  explicit Adder(const Addition& a)
      : multipliers(_mm512_set1_epi32(static_cast<int>((static_cast<std::uint32_t>(a.m0) & 0xFFFFU) |
                                                       (static_cast<std::uint32_t>(a.m1) << 16U)))),
        offset(_mm512_set1_epi32(a.offset)),
        zero(_mm512_set1_epi16(static_cast<short>(a.zero))),
        shift(_mm_cvtsi32_si128(a.shift)),
        low(_mm256_set1_epi8(static_cast<char>(a.low))),
        high(_mm256_set1_epi8(static_cast<char>(a.high))) {}

  [[nodiscard]] __m256i operator()(__m512i a, __m256i others) const {
    const __m512i b = _mm512_cvtepi8_epi16(others);
    __m512i first = _mm512_madd_epi16(_mm512_unpacklo_epi16(a, b), multipliers);
    __m512i second = _mm512_madd_epi16(_mm512_unpackhi_epi16(a, b), multipliers);
    first = _mm512_sra_epi32(_mm512_add_epi32(first, offset), shift);
    second = _mm512_sra_epi32(_mm512_add_epi32(second, offset), shift);
    const __m512i words = _mm512_adds_epi16(_mm512_packs_epi32(first, second), zero);  // saturated beyond the clamp
    return _mm256_min_epi8(_mm256_max_epi8(_mm512_cvtsepi16_epi8(words), low), high);
  }

  __m512i multipliers;  // m0 and m1 by turns, 16 bits
  __m512i offset, zero;
  __m128i shift;
  __m256i low, high;
};

// In place.
void add(const Addition& addition, const Outputs& o, const std::int8_t* other) {
  const Adder sum(addition);
  const auto mask = static_cast<__mmask32>((std::uint64_t{1} << static_cast<unsigned>(o.channels)) - 1);
  std::int8_t* y = o.y;
  for (int pixel = 0; pixel < o.pixels; ++pixel, y += o.step, other += o.step) {
    const __m512i codes = _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(mask, y));
    _mm256_mask_storeu_epi8(y, mask, sum(codes, _mm256_maskz_loadu_epi8(mask, other)));
  }
}

inline bool is_good(__m512i lowest, const Packed& packed) {
  const __m512i lower = _mm512_and_si512(lowest, _mm512_set1_epi32(0xFFFF));
  return _mm512_cmple_epi32_mask(lower, _mm512_set1_epi32(2 * slack(packed))) == 0;
}

inline Narrow narrow_of(const Packed& packed) {
  alignas(line_bytes) static constexpr std::uint16_t odd_words[32] = {1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21,
                                                                      23, 25, 27, 29, 31, 33, 35, 37, 39, 41, 43,
                                                                      45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
  const float zero = (static_cast<float>(packed.zero_y) + 0.5F) * 65536.0F + static_cast<float>(slack(packed));
  return {_mm512_set1_ps(zero), _mm512_load_si512(odd_words), _mm256_set1_epi8(static_cast<char>(packed.low)),
          _mm256_set1_epi8(static_cast<char>(packed.high))};  // zero has 24 bits
}

inline __m512 fixed_scale(const Outputs& o, int vector) {
  return _mm512_mul_ps(_mm512_load_ps(o.constants + vector * line_bytes), _mm512_set1_ps(65536.0F));  // exact
}

// 32 channels with an addition. False: some output may be wrong.
bool scaled_narrow_adding(const Packed& packed, const Outputs& o, const Addition& addition, const std::int8_t* other) {
  const Narrow n = narrow_of(packed);
  const Adder sum(addition);
  const __m512 scale[2] = {fixed_scale(o, 0), fixed_scale(o, 1)};
  const __m512i low = _mm512_set1_epi16(static_cast<short>(packed.low));
  const __m512i high = _mm512_set1_epi16(static_cast<short>(packed.high));
  __m512i lowest = _mm512_set1_epi32(-1);
  const std::int32_t* sums = o.sums;
  std::int8_t* y = o.y;
  for (int pixel = 0; pixel < o.pixels; ++pixel, y += o.step, other += o.step, sums += 2 * lanes) {
    const __m512i t0 = fixed(sums, scale[0], n, lowest);
    const __m512i t1 = fixed(sums + lanes, scale[1], n, lowest);
    const __m512i words = _mm512_permutex2var_epi16(t0, n.upper_halves, t1);
    const __m512i codes = _mm512_min_epi16(_mm512_max_epi16(words, low), high);
    const __m256i others = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(other));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), sum(codes, others));
  }
  return is_good(lowest, packed);
}

// False: some output may be wrong.
template <int kVectors>
inline bool scaled_narrow(const Outputs& o, const Packed& r) {
  const Narrow n = narrow_of(r);
  __m512 scale[static_cast<Size>(kVectors)];
  for (int v = 0; v < kVectors; ++v) scale[v] = fixed_scale(o, v);
  __m512i lowest = _mm512_set1_epi32(-1);
  const std::int32_t* sums = o.sums;
  std::int8_t* y = o.y;
  for (int pixel = 0; pixel < o.pixels; ++pixel) {
    store_pixel(sums, scale, n, lowest, o, y);
    sums += lanes * kVectors;
    y += o.step;
  }
  return is_good(lowest, r);
}

// floor(acc * scale + 1/2), at most 1024.
inline __m256i rounded(__m256i acc, __m256 scale) {
  const __m512d v = _mm512_fmadd_pd(_mm512_cvtepi32_pd(acc), _mm512_cvtps_pd(scale), _mm512_set1_pd(0.5));
  return _mm512_cvt_roundpd_epi32(_mm512_min_pd(v, _mm512_set1_pd(1024.0)), down);  // below int32: INT32_MIN
}

inline __m128i clamped(__m512i y, const Packed& r) {
  y = _mm512_add_epi32(_mm512_max_epi32(y, _mm512_set1_epi32(r.low - r.zero_y)), _mm512_set1_epi32(r.zero_y));
  return _mm512_cvtepi32_epi8(_mm512_min_epi32(y, _mm512_set1_epi32(r.high)));
}

template <int kVectors>
inline void scaled_wide(const Outputs& o, const Packed& r) {
  for (int pixel = 0; pixel < o.pixels; ++pixel) {
    for (int v = 0; v < kVectors; ++v) {
      const __m512 scale = _mm512_load_ps(o.constants + v * line_bytes);
      const __m512i acc = _mm512_load_si512(o.sums + lanes * (kVectors * pixel + v));
      const __m256i y0 = rounded(_mm512_castsi512_si256(acc), _mm512_castps512_ps256(scale));
      const __m256i y1 = rounded(_mm512_extracti64x4_epi64(acc, 1), _mm512_extractf32x8_ps(scale, 1));
      const __m128i bytes = clamped(_mm512_inserti64x4(_mm512_castsi256_si512(y0), y1, 1), r);
      const int left = o.channels - lanes * v;
      store(o.y + pixel * o.step + lanes * v, bytes, left < lanes ? left : lanes);
    }
  }
}

// x * 2^left, saturated.
inline __m512i shifted_left(__m512i x, __m512i left) {
  const __m512i shifted = _mm512_sllv_epi32(x, left);
  const __mmask16 lost = _mm512_cmpneq_epi32_mask(_mm512_srav_epi32(shifted, left), x);
  return _mm512_mask_xor_epi32(shifted, lost, _mm512_srai_epi32(x, 31), _mm512_set1_epi32(0x7FFFFFFF));
}

// SRDHM.
inline __m512i doubled_high_product(__m512i x, __m512i multiplier) {
  const __m512i nudge = _mm512_set1_epi64(std::int64_t{1} << 30);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(x, multiplier), nudge);
  const __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(multiplier, 32));
  const __m512i upper = _mm512_slli_epi64(_mm512_add_epi64(odd, nudge), 1);  // bits 31.. in the upper 32
  return _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 31), upper);
}

// RDBPOT.
inline __m512i divided(__m512i x, __m512i right) {
  const __m512i one = _mm512_set1_epi32(1);
  const __m512i mask = _mm512_sub_epi32(_mm512_sllv_epi32(one, right), one);
  const __m512i threshold = _mm512_sub_epi32(_mm512_srli_epi32(mask, 1), _mm512_srai_epi32(x, 31));
  const __m512i y = _mm512_srav_epi32(x, right);
  return _mm512_mask_add_epi32(y, _mm512_cmpgt_epi32_mask(_mm512_and_si512(x, mask), threshold), y, one);
}

template <int kVectors>
void requantise_scaled(const Packed& packed, const Outputs& outputs) noexcept {
  if (packed.is_narrow && scaled_narrow<kVectors>(outputs, packed)) return;
  scaled_wide<kVectors>(outputs, packed);
}

template <int kVectors>
void requantise_tflite(const Packed& packed, const Outputs& o) noexcept {
  const __m512i none = _mm512_setzero_si512();
  for (int v = 0; v < kVectors; ++v) {
    const __m512i multiplier = _mm512_load_si512(o.constants + v * line_bytes);
    const __m512i shift = _mm512_load_si512(o.constants + (kVectors + v) * line_bytes);
    const __m512i left = _mm512_max_epi32(shift, none);
    const __m512i right = _mm512_max_epi32(_mm512_sub_epi32(none, shift), none);
    const int channels = o.channels - lanes * v < lanes ? o.channels - lanes * v : lanes;
    for (int pixel = 0; pixel < o.pixels; ++pixel) {
      __m512i x = _mm512_load_si512(o.sums + lanes * (kVectors * pixel + v));
      if (_mm512_test_epi32_mask(left, left) != 0) x = shifted_left(x, left);
      const __m512i y = divided(doubled_high_product(x, multiplier), right);
      store(o.y + pixel * o.step + lanes * v, clamped(y, packed), channels);
    }
  }
}

}  // namespace

void avx512_requantise_adding(const Packed& packed, Requantise requantise, const Outputs& outputs,
                              const Addition& addition, const std::int8_t* other) noexcept {
  const bool fast = !packed.tflite && packed.is_narrow && outputs.channels == tile_vectors * lanes;
  if (fast && scaled_narrow_adding(packed, outputs, addition, other)) return;
  requantise(packed, outputs);
  add(addition, outputs, other);
}

const Requantise avx512_scaled[tile_vectors] = {requantise_scaled<1>, requantise_scaled<2>};
const Requantise avx512_tflite[tile_vectors] = {requantise_tflite<1>, requantise_tflite<2>};

}  // namespace algean::kernels::conv
