// Two operands, element by element, with NumPy's broadcasting. README.md has the integer rules.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operations: add, subtract, multiply, average, maximum, minimum. Two inputs, or one input and the constant `operand`
// (float32; or int8 quantised per tensor, which stands for its real values). Attributes, all optional:
//   activation  "linear", "relu", "relu6" or "relu_n1_to_1" (cut to [-1, 1]), of the result
//   reversed    1: the constant is the left operand (of subtract)
class Eltwise final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "eltwise"; }
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
