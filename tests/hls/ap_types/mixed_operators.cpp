// mixed_arith: ap_fixed with ap_int, in the order written.
#include "tests/hls/ap_types/cases.hpp"

namespace algean_test {
namespace {

template <class A, class B>
std::string mixed_arith(const Fields& row) {
  return arithmetic(row[0][1], from_hex<A>(row[4]), from_hex<B>(row[8]));
}

}  // namespace

void add_mixed_operators(Table& table) {
#define MIXED_ARITH_FI(S1, W1, I1, S2, W2, I2) \
  add(table, "mixed_arith,f", {S1, W1, I1, S2, W2, I2}, mixed_arith<Fixed<S1, W1, I1>, Int<S2, W2>>);
#define MIXED_ARITH_IF(S1, W1, I1, S2, W2, I2) \
  add(table, "mixed_arith,i", {S1, W1, I1, S2, W2, I2}, mixed_arith<Int<S1, W1>, Fixed<S2, W2, I2>>);
#include "tests/hls/ap_types/types.inc"
}

}  // namespace algean_test
