// Operators of ap_int.h: result types as in AMD UG1399, "Class Methods, Operators, and Data Members" of ap_[u]int.
// C++14.
#pragma once

#include <ap_detail/int_base.h>

#include <cstdio>
#include <cstdlib>

namespace ap_detail {

// Integer bits that hold both operands: one more for an unsigned one beside a signed one.
constexpr int common_bits(int w1, bool s1, int w2, bool s2) {
  return max_of(w1 + (s2 && !s1 ? 1 : 0), w2 + (s1 && !s2 ? 1 : 0));
}

inline void refuse_zero(const word* divisor, int n) {
  if (!is_zero(divisor, n)) return;
  std::fprintf(stderr, "ap_int/ap_fixed: division by zero\n");
  std::abort();
}

// Both operands in n words, and `op` of words.h on them.
template <class R, int W1, bool S1, int W2, bool S2, class Operation>
R apply(const int_base<W1, S1>& a, const int_base<W2, S2>& b, Operation operation) {
  constexpr int n = words_of(max_of(R::width, max_of(W1, W2)) + 1);
  word_array<n> x, y, r;
  extend(x, n, a.words(), words_of(W1), S1);
  extend(y, n, b.words(), words_of(W2), S2);
  operation(r, x, y, n);
  R result;
  result.take(r, n, true);
  return result;
}

inline void and_words(word* r, const word* a, const word* b, int n) {
  for (int i = 0; i < n; ++i) r[i] = a[i] & b[i];
}
inline void or_words(word* r, const word* a, const word* b, int n) {
  for (int i = 0; i < n; ++i) r[i] = a[i] | b[i];
}
inline void xor_words(word* r, const word* a, const word* b, int n) {
  for (int i = 0; i < n; ++i) r[i] = a[i] ^ b[i];
}
inline void quotient(word* r, word* a, word* b, int n) {
  refuse_zero(b, n);
  divide(a, b, r, n);
  for (int i = 0; i < n; ++i) r[i] = a[i];
}
inline void remainder(word* r, word* a, word* b, int n) {
  refuse_zero(b, n);
  divide(a, b, r, n);
}

template <int W1, bool S1, int W2, bool S2>
int_base<common_bits(W1, S1, W2, S2) + 1, S1 || S2> operator+(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  return apply<int_base<common_bits(W1, S1, W2, S2) + 1, S1 || S2>>(a, b, add);
}
template <int W1, bool S1, int W2, bool S2>
int_base<common_bits(W1, S1, W2, S2) + 1, true> operator-(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  return apply<int_base<common_bits(W1, S1, W2, S2) + 1, true>>(a, b, subtract);
}
template <int W1, bool S1, int W2, bool S2>
int_base<W1 + W2, S1 || S2> operator*(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  return apply<int_base<W1 + W2, S1 || S2>>(a, b, multiply);
}
template <int W1, bool S1, int W2, bool S2>
int_base<W1 + (S2 ? 1 : 0), S1 || S2> operator/(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  return apply<int_base<W1 + (S2 ? 1 : 0), S1 || S2>>(a, b, quotient);
}
template <int W1, bool S1, int W2, bool S2>
int_base<min_of(W1, W2 + (S1 && !S2 ? 1 : 0)), S1> operator%(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  return apply<int_base<min_of(W1, W2 + (S1 && !S2 ? 1 : 0)), S1>>(a, b, remainder);
}
template <int W1, bool S1, int W2, bool S2>
int_base<common_bits(W1, S1, W2, S2), S1 || S2> operator&(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  return apply<int_base<common_bits(W1, S1, W2, S2), S1 || S2>>(a, b, and_words);
}
template <int W1, bool S1, int W2, bool S2>
int_base<common_bits(W1, S1, W2, S2), S1 || S2> operator|(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  return apply<int_base<common_bits(W1, S1, W2, S2), S1 || S2>>(a, b, or_words);
}
template <int W1, bool S1, int W2, bool S2>
int_base<common_bits(W1, S1, W2, S2), S1 || S2> operator^(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  return apply<int_base<common_bits(W1, S1, W2, S2), S1 || S2>>(a, b, xor_words);
}

template <int W, bool S>
int_base<(S ? max_of(W, 2) : W) + 1, true> operator-(const int_base<W, S>& a) {
  return apply<int_base<(S ? max_of(W, 2) : W) + 1, true>>(int_base<1, false>(0), a, subtract);
}

template <int W1, bool S1, int W2, bool S2>
int compare(const int_base<W1, S1>& a, const int_base<W2, S2>& b) {
  constexpr int n = words_of(max_of(W1, W2) + 1);
  word_array<n> x, y;
  extend(x, n, a.words(), words_of(W1), S1);
  extend(y, n, b.words(), words_of(W2), S2);
  return compare(x, y, n);
}

// x shifted by `count` bits within its own width; a negative count goes the other way.
template <class T>
T shifted(T x, long long count) {
  const bool left = count >= 0;
  const long long magnitude = left ? count : -count;
  const int bits = magnitude > T::width ? T::width : static_cast<int>(magnitude);
  if (left) {
    shift_left(x.words(), T::word_count, bits);
  } else if (T::sign_flag) {
    shift_right(x.words(), T::word_count, bits);
  } else if (bits > 0) {
    word_array<words_of(T::width + 1)> above;
    extend(above, words_of(T::width + 1), x.words(), T::word_count, false);
    shift_right(above, words_of(T::width + 1), bits);
    x.take(above, words_of(T::width + 1), false);
  }
  x.settle();
  return x;
}

// How far a count shifts: far enough for every width where it has more bits than a long long.
template <class T, class = native_t<T>>
long long shift_count(T count) {
  constexpr T limit = static_cast<T>(sizeof(T) == 1 ? 127 : 0x4000);  // above every width, but for 8-bit counts
  return sizeof(T) > 1 && count > limit ? 0x4000 : static_cast<long long>(count);
}
template <int W, bool S>
long long shift_count(const int_base<W, S>& count) {
  const bool far = ap_detail::compare(count, int_base<32, true>(0x4000)) > 0;
  const bool far_back = ap_detail::compare(count, int_base<32, true>(-0x4000)) < 0;
  return far ? 0x4000 : far_back ? -0x4000 : count.to_int64();
}

template <int W, bool S, class C>
auto operator<<(const int_base<W, S>& x, const C& count) -> decltype(shift_count(count), int_base<W, S>()) {
  return shifted(x, shift_count(count));
}
template <int W, bool S, class C>
auto operator>>(const int_base<W, S>& x, const C& count) -> decltype(shift_count(count), int_base<W, S>()) {
  return shifted(x, -shift_count(count));
}

// With C++'s own integers on either side, which stand for int_base of their width.
#define AP_DETAIL_INT_OPERATOR(op)                                                \
  template <int W, bool S, class T>                                               \
  auto operator op(const int_base<W, S>& a, T b)->decltype(a op native_t<T>(b)) { \
    return a op native_t<T>(b);                                                   \
  }                                                                               \
  template <class T, int W, bool S>                                               \
  auto operator op(T a, const int_base<W, S>& b)->decltype(native_t<T>(a) op b) { \
    return native_t<T>(a) op b;                                                   \
  }
#define AP_DETAIL_INT_COMPARISON(op)                                       \
  template <int W1, bool S1, int W2, bool S2>                              \
  bool operator op(const int_base<W1, S1>& a, const int_base<W2, S2>& b) { \
    return compare(a, b) op 0;                                             \
  }                                                                        \
  AP_DETAIL_INT_OPERATOR(op)

AP_DETAIL_INT_OPERATOR(+)
AP_DETAIL_INT_OPERATOR(-)
AP_DETAIL_INT_OPERATOR(*)
AP_DETAIL_INT_OPERATOR(/)
AP_DETAIL_INT_OPERATOR(%)
AP_DETAIL_INT_OPERATOR(&)
AP_DETAIL_INT_OPERATOR(|)
AP_DETAIL_INT_OPERATOR(^)
AP_DETAIL_INT_COMPARISON(==)
AP_DETAIL_INT_COMPARISON(!=)
AP_DETAIL_INT_COMPARISON(<)
AP_DETAIL_INT_COMPARISON(<=)
AP_DETAIL_INT_COMPARISON(>)
AP_DETAIL_INT_COMPARISON(>=)
#undef AP_DETAIL_INT_OPERATOR
#undef AP_DETAIL_INT_COMPARISON

// x op= y is x = x op y.
#define AP_DETAIL_INT_ASSIGNMENT(op)                                                             \
  template <int W, bool S, class B>                                                              \
  auto operator op##=(int_base<W, S>& a, const B& b)->decltype(static_cast<void>(a op b), (a)) { \
    return a = int_base<W, S>(a op b);                                                           \
  }
AP_DETAIL_INT_ASSIGNMENT(+)
AP_DETAIL_INT_ASSIGNMENT(-)
AP_DETAIL_INT_ASSIGNMENT(*)
AP_DETAIL_INT_ASSIGNMENT(/)
AP_DETAIL_INT_ASSIGNMENT(%)
AP_DETAIL_INT_ASSIGNMENT(&)
AP_DETAIL_INT_ASSIGNMENT(|)
AP_DETAIL_INT_ASSIGNMENT(^)
AP_DETAIL_INT_ASSIGNMENT(<<)
AP_DETAIL_INT_ASSIGNMENT(>>)
#undef AP_DETAIL_INT_ASSIGNMENT

template <int W, bool S>
int_base<W, S>& operator++(int_base<W, S>& x) {
  return x += 1;
}
template <int W, bool S>
int_base<W, S>& operator--(int_base<W, S>& x) {
  return x -= 1;
}
template <int W, bool S>
int_base<W, S> operator++(int_base<W, S>& x, int) {
  const int_base<W, S> old = x;
  x += 1;
  return old;
}
template <int W, bool S>
int_base<W, S> operator--(int_base<W, S>& x, int) {
  const int_base<W, S> old = x;
  x -= 1;
  return old;
}

}  // namespace ap_detail
