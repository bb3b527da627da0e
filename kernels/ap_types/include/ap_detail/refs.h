// Bits, ranges and concatenations of values, readable and assignable. C++14.
#pragma once

#include <ap_detail/words.h>

#include <type_traits>

namespace ap_detail {

template <int W, bool S>
class int_base;

// The words of a value of W bits, with copies of its sign above where S.
template <int W, bool S>
void settle_words(word* words) {
  cut(words, words_of(W), W, S);
}

// One bit of a value: x[i].
template <int W, bool S>
class bit_ref {
 public:
  bit_ref(word* words, int index) : words_(words), index_(index) {}
  bit_ref(const bit_ref&) = default;
  operator bool() const { return bit(words_, words_of(W), index_); }  // NOLINT: implicit, as documented
  bool to_bool() const { return *this; }
  bool operator~() const { return !*this; }
  bit_ref& operator=(bool value) {
    set_bit(words_, index_, value);
    settle_words<W, S>(words_);
    return *this;
  }
  bit_ref& operator=(const bit_ref& other) { return *this = static_cast<bool>(other); }  // NOLINT: assigns the bit

  int length() const { return 1; }
  void read(word* to, int n) const {
    for (int i = 0; i < n; ++i) to[i] = 0;
    to[0] = static_cast<word>(static_cast<bool>(*this));
  }
  void write(const word* from, int n) { *this = bit(from, n, 0); }

 private:
  word* words_;
  int index_;
};

// Bits high..low of a value of W bits: x(high, low), x.range(high, low). high < low reads and writes them in reverse
// order. Word: const word where the value may only be read.
template <int W, bool S, class Word>
class range_ref {
 public:
  range_ref(Word* words, int high, int low) : words_(words), high_(high), low_(low) {}
  range_ref(const range_ref&) = default;

  int length() const { return high_ >= low_ ? high_ - low_ + 1 : low_ - high_ + 1; }
  void read(word* to, int n) const {
    for (int i = 0; i < n; ++i) to[i] = 0;
    const int count = min_of(length(), 64 * n);
    for (int i = 0; i < count; ++i) set_bit(to, i, bit(words_, words_of(W), at(i)));
  }
  void write(const word* from, int n) {
    for (int i = 0; i < length(); ++i) set_bit(words_, at(i), bit(from, n, i));
    settle_words<W, S>(words_);
  }

  range_ref& operator=(const range_ref& other) {  // NOLINT: assigns the bits
    return assign(int_base<W, false>(other));
  }
  template <class T>
  range_ref& operator=(const T& other) {
    return assign(int_base<64 * word_total, false>(other));
  }

  operator unsigned long long() const { return to_uint64(); }  // NOLINT: as documented
  unsigned long long to_uint64() const {
    word low = 0;
    read(&low, 1);
    return low;
  }
  long long to_int64() const { return static_cast<long long>(to_uint64()); }
  int to_int() const { return static_cast<int>(to_uint64()); }
  unsigned to_uint() const { return static_cast<unsigned>(to_uint64()); }

 private:
  static constexpr int word_total = words_of(W);
  int at(int i) const { return high_ >= low_ ? low_ + i : low_ - i; }
  template <int W2>
  range_ref& assign(const int_base<W2, false>& bits) {
    write(bits.words(), int_base<W2, false>::word_count);
    return *this;
  }

  Word* words_;
  int high_, low_;
};

// (a, b): a's bits above b's. W: their greatest length in all. A and B are references, or concatenations.
template <int W, class A, class B>
class concat_ref {
 public:
  concat_ref(const A& upper, const B& lower) : upper_(upper), lower_(lower) {}
  concat_ref(const concat_ref&) = default;

  int length() const { return upper_.length() + lower_.length(); }
  void read(word* to, int n) const {
    word_array<words_of(W)> below;
    upper_.read(to, n);
    shift_left(to, n, lower_.length());
    lower_.read(below, words_of(W));
    for (int i = 0; i < min_of(n, words_of(W)); ++i) to[i] |= below[i];
  }
  void write(const word* from, int n) {
    word_array<words_of(W)> above;
    lower_.write(from, n);
    extend(above, words_of(W), from, n, false);
    shift_right(above, words_of(W), lower_.length());
    upper_.write(above, words_of(W));
  }

  concat_ref& operator=(const concat_ref& other) {  // NOLINT: assigns the bits
    return *this = int_base<W, false>(other);
  }
  template <class T>
  concat_ref& operator=(const T& other) {
    const int_base<W, false> bits(other);
    write(bits.words(), int_base<W, false>::word_count);
    return *this;
  }
  operator unsigned long long() const {  // NOLINT: as documented
    word low = 0;
    read(&low, 1);
    return low;
  }

 private:
  A upper_;
  B lower_;
};

// What may stand in a concatenation, and the most bits that it has; 0: it may not.
template <class T>
struct parts {
  static constexpr int bits = 0;
};
template <int W, bool S>
struct parts<bit_ref<W, S>> {
  static constexpr int bits = 1;
};
template <int W, bool S, class Word>
struct parts<range_ref<W, S, Word>> {
  static constexpr int bits = W;
};
template <int W, class A, class B>
struct parts<concat_ref<W, A, B>> {
  static constexpr int bits = W;
};

template <class A, class B>
std::enable_if_t<(parts<A>::bits > 0 && parts<B>::bits > 0), concat_ref<parts<A>::bits + parts<B>::bits, A, B>>
operator,(const A& upper, const B& lower) {
  return {upper, lower};
}
template <int W, bool S, class B>
std::enable_if_t<(parts<B>::bits > 0), concat_ref<W + parts<B>::bits, range_ref<W, S, word>, B>> operator,(
    int_base<W, S>& upper, const B& lower) {
  return {upper.range(), lower};
}
template <class A, int W, bool S>
std::enable_if_t<(parts<A>::bits > 0), concat_ref<parts<A>::bits + W, A, range_ref<W, S, word>>> operator,(
    const A& upper, int_base<W, S>& lower) {
  return {upper, lower.range()};
}
template <int W, bool S, class B>
std::enable_if_t<(parts<B>::bits > 0), concat_ref<W + parts<B>::bits, range_ref<W, S, const word>, B>> operator,(
    const int_base<W, S>& upper, const B& lower) {
  return {upper.range(), lower};
}
template <class A, int W, bool S>
std::enable_if_t<(parts<A>::bits > 0), concat_ref<parts<A>::bits + W, A, range_ref<W, S, const word>>> operator,(
    const A& upper, const int_base<W, S>& lower) {
  return {upper, lower.range()};
}
template <int W1, bool S1, int W2, bool S2>
concat_ref<W1 + W2, range_ref<W1, S1, word>, range_ref<W2, S2, word>> operator,(int_base<W1, S1>& upper,
                                                                                int_base<W2, S2>& lower) {
  return {upper.range(), lower.range()};
}
template <int W1, bool S1, int W2, bool S2>
int_base<W1 + W2, false> operator,(const int_base<W1, S1>& upper, const int_base<W2, S2>& lower) {
  auto above = upper;
  auto below = lower;
  return int_base<W1 + W2, false>((above, below));
}

}  // namespace ap_detail
