// Nearest resizing in SystemVerilog: algean_repeat by whole numbers, else algean_move.
#pragma once

#include "kernels/family/hardware.hpp"

namespace algean::kernels::resize {

// No linear interpolation.
class ResizeHardware final : public Hardware {
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

}  // namespace algean::kernels::resize
