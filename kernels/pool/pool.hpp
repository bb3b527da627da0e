// Max and average pooling over windows. README.md has the integer rules.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operations: max_pool1d, average_pool1d over [L,C]; max_pool2d, average_pool2d over [H,W,C]. Attributes (n = 1 or 2
// axes):
//   window         n extents, each at least 1
//   strides        n, default 1
//   dilations      n, default 1: distance between taps
//   padding        [before, after] or [top, left, bottom, right], default 0, each below the window's dilated extent
//   count_padding  average: 0 (default) divides by the taps inside the input, 1 by the window
//   uncounted      average with count_padding 1: [after] or [bottom, right], what of the end padding is never counted
//                  (ONNX' ceil_mode), default 0
//   activation     "linear" (default), "relu", "relu6", "relu_n1_to_1"
//   rounding       average with arithmetic tflite: "half_away" (default), or "half_up" for codes that were uint8
// Output extent: floor((in + before + after - ((window - 1) * dilation + 1)) / stride) + 1. A maximum is over the taps
// inside the input; an average takes those in the padding as 0.
class Pool final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "pool"; }
  [[nodiscard]] const HlsForm* hls() const override;
  [[nodiscard]] std::span<const std::string_view> operations() const override;
  [[nodiscard]] const Hardware* circuit() const override;
  [[nodiscard]] Result<std::vector<Shape>> infer(const LayerSpec& layer,
                                                 std::span<const TensorType> inputs) const override;
  [[nodiscard]] Result<> verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                                std::span<const TensorType> outputs) const override;
  void evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                      std::span<Tensor* const> outputs) const override;
  void evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                        std::span<Tensor* const> outputs) const override;
  [[nodiscard]] std::optional<ElementType> fixed_output(const LayerSpec& layer,
                                                        std::span<const TensorType> inputs) const override;
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                           std::span<const TensorType> outputs) const override;
  // Taps.
  [[nodiscard]] double work(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
