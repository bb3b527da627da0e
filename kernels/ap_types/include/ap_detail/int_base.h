// The value of ap_int.h: W bits, with a sign where S. C++14.
#pragma once

#include <ap_detail/convert.h>
#include <ap_detail/refs.h>

#include <string>
#include <type_traits>

namespace ap_detail {

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
class fixed_base;

// Bits and sign of C++'s own integers; only they have `type`.
template <class T, class = void>
struct native {};
template <class T>
struct native<T, std::enable_if_t<std::is_integral<T>::value>> {
  static constexpr bool is_signed = std::is_signed<T>::value;
  static constexpr int bits = std::is_same<T, bool>::value ? 1 : 8 * static_cast<int>(sizeof(T));
  using type = int_base<bits, is_signed>;
};
template <class T>
using native_t = typename native<T>::type;

// C++'s own integer that holds W bits, or its low 64.
template <int W, bool S>
struct holder {
  using magnitude = std::conditional_t<
      (W <= 8), unsigned char,
      std::conditional_t<(W <= 16), unsigned short, std::conditional_t<(W <= 32), unsigned, unsigned long long>>>;
  using type = std::conditional_t<S, std::make_signed_t<magnitude>, magnitude>;
};

template <int W, bool S>
class int_base {
  static_assert(W >= 1 && W <= 4096, "width out of range");

 public:
  static constexpr int width = W;
  static constexpr int iwidth = W;
  static constexpr bool sign_flag = S;
  static constexpr int word_count = words_of(W);

  int_base() = default;
  template <class T, class = native_t<T>>
  int_base(T value) {  // NOLINT: implicit, as documented
    const word low = static_cast<word>(value);
    extend(words_, word_count, &low, 1, std::is_signed<T>::value);
    settle();
  }
  int_base(double value) {  // NOLINT: implicit, as documented; truncates toward zero, keeps the low bits
    word_array<words_of_double(W)> x;
    from_double(x, words_of_double(W), value, 0, W, AP_TRN_ZERO);
    take(x, words_of_double(W), true);
  }
  int_base(float value) : int_base(static_cast<double>(value)) {}  // NOLINT: implicit, as documented
  template <int W2, bool S2>
  int_base(const int_base<W2, S2>& other) {  // NOLINT: implicit, as documented
    take(other.words(), int_base<W2, S2>::word_count, S2);
  }
  template <int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2>
  int_base(const fixed_base<W2, I2, S2, Q2, O2>& other) : int_base(other.to_ap_int()) {}  // NOLINT: as documented
  template <int W2, bool S2, class Word>
  int_base(const range_ref<W2, S2, Word>& bits) {
    copy_bits(bits);
  }  // NOLINT: as documented
  template <int W2, class A, class B>
  int_base(const concat_ref<W2, A, B>& bits) {
    copy_bits(bits);
  }  // NOLINT: as documented
  template <int W2, bool S2>
  int_base(const bit_ref<W2, S2>& value) {
    copy_bits(value);
  }  // NOLINT: as documented

  // The words, the last one filled up with copies of the sign, or zeros; settle() makes it so.
  word* words() { return words_; }
  const word* words() const { return words_; }
  void settle() { cut(words_, word_count, W, S); }
  // Takes the low W bits of n words.
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
  bool operator[](int index) const { return test(index); }
  bit_ref<W, S> bit(int index) { return {words_, index}; }
  bool test(int index) const { return ap_detail::bit(words_, word_count, index); }
  void set_bit(int index, bool value) {
    ap_detail::set_bit(words_, index, value);
    settle();
  }
  bool get_bit(int index) const { return test(index); }
  void set(int index) { set_bit(index, true); }
  void clear(int index) { set_bit(index, false); }
  void invert(int index) { set_bit(index, !test(index)); }
  void reverse() {
    const int_base old = *this;
    for (int i = 0; i < W; ++i) ap_detail::set_bit(words_, i, old.test(W - 1 - i));
    settle();
  }

  bool sign() const { return S && test(W - 1); }
  bool and_reduce() const {
    for (int i = 0; i < W; ++i) {
      if (!test(i)) return false;
    }
    return true;
  }
  bool or_reduce() const { return !is_zero(words_, word_count); }
  bool xor_reduce() const {
    bool odd = false;
    for (int i = 0; i < W; ++i) odd = odd != test(i);
    return odd;
  }
  bool nand_reduce() const { return !and_reduce(); }
  bool nor_reduce() const { return !or_reduce(); }
  bool xnor_reduce() const { return !xor_reduce(); }

  unsigned long long to_uint64() const { return words_[0]; }
  long long to_int64() const { return static_cast<long long>(words_[0]); }
  int to_int() const { return static_cast<int>(words_[0]); }
  unsigned to_uint() const { return static_cast<unsigned>(words_[0]); }
  long to_long() const { return static_cast<long>(words_[0]); }
  unsigned long to_ulong() const { return static_cast<unsigned long>(words_[0]); }
  bool to_bool() const { return or_reduce(); }
  double to_double() const {
    word_array<words_of(W + 1)> x;
    extend(x, words_of(W + 1), words_, word_count, S);
    return to_real<double>(x, words_of(W + 1), 0);
  }
  operator typename holder<W, S>::type() const {  // NOLINT: implicit, as documented
    return static_cast<typename holder<W, S>::type>(words_[0]);
  }

  int_base operator~() const {
    int_base r = *this;
    ap_detail::invert(r.words_, word_count);
    r.settle();
    return r;
  }
  bool operator!() const { return !or_reduce(); }
  int_base operator+() const { return *this; }

 private:
  template <class Bits>
  void copy_bits(const Bits& bits) {
    bits.read(words_, word_count);
    settle();
  }

  word_array<word_count> words_ = {};
};

}  // namespace ap_detail
