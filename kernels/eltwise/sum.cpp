#include "kernels/eltwise/sum.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "kernels/eltwise/operands.hpp"

namespace algean::kernels::eltwise {

std::optional<Sum> sum_of(const LayerSpec& layer, std::span<const TensorType> inputs,
                          std::span<const TensorType> outputs) {
  constexpr std::array<std::string_view, 3> operations{"add", "subtract", "average"};
  if (std::ranges::find(operations, layer.operation) == operations.end()) return std::nullopt;
  if (inputs.size() != 2 || inputs[0].shape != outputs[0].shape || inputs[1].shape != outputs[0].shape) {
    return std::nullopt;
  }
  const Rule rule(layer, codes_of(layer, inputs, outputs[0]));
  if (rule.kind() != Rule::Kind::sum) return std::nullopt;
  const auto& [m0, m1, shift] = rule.scale();
  const std::int32_t offset = (1 << (shift - 1)) - rule.zero_a() * m0 - rule.zero_b() * m1;
  return Sum{m0, m1, offset, shift, rule.zero_y(), rule.range().low, rule.range().high};
}

}  // namespace algean::kernels::eltwise
