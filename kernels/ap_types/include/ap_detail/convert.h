// Between binary points, modes and binary64: what happens when a value is assigned to a type of ap_int.h or ap_fixed.h.
// C++14; integers as words.h has them. Sources: the modes' tables in AMD UG1399, "Quantization Modes", "Overflow
// Modes".
#pragma once

#include <ap_detail/words.h>

#include <cmath>

// What becomes of bits below the last one: nearest with ties up, to zero, down, away from zero, to even; down, to zero.
enum ap_q_mode { AP_RND, AP_RND_ZERO, AP_RND_MIN_INF, AP_RND_INF, AP_RND_CONV, AP_TRN, AP_TRN_ZERO };
// What becomes of a value out of range: its nearest, zero, its nearest in a symmetric range, its low bits,
// sign-magnitude.
enum ap_o_mode { AP_SAT, AP_SAT_ZERO, AP_SAT_SYM, AP_WRAP, AP_WRAP_SM };

namespace ap_detail {

// x * 2^-count as an integer; count is 0 or more.
inline void quantise(word* x, int n, int count, ap_q_mode mode) {
  if (count == 0) return;
  const bool sign = negative(x, n);
  const bool half = bit(x, n, count - 1);
  const bool rest = any_below(x, n, count - 1);
  shift_right(x, n, count);
  bool up = false;
  switch (mode) {
    case AP_TRN:
      break;
    case AP_TRN_ZERO:
      up = sign && (half || rest);
      break;
    case AP_RND:
      up = half;
      break;
    case AP_RND_MIN_INF:
      up = half && rest;
      break;
    case AP_RND_ZERO:
      up = half && (rest || sign);
      break;
    case AP_RND_INF:
      up = half && (rest || !sign);
      break;
    case AP_RND_CONV:
      up = half && (rest || (x[0] & 1) != 0);
      break;
  }
  if (up) increment(x, n);
}

// Largest magnitude of `bits` bits, or its negative.
inline void set_extreme(word* x, int n, int bits, bool is_signed, bool lowest, bool symmetric) {
  for (int i = 0; i < n; ++i) x[i] = ~word{0};
  cut(x, n, is_signed ? bits - 1 : bits, false);
  if (bits == 1 && is_signed) {
    for (int i = 0; i < n; ++i) x[i] = 0;
  }
  if (!lowest) return;
  if (!is_signed) {
    for (int i = 0; i < n; ++i) x[i] = 0;
  } else if (symmetric) {
    negate(x, n);
  } else {
    invert(x, n);
  }
}

// x within `bits` bits. n words hold more than `bits` bits.
inline void limit(word* x, int n, int bits, bool is_signed, ap_o_mode mode) {
  const bool lowest = negative(x, n);
  const bool top = bit(x, n, bits - 1);
  const bool beyond = bit(x, n, bits);
  bool overflows = is_signed ? top != lowest : lowest;
  for (int i = bits; !overflows && i < 64 * n; ++i) overflows = bit(x, n, i) != lowest;
  if (mode == AP_SAT_SYM && is_signed && !overflows && lowest) {  // -2^(bits-1) has no counterpart
    overflows = top && !any_below(x, n, bits - 1);
  }
  if (overflows && (mode == AP_SAT || mode == AP_SAT_SYM)) {
    set_extreme(x, n, bits, is_signed, lowest, mode == AP_SAT_SYM);
  } else if (overflows && mode == AP_SAT_ZERO) {
    for (int i = 0; i < n; ++i) x[i] = 0;
  } else if (overflows && mode == AP_WRAP_SM) {
    if (beyond != top) invert(x, n);
    set_bit(x, bits - 1, beyond);
  }
  cut(x, n, bits, is_signed);
}

// x * 2^-point, rounded to nearest, ties to even. T: float or double.
template <class T>
T to_real(word* x, int n, int point) {
  const bool sign = negative(x, n);
  if (sign) negate(x, n);
  int top = 64 * n - 1;
  while (top > 0 && !bit(x, n, top)) --top;
  const int dropped = max_of(top - 63, 0);
  const bool rest = any_below(x, n, dropped);
  word kept = x[dropped / 64];
  if (dropped % 64 != 0) kept = (kept >> (dropped % 64)) | (x[dropped / 64 + 1] << (64 - dropped % 64));
  const T magnitude = std::ldexp(static_cast<T>(kept | static_cast<word>(rest)), dropped - point);
  return sign ? -magnitude : magnitude;
}

// Words that from_double() needs for a type of `bits` bits.
constexpr int words_of_double(int bits) { return words_of(bits + 64 + 2); }

// value * 2^point by mode, exact but for bits far above `bits`, of which only that there are some is kept. NaN and
// infinity are 0.
inline void from_double(word* x, int n, double value, int point, int bits, ap_q_mode mode) {
  for (int i = 0; i < n; ++i) x[i] = 0;
  if (!std::isfinite(value)) return;
  int exponent = 0;
  const double mantissa = std::frexp(std::fabs(value), &exponent);
  x[0] = static_cast<word>(std::ldexp(mantissa, 53));
  if (value < 0) negate(x, n);
  const int shift = exponent - 53 + point;
  if (shift >= 0) {
    shift_left(x, n, min_of(shift, bits + 2));
  } else {
    quantise(x, n, -shift, mode);
  }
}

}  // namespace ap_detail
