// Convolutions in SystemVerilog: algean_window, where it must an algean_repack, and algean_matvec or algean_depthwise.
#pragma once

#include "kernels/family/hardware.hpp"

namespace algean::kernels::conv {

// Convolutions of one group: a vector is what a window holds, taps * channels elements, for each output pixel.
// Depthwise ones: `simd` channels at once with all their outputs, pe is 1. Other groups are refused, and so is padding
// as wide as the kernel's reach.
class ConvHardware final : public Hardware {
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

}  // namespace algean::kernels::conv
