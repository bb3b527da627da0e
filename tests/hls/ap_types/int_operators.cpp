// int_arith, and compare of integers.
#include "tests/hls/ap_types/cases.hpp"

namespace algean_test {
namespace {

template <int S1, int W1, int S2, int W2>
std::string int_arith(const Fields& row) {
  const auto a = from_hex<Int<S1, W1>>(row[4]);
  const auto b = from_hex<Int<S2, W2>>(row[8]);
  if (row[0] == "%") return typed(a % b);
  return row[0].find_first_of("&|^") == 0 ? logic(row[0][0], a, b) : arithmetic(row[0][0], a, b);
}

template <int S1, int W1, int S2, int W2>
std::string compare_int(const Fields& row) {
  return ordered(from_hex<Int<S1, W1>>(row[4]), from_hex<Int<S2, W2>>(row[8]));
}

}  // namespace

void add_int_operators(Table& table) {
#define INT_ARITH(S1, W1, S2, W2) add(table, "int_arith", {S1, W1, W1, S2, W2, W2}, int_arith<S1, W1, S2, W2>);
#define COMPARE_INT(S1, W1, S2, W2) add(table, "compare,int", {S1, W1, W1, S2, W2, W2}, compare_int<S1, W1, S2, W2>);
#include "tests/hls/ap_types/types.inc"
}

}  // namespace algean_test
