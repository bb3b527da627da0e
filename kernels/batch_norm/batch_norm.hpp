// Batch normalisation: y[..., c] = gamma[c] * (x[..., c] - mean[c]) / sqrt(variance[c] + epsilon) + beta[c].
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operation `batch_norm`, float only: a pass folds it into a neighbour before quantisation. Constants `gamma`, `beta`,
// `mean`, `variance`, float32 [channels of the last axis]; attribute `epsilon`, variance + epsilon above 0.
class BatchNorm final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "batch_norm"; }
  [[nodiscard]] std::span<const std::string_view> operations() const override;
  [[nodiscard]] bool hardware() const override { return false; }
  [[nodiscard]] Result<std::vector<Shape>> infer(const LayerSpec& layer,
                                                 std::span<const TensorType> inputs) const override;
  [[nodiscard]] Result<> verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                                std::span<const TensorType> outputs) const override;
  void evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                      std::span<Tensor* const> outputs) const override;
  // Never called: verify() rejects integer tensors.
  void evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                        std::span<Tensor* const> outputs) const override;
  // bad_input: says that the layer must be folded first.
  [[nodiscard]] Result<LayerSpec> quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                           std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
