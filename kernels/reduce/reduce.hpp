// Reductions over axes, and the scores of anomaly detectors. README.md has the integer rules.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operations, over the attribute `axes` (each in 0..rank-1, strictly rising), which the attribute `keep_axes` 1 keeps
// with extent 1 (default 0: they vanish):
//   reduce_mean, reduce_sum, reduce_max, reduce_min
//   arg_max             one axis: the index of its first largest element; in a float graph as float32
//   mean_squared_error  of two inputs x, y of one shape: mean of (x - y)^2
//   kl_divergence       of two inputs of one shape, mean m and log variance v: -1/2 * sum of (1 + v - m^2 - e^v)
class Reduce final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "reduce"; }
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
  // Elements of the inputs.
  [[nodiscard]] double work(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
