// Functions of single elements, and softmax. README.md has softmax's integer rule.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operations, each with one input and one output of the same shape:
//   relu        x >= max_value: max_value; x >= threshold: x; else negative_slope * (x - threshold). The attributes are
//   those of
//               Keras' ReLU, optional, finite, at least 0: `max_value` (none), `negative_slope` (0), `threshold` (0)
//   leaky_relu  x < 0 ? slope * x : x; attribute `slope`, finite
//   sigmoid     1 / (1 + e^-x)
//   tanh
//   softmax     e^(x_i) / sum of e^(x_j) over the last axis; optional attribute `axis`, -1 or the last
//
// Integer form: input and output int8 quantised per tensor. Of the element functions: constant `table` int8 [256], y =
// table[x + 128]. Of softmax: constant `exponentials` uint32 [256], output scale 1/256 and zero point -128.
class Activation final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "activation"; }
  [[nodiscard]] std::span<const std::string_view> operations() const override;
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
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
