// fixed_arith, and compare of fixed-point numbers.
#include "tests/hls/ap_types/cases.hpp"

namespace algean_test {
namespace {

template <class A, class B>
std::string fixed_arith(const Fields& row) {
  const auto a = from_hex<A>(row[4]);
  const auto b = from_hex<B>(row[8]);
  return row[0].find_first_of("&|^") == 0 ? logic(row[0][0], a, b) : arithmetic(row[0][0], a, b);
}

template <class A, class B>
std::string compare_fixed(const Fields& row) {
  return ordered(from_hex<A>(row[4]), from_hex<B>(row[8]));
}

}  // namespace

void add_fixed_operators(Table& table) {
#define FIXED_ARITH(S1, W1, I1, S2, W2, I2) \
  add(table, "fixed_arith", {S1, W1, I1, S2, W2, I2}, fixed_arith<Fixed<S1, W1, I1>, Fixed<S2, W2, I2>>);
#define COMPARE_FIXED(S1, W1, I1, S2, W2, I2) \
  add(table, "compare,fixed", {S1, W1, I1, S2, W2, I2}, compare_fixed<Fixed<S1, W1, I1>, Fixed<S2, W2, I2>>);
#include "tests/hls/ap_types/types.inc"
}

}  // namespace algean_test
