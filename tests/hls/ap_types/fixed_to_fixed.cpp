// fixed_to_fixed: every pair of types with every pair of modes.
#include "tests/hls/ap_types/modes.hpp"

namespace algean_test {
namespace {

template <class From, class To>
std::string fixed_to_fixed(const Fields& row) {
  return to_hex(To(from_hex<From>(row[3])));
}

template <int S1, int W1, int I1, int S, int W, int I>
struct FromFixed {
  template <ap_q_mode Q, ap_o_mode O>
  struct Add {
    static void run(Table& table, const char* q, const char* o) {
      add(table, "fixed_to_fixed", {S1, W1, I1, S, W, I}, fixed_to_fixed<Fixed<S1, W1, I1>, Fixed<S, W, I, Q, O>>, q,
          o);
    }
  };
};

}  // namespace

void add_fixed_to_fixed(Table& table) {
#define FIXED_TO_FIXED(S1, W1, I1, S, W, I) all_modes<S, FromFixed<S1, W1, I1, S, W, I>::Add>(table);
#include "tests/hls/ap_types/types.inc"
}

}  // namespace algean_test
