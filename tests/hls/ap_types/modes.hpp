// Every pair of modes. C++14.
#pragma once

#include "tests/hls/ap_types/cases.hpp"

namespace algean_test {

// Calls add(Q, O) for all modes that a type of that sign has.
template <int S, ap_q_mode Q, template <ap_q_mode, ap_o_mode> class Add>
struct Overflows {
  static void run(Table& table, const char* q) {
    Add<Q, AP_SAT>::run(table, q, "AP_SAT");
    Add<Q, AP_SAT_ZERO>::run(table, q, "AP_SAT_ZERO");
    Add<Q, AP_SAT_SYM>::run(table, q, "AP_SAT_SYM");
    Add<Q, AP_WRAP>::run(table, q, "AP_WRAP");
    Add<Q, S == 1 ? AP_WRAP_SM : AP_WRAP>::run(table, q, S == 1 ? "AP_WRAP_SM" : "AP_WRAP");
  }
};
template <int S, template <ap_q_mode, ap_o_mode> class Add>
void all_modes(Table& table) {
  Overflows<S, AP_RND, Add>::run(table, "AP_RND");
  Overflows<S, AP_RND_ZERO, Add>::run(table, "AP_RND_ZERO");
  Overflows<S, AP_RND_MIN_INF, Add>::run(table, "AP_RND_MIN_INF");
  Overflows<S, AP_RND_INF, Add>::run(table, "AP_RND_INF");
  Overflows<S, AP_RND_CONV, Add>::run(table, "AP_RND_CONV");
  Overflows<S, AP_TRN, Add>::run(table, "AP_TRN");
  Overflows<S, AP_TRN_ZERO, Add>::run(table, "AP_TRN_ZERO");
}

}  // namespace algean_test
