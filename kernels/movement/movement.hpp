// Layers that move elements and compute nothing. copy.hpp has the kernel, moves.hpp what each operation reads.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operations, each with one input; axes are counted without the batch; the output has the input's element type:
//   slice           `begin`, `end`, optional `strides` (1): a list with a number for each axis. begin lies in the axis;
//                   end is exclusive, above begin for a positive stride, below it (down to -1) for a negative one
//   pad             `before`, `after`: a list each, at least 0; `mode` constant (default), reflect (without the edge;
//                   less than the extent), symmetric (with it; at most the extent), edge. Of mode constant: `value`, a
//                   finite real number (0); in the integer form `code` instead, an integer of the element type
//   transpose       `permutation`: output axis i is input axis permutation[i]
//   tile            `repeats`: at least 1 for each axis
//   gather          `axis`; constant `indices` int32, each within the axis. The axis is replaced by the indices' shape
//   depth_to_space  [H,W,C] to [H*b,W*b,C/(b*b)], `block` b; channel (dy*b+dx)*depth+c (`mode` DCR, default) or
//                   (c*b+dy)*b+dx (CRD) goes to row dy and column dx of its block
//   space_to_depth  its inverse
class Movement final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "movement"; }
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
  // `arithmetic` decides how `value` becomes `code`: scaled rounds half up, the others half away from zero.
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                           std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
