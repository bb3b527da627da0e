// Fully connected layers: y[..., o] = activation(bias[o] + sum over i of weight[o, i] * x[..., i]).
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operation `dense`. Input [..., n_in], output [..., n_out]; the leading extents are rows.
//
// Float form: constants `weight` float32 [n_out, n_in], optional `bias` float32 [n_out]; attribute `activation`,
// "linear" (default) or "relu".
//
// Integer form (arithmetic `scaled`, kernels/numeric/scaled.hpp): input and output int8 quantised per tensor, and
//   weight      int8 [n_out, n_in], quantised per channel (axis 0), zero points 0, values -127..127
//   bias        int32 [n_out], quantised per channel, scale_x * scale_weight
//   multiplier  int32 [n_out], each 0 or in [2^16, 2^17)
//   shift       uint8 [n_out], each 1..47; multiplier * 2^-shift is scale_x * scale_weight / scale_y within 2^-15 of it
//   attributes  `arithmetic` "scaled", `accumulator_bits`: bits of the widest exact accumulator, at most 32
// "relu" raises the lower clamp from -128 to the output's zero point.
class Dense final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "dense"; }
  [[nodiscard]] std::span<const std::string_view> operations() const override;
  [[nodiscard]] Result<std::vector<Shape>> infer(const LayerSpec& layer,
                                                 std::span<const TensorType> inputs) const override;
  [[nodiscard]] Result<> verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                                std::span<const TensorType> outputs) const override;
  void evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                      std::span<Tensor* const> outputs) const override;
  void evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                        std::span<Tensor* const> outputs) const override;
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                           std::span<const TensorType> outputs) const override;
  // Rows times weights.
  [[nodiscard]] double work(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
