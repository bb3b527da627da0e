// Functions of one element, prelu and softmax in SystemVerilog: algean_table and algean_softmax.
#pragma once

#include "kernels/family/hardware.hpp"

namespace algean::kernels::activation {

// Codes int8. Softmax and log_softmax take an element at a time and work a row off before they take the next.
class ActivationHardware final : public Hardware {
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

}  // namespace algean::kernels::activation
