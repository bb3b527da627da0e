// What convolutions and transposed convolutions have in common: all but the direction in which the kernel goes over the
// input.
#pragma once

#include "kernels/conv/geometry.hpp"
#include "kernels/family/family.hpp"

namespace algean::kernels::conv {

class ConvFamily : public Family {
 public:
  // The operations' names: of one and of two dimensions.
  ConvFamily(Direction direction, std::string_view name, std::span<const std::string_view, 2> operations)
      : direction_(direction), name_(name), operations_(operations) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] const HlsForm* hls() const override;
  [[nodiscard]] std::span<const std::string_view> operations() const override { return operations_; }
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
  // Products, those with padding included.
  [[nodiscard]] double work(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const override;
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
  // With an addition behind it.
  [[nodiscard]] std::unique_ptr<Step> compile_with(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                   std::span<const TensorType> outputs, const Reader& reader,
                                                   InstructionSet instructions) const override;

 private:
  Direction direction_;
  std::string_view name_;
  std::span<const std::string_view, 2> operations_;
};

}  // namespace algean::kernels::conv
