// Batch normalisation: y[..., c] = gamma[c] * (x[..., c] - mean[c]) / sqrt(variance[c] + epsilon) + beta[c].
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operation `batch_norm`. Float form: constants `gamma`, `beta`, `mean`, `variance`, float32 [channels of the last
// axis]; attribute `epsilon`, variance + epsilon above 0. Passes fold it into a neighbour where they can.
//
// Integer form, for one that no pass could fold: y = weight[c] * x + bias[c], a weighted layer (kernels/weighted) with
// one tap a channel: constants `weight` int8 [C,1], `bias`, `multiplier`, `shift`, attributes `arithmetic` and
// `accumulator_bits`. A channel has a scale of its own, so that its weight is 127 or -127 and no precision is lost.
class BatchNorm final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "batch_norm"; }
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
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                           std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
