// Fully connected layers in SystemVerilog: one algean_matvec.
#pragma once

#include "kernels/family/hardware.hpp"

namespace algean::kernels {

// A row of the input is a vector: ceil(n_in / simd) * ceil(n_out / pe) cycles each. Lanes: simd in, and out as few as
// keep up.
class DenseHardware final : public Hardware {
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

}  // namespace algean::kernels
