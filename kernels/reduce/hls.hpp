// What layers of this family are in HLS C++.
#pragma once

#include "kernels/family/hls.hpp"

namespace algean::kernels {

// simd: results at once.
class ReduceHls final : public HlsForm {
 public:
  [[nodiscard]] Result<Folding> folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs,
                                        std::int64_t interval_cycles) const override;
  [[nodiscard]] Result<HlsLayer> stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs, const Folding& folding) const override;
};

}  // namespace algean::kernels
