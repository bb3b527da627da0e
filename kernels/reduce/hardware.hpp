// Reductions in SystemVerilog: algean_reduce.
#pragma once

#include "kernels/family/hardware.hpp"

namespace algean::kernels::reduce {

// The reduced axes must be neighbours (those of extent 1 aside). Where the last axis is among them, an element at a
// time.
class ReduceHardware final : public Hardware {
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

}  // namespace algean::kernels::reduce
