// compound_assign.
#include "tests/hls/ap_types/cases.hpp"

namespace algean_test {
namespace {

template <class A, class B>
std::string compound_assign(const Fields& row) {
  auto a = from_hex<A>(row[6]);
  const auto b = from_hex<B>(row[10]);
  if (row[0] == "++") {
    ++a;
  } else if (row[0] == "--") {
    --a;
  } else {
    switch (row[0][0]) {
      case '+':
        a += b;
        break;
      case '-':
        a -= b;
        break;
      case '*':
        a *= b;
        break;
      default:
        a /= b;
    }
  }
  return to_hex(a);
}

}  // namespace

void add_compound_assign(Table& table) {
#define COMPOUND_ASSIGN(S1, W1, I1, Q, O, S2, W2, I2)                                                                  \
  add(table, "compound_assign", {S1, W1, I1, S2, W2, I2}, compound_assign<Fixed<S1, W1, I1, Q, O>, Fixed<S2, W2, I2>>, \
      #Q, #O);
#include "tests/hls/ap_types/types.inc"
}

}  // namespace algean_test
