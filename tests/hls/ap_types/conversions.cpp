// double_to_int, int_to_int, unary_int, unary_fixed, shift, bits, concat.
#include "tests/hls/ap_types/cases.hpp"

namespace algean_test {
namespace {

template <int S, int W>
std::string double_to_int(const Fields& row) {
  return to_hex(Int<S, W>(std::strtod(row[2].c_str(), nullptr)));
}

template <int S1, int W1, int S2, int W2>
std::string int_to_int(const Fields& row) {
  return to_hex(Int<S2, W2>(from_hex<Int<S1, W1>>(row[2])));
}

template <class T>
std::string type_and_bits(const T& value) {
  return key(T::sign_flag ? "1" : "0", {T::width}) + "," + to_hex(value);
}

template <int S, int W>
std::string unary_int(const Fields& row) {
  const auto x = from_hex<Int<S, W>>(row[2]);
  auto reversed = x;
  reversed.reverse();
  return type_and_bits(-x) + "," + type_and_bits(~x) + "," + std::to_string(x.to_int()) + "," +
         std::to_string(x.to_uint()) + "," + std::to_string(x.to_int64()) + "," + std::to_string(x.to_uint64()) + "," +
         to_c99(x.to_double()) + "," + std::to_string(x.and_reduce()) + "," + std::to_string(x.or_reduce()) + "," +
         std::to_string(x.xor_reduce()) + "," + to_hex(reversed);
}

template <int S, int W, int I>
std::string unary_fixed(const Fields& row) {
  const auto x = from_hex<Fixed<S, W, I>>(row[3]);
  const ap_int<24> narrow = x;
  const ap_uint<12> unsigned_narrow = x;
  return typed(-x) + "," + to_hex(~x) + "," + std::to_string(x.to_int()) + "," + std::to_string(x.to_int64()) + "," +
         to_c99(x.to_double()) + "," + to_c99(static_cast<double>(x.to_float())) + "," + to_hex(narrow) + "," +
         to_hex(unsigned_narrow);
}

template <int S, int W>
std::string shift_int(const Fields& row) {
  return shift(row, from_hex<Int<S, W>>(row[4]));
}
template <int S, int W, int I>
std::string shift_fixed(const Fields& row) {
  return shift(row, from_hex<Fixed<S, W, I>>(row[4]));
}
template <int S, int W>
std::string bits_int(const Fields& row) {
  return bits(row, from_hex<Int<S, W>>(row[5]));
}
template <int S, int W, int I>
std::string bits_fixed(const Fields& row) {
  return bits(row, from_hex<Fixed<S, W, I>>(row[5]));
}

template <int S1, int W1, int S2, int W2>
std::string concat(const Fields& row) {
  auto upper = from_hex<Int<S1, W1>>(row[2]);
  auto lower = from_hex<Int<S2, W2>>(row[5]);
  const ap_uint<W1 + W2> both = (upper, lower);
  const ap_int<W1 + W2 + 5> wider = (upper, lower);
  const ap_uint<W1 + W2> assigned = from_hex<ap_uint<W1 + W2>>(row[8]);
  (upper, lower) = assigned;
  return to_hex(both) + "," + to_hex(wider) + "," + row[8] + "," + to_hex(upper) + "," + to_hex(lower);
}

}  // namespace

void add_conversions(Table& table) {
#define DOUBLE_TO_INT(S, W) add(table, "double_to_int", {S, W}, double_to_int<S, W>);
#define INT_TO_INT(S, W, S2, W2) add(table, "int_to_int", {S, W, S2, W2}, int_to_int<S, W, S2, W2>);
#define UNARY_INT(S, W) add(table, "unary_int", {S, W}, unary_int<S, W>);
#define UNARY_FIXED(S, W, I) add(table, "unary_fixed", {S, W, I}, unary_fixed<S, W, I>);
#define SHIFT_INT(S, W) add(table, "shift,int", {S, W, W}, shift_int<S, W>);
#define SHIFT_FIXED(S, W, I) add(table, "shift,fixed", {S, W, I}, shift_fixed<S, W, I>);
#define BITS_INT(S, W) add(table, "bits,int", {S, W, W}, bits_int<S, W>);
#define BITS_FIXED(S, W, I) add(table, "bits,fixed", {S, W, I}, bits_fixed<S, W, I>);
#define CONCAT(S, W, S2, W2) add(table, "concat", {S, W, S2, W2}, concat<S, W, S2, W2>);
#include "tests/hls/ap_types/types.inc"
}

}  // namespace algean_test
