// Several tensors as one along an axis, and back.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operations; `axis` is counted without the batch:
//   concat  n >= 1 inputs that agree but for the extent of `axis`; one output
//   split   one input; `sizes`: extents of the outputs along `axis`, each at least 1, whose sum is the input's
//
// Integer form. split: all tensors of one element type. concat: so too, or all int8 quantised per tensor with constant
// `tables` int8 [n,256]: input i's code x becomes tables[i][x + 128]. With sx, zx, so, zo of an input and the output,
//   scaled          clamp(floor((x - zx) * sx / so + 0.5) + zo), in binary64; the identity for equal types
//   tflite(_double) the kernel for uint8 codes u = x + 128, in binary32: r = sx * (1 / so), clamp(round(u * r + -zu *
//   r)
//                   + zo'), halves away from zero; the identity for equal types. (Its int8 kernel refuses other
//                   types.)
class Concat final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "concat"; }
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
  // Of split: the input's type, for every output.
  [[nodiscard]] std::optional<ElementType> fixed_output(const LayerSpec& layer,
                                                        std::span<const TensorType> inputs) const override;
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                           std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
