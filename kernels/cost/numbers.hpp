// Small helpers of the models.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/family/netlist.hpp"

namespace algean::kernels::cost {

constexpr std::int64_t round_up_div(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit; }

// ceil(log2(value)); 0 for 1 and less. As $clog2.
constexpr std::int64_t clog2(std::int64_t value) {
  std::int64_t bits = 0;
  while ((std::int64_t{1} << bits) < value) ++bits;
  return bits;
}

// A parameter's number; `fallback`, the module's own default, where it is not stated.
std::int64_t number_or(const ModuleInstance& instance, std::string_view parameter, std::int64_t fallback);

// Flip-flops and adder bits of a structure.
struct Sums {
  std::int64_t ffs = 0;
  std::int64_t adder_bits = 0;
  Sums& operator+=(const Sums& more) {
    ffs += more.ffs;
    adder_bits += more.adder_bits;
    return *this;
  }
};

// algean_adder_tree: `count` terms of `in_bits` bits to one of at most `out_bits`, with `levels` registers on every
// way.
Sums adder_tree(std::int64_t count, std::int64_t in_bits, std::int64_t out_bits, std::int64_t levels);

}  // namespace algean::kernels::cost
