// Two's complement integers of `n` 64-bit words, least significant first: the arithmetic that all widths of ap_int.h
// and ap_fixed.h share. C++14. Results are modulo 2^(64 n) unless stated; who calls gives words enough.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ap_detail {

using word = std::uint64_t;
template <int N>
using word_array = word[static_cast<std::size_t>(N)];

constexpr int words_of(int bits) { return (bits + 63) / 64; }
constexpr int max_of(int a, int b) { return a > b ? a : b; }
constexpr int min_of(int a, int b) { return a < b ? a : b; }

inline bool negative(const word* x, int n) { return (x[n - 1] >> 63) != 0; }

inline bool is_zero(const word* x, int n) {
  for (int i = 0; i < n; ++i) {
    if (x[i] != 0) return false;
  }
  return true;
}

// Bit i; of the sign beyond the words.
inline bool bit(const word* x, int n, int i) {
  return i >= 64 * n ? negative(x, n) : ((x[i / 64] >> (i % 64)) & 1) != 0;
}

inline void set_bit(word* x, int i, bool value) {
  const word mask = word{1} << (i % 64);
  x[i / 64] = value ? x[i / 64] | mask : x[i / 64] & ~mask;
}

// The m words at `from`, whose top bit is a sign where `is_signed`, as n words; m > n cuts.
inline void extend(word* to, int n, const word* from, int m, bool is_signed) {
  const word fill = is_signed && negative(from, m) ? ~word{0} : 0;
  for (int i = 0; i < n; ++i) to[i] = i < m ? from[i] : fill;
}

// Keeps the low `bits` (at least 1) of x and fills the words above with its sign, or with zeros.
inline void cut(word* x, int n, int bits, bool is_signed) {
  if (bits >= 64 * n) return;
  const bool fill = is_signed && bit(x, n, bits - 1);
  const int at = bits / 64;
  const word above = ~word{0} << (bits % 64);
  x[at] = fill ? x[at] | above : x[at] & ~above;
  for (int i = at + 1; i < n; ++i) x[i] = fill ? ~word{0} : 0;
}

inline void add(word* r, const word* a, const word* b, int n) {
  word carry = 0;
  for (int i = 0; i < n; ++i) {
    const word sum = a[i] + b[i];
    const word with_carry = sum + carry;
    carry = static_cast<word>(sum < a[i]) | static_cast<word>(with_carry < sum);
    r[i] = with_carry;
  }
}

inline void increment(word* x, int n) {
  for (int i = 0; i < n && ++x[i] == 0; ++i) {
  }
}

inline void invert(word* x, int n) {
  for (int i = 0; i < n; ++i) x[i] = ~x[i];
}

inline void negate(word* x, int n) {
  invert(x, n);
  increment(x, n);
}

// r: none of a and b.
inline void subtract(word* r, const word* a, const word* b, int n) {
  for (int i = 0; i < n; ++i) r[i] = ~b[i];
  increment(r, n);
  add(r, r, a, n);
}

// r: none of a and b.
inline void multiply(word* r, const word* a, const word* b, int n) {
  __extension__ using Wide = unsigned __int128;
  for (int i = 0; i < n; ++i) r[i] = 0;
  for (int i = 0; i < n; ++i) {
    word carry = 0;
    for (int j = 0; i + j < n; ++j) {
      const Wide sum = static_cast<Wide>(a[i]) * b[j] + r[i + j] + carry;
      r[i + j] = static_cast<word>(sum);
      carry = static_cast<word>(sum >> 64);
    }
  }
}

// count: 0 or more, without a limit.
inline void shift_left(word* x, int n, int count) {
  for (int i = n - 1; i >= 0; --i) {
    const int low = i - count / 64;
    const word upper = low >= 0 ? x[low] : 0;
    const word lower = low >= 1 ? x[low - 1] : 0;
    x[i] = count % 64 == 0 ? upper : (upper << (count % 64)) | (lower >> (64 - count % 64));
  }
}

// Copies of the sign come in from above. count: 0 or more, without a limit.
inline void shift_right(word* x, int n, int count) {
  const word fill = negative(x, n) ? ~word{0} : 0;
  for (int i = 0; i < n; ++i) {
    const int low = i < n - count / 64 ? i + count / 64 : n;
    const word lower = low < n ? x[low] : fill;
    const word upper = low + 1 < n ? x[low + 1] : fill;
    x[i] = count % 64 == 0 ? lower : (lower >> (count % 64)) | (upper << (64 - count % 64));
  }
}

// True when any of the low `bits` bits is set.
inline bool any_below(const word* x, int n, int bits) {
  for (int i = 0; i < n && 64 * i < bits; ++i) {
    const int taken = bits - 64 * i;
    if ((taken >= 64 ? x[i] : x[i] & ~(~word{0} << taken)) != 0) return true;
  }
  return bits > 64 * n && negative(x, n);
}

// -1, 0 or 1: unsigned, and signed.
inline int compare_magnitudes(const word* a, const word* b, int n) {
  for (int i = n - 1; i >= 0; --i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

inline int compare(const word* a, const word* b, int n) {
  if (negative(a, n) != negative(b, n)) return negative(a, n) ? -1 : 1;
  return compare_magnitudes(a, b, n);
}

// a becomes a / b rounded toward zero, and rest what is left, with a's sign. b becomes its magnitude; it is not 0.
inline void divide(word* a, word* b, word* rest, int n) {
  const bool a_negative = negative(a, n);
  const bool b_negative = negative(b, n);
  if (a_negative) negate(a, n);
  if (b_negative) negate(b, n);
  for (int i = 0; i < n; ++i) rest[i] = 0;
  for (int i = 64 * n - 1; i >= 0; --i) {
    const bool next = bit(a, n, i);
    const bool above = negative(rest, n);
    shift_left(rest, n, 1);
    rest[0] |= static_cast<word>(next);
    const bool takes = above || compare_magnitudes(rest, b, n) >= 0;
    if (takes) {
      word borrow = 0;
      for (int j = 0; j < n; ++j) {
        const word difference = rest[j] - b[j];
        const word with_borrow = difference - borrow;
        borrow = static_cast<word>(rest[j] < b[j]) | static_cast<word>(difference < borrow);
        rest[j] = with_borrow;
      }
    }
    set_bit(a, i, takes);
  }
  if (a_negative) negate(rest, n);
  if (a_negative != b_negative) negate(a, n);
}

}  // namespace ap_detail
