// double_to_fixed: every type with every pair of modes.
#include "tests/hls/ap_types/modes.hpp"

namespace algean_test {
namespace {

template <class T>
std::string double_to_fixed(const Fields& row) {
  return to_hex(T(std::strtod(row[5].c_str(), nullptr)));
}

template <int S, int W, int I>
struct FromDouble {
  template <ap_q_mode Q, ap_o_mode O>
  struct Add {
    static void run(Table& table, const char* q, const char* o) {
      add(table, "double_to_fixed", {S, W, I}, double_to_fixed<Fixed<S, W, I, Q, O>>, q, o);
    }
  };
};

}  // namespace

void add_double_to_fixed(Table& table) {
#define DOUBLE_TO_FIXED(S, W, I) all_modes<S, FromDouble<S, W, I>::Add>(table);
#include "tests/hls/ap_types/types.inc"
}

}  // namespace algean_test
