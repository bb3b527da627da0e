// Products of two activations. README.md has the integer rules.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operation `matmul`: [..., M, K] times [..., K, N] gives [..., M, N]; the leading axes broadcast. Attributes
// `transpose_a`, `transpose_b`: 1 where an operand comes as [..., K, M] or [..., N, K]; default 0.
class Matmul final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "matmul"; }
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
  // Products.
  [[nodiscard]] double work(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
