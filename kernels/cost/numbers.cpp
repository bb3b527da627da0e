#include "kernels/cost/numbers.hpp"

#include <algorithm>

namespace algean::kernels::cost {

std::int64_t number_or(const ModuleInstance& instance, std::string_view parameter, std::int64_t fallback) {
  for (const ModuleParameter& each : instance.parameters) {
    const auto* number = std::get_if<std::int64_t>(&each.value);
    if (each.name == parameter && number != nullptr) return *number;
  }
  return fallback;
}

Sums adder_tree(std::int64_t count, std::int64_t in_bits, std::int64_t out_bits, std::int64_t levels) {
  if (levels == 0) return {};
  if (count == 1) return {in_bits * levels, 0};
  const std::int64_t left = (count + 1) / 2;
  const std::int64_t half_bits = std::min(in_bits + clog2(left), out_bits);
  const std::int64_t sum_bits = half_bits < out_bits ? half_bits + 1 : out_bits;
  Sums sums{sum_bits, sum_bits};
  sums += adder_tree(left, in_bits, half_bits, levels - 1);
  sums += adder_tree(count - left, in_bits, half_bits, levels - 1);
  return sums;
}

}  // namespace algean::kernels::cost
