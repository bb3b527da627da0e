// The value of ap_fixed.h: W bits, I of them before the binary point (either may exceed the other, I may be negative),
// with a sign where S; Q and O say what an assignment does with a value that does not fit. C++14.
#pragma once

#include <ap_detail/int_operators.h>

namespace ap_detail {

template <int W, int I, bool S, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP>
class fixed_base {
  static_assert(W >= 1 && W <= 4096, "width out of range");
  static_assert(S || O != AP_WRAP_SM, "AP_WRAP_SM is of signed types");

 public:
  static constexpr int width = W;
  static constexpr int iwidth = I;
  static constexpr int fraction = W - I;
  static constexpr bool sign_flag = S;
  static constexpr ap_q_mode qmode = Q;
  static constexpr ap_o_mode omode = O;
  static constexpr int word_count = words_of(W);

  fixed_base() = default;
  fixed_base(double value) {  // NOLINT: implicit, as documented
    word_array<words_of_double(W)> x;
    from_double(x, words_of_double(W), value, fraction, W, Q);
    fit(x, words_of_double(W));
  }
  fixed_base(float value) : fixed_base(static_cast<double>(value)) {}  // NOLINT: implicit, as documented
  template <class T, class = native_t<T>>
  fixed_base(T value) : fixed_base(native_t<T>(value)) {}  // NOLINT: implicit, as documented
  template <int W2, bool S2>
  fixed_base(const int_base<W2, S2>& value) {  // NOLINT: implicit, as documented
    assign<W2, W2, S2>(value.words());
  }
  template <int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2>
  fixed_base(const fixed_base<W2, I2, S2, Q2, O2>& value) {  // NOLINT: implicit, as documented
    assign<W2, I2, S2>(value.words());
  }

  // The words, the last one filled up with copies of the sign, or zeros; settle() makes it so.
  word* words() { return words_; }
  const word* words() const { return words_; }
  void settle() { cut(words_, word_count, W, S); }
  // Takes the low W bits of n words, as they are.
  void take(const word* from, int n, bool is_signed) {
    extend(words_, word_count, from, n, is_signed);
    settle();
  }

  int length() const { return W; }
  range_ref<W, S, word> range(int high = W - 1, int low = 0) { return {words_, high, low}; }
  range_ref<W, S, const word> range(int high = W - 1, int low = 0) const { return {words_, high, low}; }
  range_ref<W, S, word> operator()(int high, int low) { return {words_, high, low}; }
  range_ref<W, S, const word> operator()(int high, int low) const { return {words_, high, low}; }
  bit_ref<W, S> operator[](int index) { return {words_, index}; }
  bool operator[](int index) const { return bit(words_, word_count, index); }

  double to_double() const { return real<double>(); }
  float to_float() const { return real<float>(); }
  // Toward zero, whatever Q.
  int_base<max_of(I, 1), S> to_ap_int() const {
    constexpr int n = words_of(max_of(W, I) + 1);
    word_array<n> x;
    extend(x, n, words_, word_count, S);
    if (fraction > 0) quantise(x, n, fraction, AP_TRN_ZERO);
    if (fraction < 0) shift_left(x, n, -fraction);
    int_base<max_of(I, 1), S> r;
    r.take(x, n, true);
    return r;
  }
  int to_int() const { return to_ap_int().to_int(); }
  unsigned to_uint() const { return to_ap_int().to_uint(); }
  long long to_int64() const { return to_ap_int().to_int64(); }
  unsigned long long to_uint64() const { return to_ap_int().to_uint64(); }
  explicit operator double() const { return to_double(); }
  explicit operator float() const { return to_float(); }
  explicit operator bool() const { return !!*this; }
  explicit operator int() const { return to_int(); }
  explicit operator unsigned() const { return to_uint(); }
  explicit operator long long() const { return to_int64(); }
  explicit operator unsigned long long() const { return to_uint64(); }

  bool operator!() const { return is_zero(words_, word_count); }
  bool is_neg() const { return S && negative(words_, word_count); }
  fixed_base operator+() const { return *this; }
  fixed_base operator~() const {
    fixed_base r = *this;
    invert(r.words_, word_count);
    r.settle();
    return r;
  }

 private:
  template <class T>
  T real() const {
    constexpr int n = words_of(W + 1);
    word_array<n> x;
    extend(x, n, words_, word_count, S);
    return to_real<T>(x, n, fraction);
  }
  void fit(word* x, int n) {
    limit(x, n, W, S, O);
    take(x, n, true);
  }
  template <int W2, int I2, bool S2>
  void assign(const word* from) {
    constexpr int left = max_of(fraction - (W2 - I2), 0);
    constexpr int right = max_of(W2 - I2 - fraction, 0);
    constexpr int n = words_of(max_of(W2 + left, W) + 2);
    word_array<n> x;
    extend(x, n, from, words_of(W2), S2);
    shift_left(x, n, left);
    quantise(x, n, right, Q);
    fit(x, n);
  }

  word_array<word_count> words_ = {};
};

}  // namespace ap_detail
