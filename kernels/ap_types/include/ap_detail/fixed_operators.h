// Operators of ap_fixed.h: results are exact but for `/`, of types as in AMD UG1399, "Class Methods, Operators, and
// Data Members" of ap_[u]fixed. Operands with modes give results without. C++14.
#pragma once

#include <ap_detail/fixed_base.h>

namespace ap_detail {

// Operand types of a fixed-point operator: a fixed_base, and for integers the fixed_base that holds all of them.
template <class T, class = void>
struct as_fixed {};
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
struct as_fixed<fixed_base<W, I, S, Q, O>> {
  using type = fixed_base<W, I, S>;
};
template <int W, bool S>
struct as_fixed<int_base<W, S>> {
  using type = fixed_base<W, W, S>;
};
template <class T>
struct as_fixed<T, std::enable_if_t<std::is_integral<T>::value>> : as_fixed<native_t<T>> {};

// Types of results. A, B: fixed_base without modes.
template <class A, class B>
struct results {
  static constexpr bool is_signed = A::sign_flag || B::sign_flag;
  static constexpr int whole = common_bits(A::iwidth, A::sign_flag, B::iwidth, B::sign_flag);
  static constexpr int fraction = max_of(A::fraction, B::fraction);
  static constexpr int divisor_fraction = max_of(B::fraction, 0);
  using plus = fixed_base<whole + 1 + fraction, whole + 1, is_signed>;
  using minus = fixed_base<whole + 1 + fraction, whole + 1, true>;
  using times = fixed_base<A::width + B::width, A::iwidth + B::iwidth, is_signed>;
  using over = fixed_base<A::width + divisor_fraction + (B::sign_flag ? 1 : 0),
                          A::iwidth + B::fraction + (B::sign_flag ? 1 : 0), is_signed>;
  using logic = fixed_base<whole + fraction, whole, is_signed>;
};

// The integers of both operands with `a_shift` and `b_shift` zeros below, and `op` of words.h on them.
template <class R, int A_SHIFT, int B_SHIFT, class A, class B, class Operation>
R apply_fixed(const A& a, const B& b, Operation operation) {
  constexpr int n = words_of(max_of(R::width, max_of(A::width + A_SHIFT, B::width + B_SHIFT)) + 1);
  word_array<n> x, y, r;
  extend(x, n, a.words(), A::word_count, A::sign_flag);
  extend(y, n, b.words(), B::word_count, B::sign_flag);
  shift_left(x, n, A_SHIFT);
  shift_left(y, n, B_SHIFT);
  operation(r, x, y, n);
  R result;
  result.take(r, n, true);
  return result;
}
template <class R, class A, class B, class Operation>
R apply_aligned(const A& a, const B& b, Operation operation) {
  constexpr int fraction = max_of(A::fraction, B::fraction);
  return apply_fixed<R, fraction - A::fraction, fraction - B::fraction>(a, b, operation);
}

inline void compare_words(word* r, const word* a, const word* b, int n) {
  for (int i = 0; i < n; ++i) r[i] = 0;
  r[0] = static_cast<word>(compare(a, b, n) + 1);  // 0, 1, 2: below, equal, above
}

template <class A, class B>
struct fixed_operation {
  using R = results<A, B>;
  static typename R::plus add(const A& a, const B& b) { return apply_aligned<typename R::plus>(a, b, ap_detail::add); }
  static typename R::minus subtract(const A& a, const B& b) {
    return apply_aligned<typename R::minus>(a, b, ap_detail::subtract);
  }
  static typename R::times multiply(const A& a, const B& b) {
    return apply_fixed<typename R::times, 0, 0>(a, b, ap_detail::multiply);
  }
  static typename R::over divide(const A& a, const B& b) {
    return apply_fixed<typename R::over, R::divisor_fraction, 0>(a, b, quotient);
  }
  static typename R::logic conjunction(const A& a, const B& b) {
    return apply_aligned<typename R::logic>(a, b, and_words);
  }
  static typename R::logic disjunction(const A& a, const B& b) {
    return apply_aligned<typename R::logic>(a, b, or_words);
  }
  static typename R::logic difference(const A& a, const B& b) {
    return apply_aligned<typename R::logic>(a, b, xor_words);
  }
  static int order(const A& a, const B& b) {
    return apply_aligned<fixed_base<2, 2, false>>(a, b, compare_words).to_int() - 1;
  }
};

// op for fixed with fixed, with ap_[u]int and with C++'s own integers on either side. TAIL: what follows the call.
#define AP_DETAIL_FIXED_OPERATOR(op, call, tail)                                                                 \
  template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2> \
  auto operator op(const fixed_base<W, I, S, Q, O>& a, const fixed_base<W2, I2, S2, Q2, O2>& b) {                \
    return fixed_operation<fixed_base<W, I, S>, fixed_base<W2, I2, S2>>::call(a, b) tail;                        \
  }                                                                                                              \
  template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int W2, bool S2>                                     \
  auto operator op(const fixed_base<W, I, S, Q, O>& a, const int_base<W2, S2>& b) {                              \
    return fixed_operation<fixed_base<W, I, S>, fixed_base<W2, W2, S2>>::call(a, b) tail;                        \
  }                                                                                                              \
  template <int W2, bool S2, int W, int I, bool S, ap_q_mode Q, ap_o_mode O>                                     \
  auto operator op(const int_base<W2, S2>& a, const fixed_base<W, I, S, Q, O>& b) {                              \
    return fixed_operation<fixed_base<W2, W2, S2>, fixed_base<W, I, S>>::call(a, b) tail;                        \
  }                                                                                                              \
  template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, class T, class N = native_t<T>>                      \
  auto operator op(const fixed_base<W, I, S, Q, O>& a, T b) {                                                    \
    return a op N(b);                                                                                            \
  }                                                                                                              \
  template <class T, int W, int I, bool S, ap_q_mode Q, ap_o_mode O, class N = native_t<T>>                      \
  auto operator op(T a, const fixed_base<W, I, S, Q, O>& b) {                                                    \
    return N(a) op b;                                                                                            \
  }

AP_DETAIL_FIXED_OPERATOR(+, add, )
AP_DETAIL_FIXED_OPERATOR(-, subtract, )
AP_DETAIL_FIXED_OPERATOR(*, multiply, )
AP_DETAIL_FIXED_OPERATOR(/, divide, )
AP_DETAIL_FIXED_OPERATOR(&, conjunction, )
AP_DETAIL_FIXED_OPERATOR(|, disjunction, )
AP_DETAIL_FIXED_OPERATOR(^, difference, )
AP_DETAIL_FIXED_OPERATOR(==, order, == 0)
AP_DETAIL_FIXED_OPERATOR(!=, order, != 0)
AP_DETAIL_FIXED_OPERATOR(<, order, < 0)
AP_DETAIL_FIXED_OPERATOR(<=, order, <= 0)
AP_DETAIL_FIXED_OPERATOR(>, order, > 0)
AP_DETAIL_FIXED_OPERATOR(>=, order, >= 0)
#undef AP_DETAIL_FIXED_OPERATOR

// With float and double: as to_double(), which is exact up to 53 bits.
#define AP_DETAIL_FIXED_COMPARISON(op)                                                                            \
  template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, class T>                                              \
  std::enable_if_t<std::is_floating_point<T>::value, bool> operator op(const fixed_base<W, I, S, Q, O>& a, T b) { \
    return a.to_double() op b;                                                                                    \
  }                                                                                                               \
  template <class T, int W, int I, bool S, ap_q_mode Q, ap_o_mode O>                                              \
  std::enable_if_t<std::is_floating_point<T>::value, bool> operator op(T a, const fixed_base<W, I, S, Q, O>& b) { \
    return a op b.to_double();                                                                                    \
  }
AP_DETAIL_FIXED_COMPARISON(==)
AP_DETAIL_FIXED_COMPARISON(!=)
AP_DETAIL_FIXED_COMPARISON(<)
AP_DETAIL_FIXED_COMPARISON(<=)
AP_DETAIL_FIXED_COMPARISON(>)
AP_DETAIL_FIXED_COMPARISON(>=)
#undef AP_DETAIL_FIXED_COMPARISON

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed_base<W + 1, I + 1, true> operator-(const fixed_base<W, I, S, Q, O>& a) {
  return apply_fixed<fixed_base<W + 1, I + 1, true>, 0, 0>(fixed_base<1, 1, false>(), a, subtract);
}

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, class C>
auto operator<<(const fixed_base<W, I, S, Q, O>& x, const C& count)
    -> decltype(shift_count(count), fixed_base<W, I, S, Q, O>()) {
  return shifted(x, shift_count(count));
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, class C>
auto operator>>(const fixed_base<W, I, S, Q, O>& x, const C& count)
    -> decltype(shift_count(count), fixed_base<W, I, S, Q, O>()) {
  return shifted(x, -shift_count(count));
}

// x op= y is x = x op y: the full result, assigned once with x's modes.
#define AP_DETAIL_FIXED_ASSIGNMENT(op)                                                                      \
  template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, class B>                                        \
  auto operator op##=(fixed_base<W, I, S, Q, O>& a, const B& b)->decltype(static_cast<void>(a op b), (a)) { \
    return a = fixed_base<W, I, S, Q, O>(a op b);                                                           \
  }
AP_DETAIL_FIXED_ASSIGNMENT(+)
AP_DETAIL_FIXED_ASSIGNMENT(-)
AP_DETAIL_FIXED_ASSIGNMENT(*)
AP_DETAIL_FIXED_ASSIGNMENT(/)
AP_DETAIL_FIXED_ASSIGNMENT(&)
AP_DETAIL_FIXED_ASSIGNMENT(|)
AP_DETAIL_FIXED_ASSIGNMENT(^)
AP_DETAIL_FIXED_ASSIGNMENT(<<)
AP_DETAIL_FIXED_ASSIGNMENT(>>)
#undef AP_DETAIL_FIXED_ASSIGNMENT

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed_base<W, I, S, Q, O>& operator++(fixed_base<W, I, S, Q, O>& x) {
  return x += int_base<1, false>(1);
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed_base<W, I, S, Q, O>& operator--(fixed_base<W, I, S, Q, O>& x) {
  return x -= int_base<1, false>(1);
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed_base<W, I, S, Q, O> operator++(fixed_base<W, I, S, Q, O>& x, int) {
  const fixed_base<W, I, S, Q, O> old = x;
  ++x;
  return old;
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed_base<W, I, S, Q, O> operator--(fixed_base<W, I, S, Q, O>& x, int) {
  const fixed_base<W, I, S, Q, O> old = x;
  --x;
  return old;
}

}  // namespace ap_detail
