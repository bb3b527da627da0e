// Tensors of another height and width.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operation `resize`: [H,W,C] or [L,C] to the extents of `size` ([H,W] or [L], each at most 2^24). Attributes:
//   mode         nearest (default) or bilinear (linear for [L,C])
//   coordinates  position p in the input of output index x, with s = out / in, or the optional list `scales`:
//                half_pixel (default)   (x + 0.5) / s - 0.5
//                pytorch_half_pixel     the same, but 0 where out is 1
//                half_pixel_symmetric   the same, moved so that the middles meet when s is not out / in
//                tf_half_pixel_for_nn   (x + 0.5) / s
//                asymmetric             x / s
//                align_corners          x * (in - 1) / (out - 1); 0 where out is 1
//   rounding     of nearest: floor (default), ceil, round (halves up), round_down (halves down) of p
// Positions are clamped to the input. Bilinear weighs the two neighbours on each axis by the fraction of p.
//
// Integer form: output of the input's type, int8; attribute `arithmetic`:
//   scaled   positions in binary64. Bilinear: weights in 1/1024, the upper one floor(fraction * 1024 + 0.5), and
//            y = (sum over the four of x * weights + 2^19) >> 20
//   tflite   nearest: positions in binary32, `round` halves away from zero. Bilinear: the positions of TensorFlow
//   Lite's
//            integer kernel (half_pixel, asymmetric or align_corners; no `scales`), and
//            y = (sum +- 2^19) / 2^20, halves away from zero
class Resize final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "resize"; }
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
  // Four multiply-accumulates for each element of a bilinear layer.
  [[nodiscard]] double work(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
