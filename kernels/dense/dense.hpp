// Fully connected layers: y[..., o] = activation(bias[o] + sum over i of weight[o, i] * x[..., i]).
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operation `dense`. Input [..., n_in], output [..., n_out]; the leading extents are rows.
//
// Constants, attributes and the integer form are those of weighted layers (kernels/weighted), `weight` [n_out, n_in].
class Dense final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "dense"; }
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
  // Rows times weights.
  [[nodiscard]] double work(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
