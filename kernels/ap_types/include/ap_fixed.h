// ap_fixed<W, I, Q, O> and ap_ufixed<W, I, Q, O>: fixed-point numbers of W bits, 1..1024, I of them before the binary
// point. A clean-room subset in C++14 of what AMD UG1399 documents under this name; see the README for what it leaves
// out.
#pragma once

#include <ap_detail/fixed_operators.h>
#include <ap_int.h>

// N, bits that AP_WRAP saturates: 0.
template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
class ap_fixed : public ap_detail::fixed_base<W, I, true, Q, O> {
  static_assert(W >= 1 && W <= AP_INT_MAX_W, "ap_fixed: width out of 1..AP_INT_MAX_W");
  static_assert(N == 0, "ap_fixed: saturated bits of AP_WRAP are not of this subset");

 public:
  using base = ap_detail::fixed_base<W, I, true, Q, O>;
  using base::base;
  ap_fixed() = default;
  ap_fixed(const base& x) : base(x) {}  // NOLINT: implicit, as documented
};

template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
class ap_ufixed : public ap_detail::fixed_base<W, I, false, Q, O> {
  static_assert(W >= 1 && W <= AP_INT_MAX_W, "ap_ufixed: width out of 1..AP_INT_MAX_W");
  static_assert(N == 0, "ap_ufixed: saturated bits of AP_WRAP are not of this subset");

 public:
  using base = ap_detail::fixed_base<W, I, false, Q, O>;
  using base::base;
  ap_ufixed() = default;
  ap_ufixed(const base& x) : base(x) {}  // NOLINT: implicit, as documented
};

namespace ap_detail {

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
std::ostream& operator<<(std::ostream& out, const fixed_base<W, I, S, Q, O>& value) {
  return out << value.to_double();
}

}  // namespace ap_detail
