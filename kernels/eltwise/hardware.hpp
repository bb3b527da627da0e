// Element-by-element layers in SystemVerilog: algean_join, or algean_table where one operand is a constant of one
// element.
#pragma once

#include "kernels/family/hardware.hpp"

namespace algean::kernels::eltwise {

// Both operands int8. The streams have one shape; or one of them has one row, which algean_repeat gives to each row of
// the other. A constant may have any shape that broadcasts to the input.
class EltwiseHardware final : public Hardware {
 public:
  [[nodiscard]] Result<std::vector<Folding>> foldings(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      const HardwareOptions& options) const override;
  [[nodiscard]] Result<Netlist> netlist(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs, const Folding& folding,
                                        const HardwareOptions& options) const override;
  [[nodiscard]] Cycles cycles(const LayerSpec& layer, std::span<const TensorType> inputs,
                              std::span<const TensorType> outputs, const Folding& folding,
                              const HardwareOptions& options) const override;
};

}  // namespace algean::kernels::eltwise
