// What convolutions are in HLS C++.
#pragma once

#include "kernels/conv/geometry.hpp"
#include "kernels/family/hls.hpp"

namespace algean::kernels::conv {

// conv1d, conv2d: windows, then a matrix or depthwise sums; simd counts the channels of a tap (or, as a number above
// the input's channels, all kernel rows of all channels). Transposed ones: the same on a spread image.
class ConvHls final : public HlsForm {
 public:
  explicit ConvHls(Direction direction) : direction_(direction) {}
  [[nodiscard]] Result<Folding> folding(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs,
                                        std::int64_t interval_cycles) const override;
  [[nodiscard]] Result<HlsLayer> stages(const LayerSpec& layer, std::span<const TensorType> inputs,
                                        std::span<const TensorType> outputs, const Folding& folding) const override;

 private:
  Direction direction_;
};

}  // namespace algean::kernels::conv
