// ap_int<W> and ap_uint<W>: two's complement integers of W bits, 1..1024. A clean-room subset in C++14 of what AMD
// UG1399 documents under this name, for C simulation with an ordinary compiler; see the README for what it leaves out.
#pragma once

#include <ap_detail/int_operators.h>

#include <ostream>
#include <string>

#ifndef AP_INT_MAX_W
#define AP_INT_MAX_W 1024
#endif

template <int W>
class ap_int : public ap_detail::int_base<W, true> {
  static_assert(W >= 1 && W <= AP_INT_MAX_W, "ap_int: width out of 1..AP_INT_MAX_W");

 public:
  using ap_detail::int_base<W, true>::int_base;
  ap_int() = default;
  ap_int(const ap_detail::int_base<W, true>& x) : ap_detail::int_base<W, true>(x) {}  // NOLINT: implicit, as documented
};

template <int W>
class ap_uint : public ap_detail::int_base<W, false> {
  static_assert(W >= 1 && W <= AP_INT_MAX_W, "ap_uint: width out of 1..AP_INT_MAX_W");

 public:
  using ap_detail::int_base<W, false>::int_base;
  ap_uint() = default;
  ap_uint(const ap_detail::int_base<W, false>& x)
      : ap_detail::int_base<W, false>(x) {}  // NOLINT: implicit, as documented
};

namespace ap_detail {

// In decimal.
template <int W, bool S>
std::string to_decimal(const int_base<W, S>& value) {
  auto rest = int_base<W + 1, true>(value);
  const bool sign = rest < 0;
  std::string digits;
  do {
    const int digit = int_base<8, true>(rest % int_base<5, true>(10)).to_int();
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    rest = rest / int_base<5, true>(10);
  } while (rest != 0);
  return sign ? "-" + digits : digits;
}

template <int W, bool S>
std::ostream& operator<<(std::ostream& out, const int_base<W, S>& value) {
  return out << to_decimal(value);
}

}  // namespace ap_detail
