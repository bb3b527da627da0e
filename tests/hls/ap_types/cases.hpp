// The vectors' operations on the public templates of kernels/ap_types. Compiled as C++14.
#pragma once

#include <ap_fixed.h>
#include <ap_int.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace algean_test {

// Columns of a row, and what the columns behind the operands should be, joined by commas.
using Fields = std::vector<std::string>;
using Case = std::string (*)(const Fields&);
// By file and types: "int_arith,1,5,0,30".
using Table = std::map<std::string, Case>;

void add_conversions(Table& table);
void add_double_to_fixed(Table& table);
void add_fixed_to_fixed(Table& table);
void add_compound_assign(Table& table);
void add_int_operators(Table& table);
void add_fixed_operators(Table& table);
void add_mixed_operators(Table& table);

template <int S, int W>
using Int = std::conditional_t<S == 1, ap_int<W>, ap_uint<W>>;
template <int S, int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP>
using Fixed = std::conditional_t<S == 1, ap_fixed<W, I, Q, O>, ap_ufixed<W, I, Q, O>>;

// Adds a case; out of line, for there are thousands. q, o: the modes where they are part of the key.
void add(Table& table, const char* file, std::initializer_list<int> types, Case run, const char* q = "",
         const char* o = "");

// A value of the bits that `hex` has; it is at most 64 bits wide.
template <class T>
T from_hex(const std::string& hex) {
  T value;
  value.range(T::width - 1, 0) = ap_uint<64>(std::strtoull(hex.c_str(), nullptr, 16));
  return value;
}

template <class T>
std::string to_hex(const T& value) {
  std::string hex;
  for (int low = (T::width - 1) / 4 * 4; low >= 0; low -= 4) {
    const int high = low + 3 < T::width ? low + 3 : T::width - 1;
    hex += "0123456789abcdef"[value.range(high, low).to_uint()];
  }
  return hex;
}

inline std::string to_c99(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}

std::string key(const std::string& file, std::initializer_list<int> types);

// "S,W,I,raw" of a result.
template <class T>
std::string typed(const T& value) {
  return key(T::sign_flag ? "1" : "0", {T::width, T::iwidth}) + "," + to_hex(value);
}

template <class A, class B>
std::string ordered(const A& a, const B& b) {
  const bool found[] = {a < b, a <= b, a == b, a != b, a >= b, a > b};
  std::string text;
  for (bool yes : found) text += yes ? ",1" : ",0";
  return text.substr(1);
}

template <class A, class B>
std::string arithmetic(char operation, const A& a, const B& b) {
  switch (operation) {
    case '+':
      return typed(a + b);
    case '-':
      return typed(a - b);
    case '*':
      return typed(a * b);
    default:
      return typed(a / b);
  }
}

template <class A, class B>
std::string logic(char operation, const A& a, const B& b) {
  switch (operation) {
    case '&':
      return typed(a & b);
    case '|':
      return typed(a | b);
    default:
      return typed(a ^ b);
  }
}

template <class T>
std::string shift(const Fields& row, const T& x) {
  const long count = std::strtol(row[6].c_str(), nullptr, 10);
  const auto both = [&](const auto& by) { return to_hex(x << by) + "," + to_hex(x >> by); };
  if (row[5] == "int") return both(static_cast<int>(count));
  if (row[5] == "unsigned") return both(static_cast<unsigned>(count));
  if (row[5] == "ap_int<9>") return both(ap_int<9>(count));
  return both(ap_uint<8>(count));
}

template <class T>
std::string bits(const Fields& row, T x) {
  const int high = std::atoi(row[6].c_str());
  const int low = std::atoi(row[7].c_str());
  if (row[0] == "get") return to_hex(ap_uint<64>(x(high, low)));
  if (row[0] == "set") {
    x(high, low) = from_hex<ap_uint<64>>(row[8]);
  } else {
    x[high] = row[0] == "setbit1";
  }
  return to_hex(x);
}

}  // namespace algean_test
