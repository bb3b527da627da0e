#include "kernels/reshape/reshape.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/family/checks.hpp"
#include "kernels/reshape/hardware.hpp"

namespace algean::kernels {
namespace {

class CopyStep final : public Step {
 public:
  explicit CopyStep(std::size_t bytes) : bytes_(bytes) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    std::memcpy(outputs[0], inputs[0], bytes_);
  }

 private:
  std::size_t bytes_;
};

}  // namespace

std::span<const std::string_view> Reshape::operations() const {
  static constexpr std::array<std::string_view, 1> names{"reshape"};
  return names;
}

const Hardware* Reshape::circuit() const {
  static const reshape::ReshapeHardware hardware;
  return &hardware;
}

Result<std::vector<Shape>> Reshape::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  ALGEAN_ASSIGN(std::vector<std::int64_t> extents, layer.attributes.integers("shape"));
  ALGEAN_ASSIGN(Shape output, Shape::make(std::move(extents)));
  const Shape& input = inputs[0].shape;
  if (output.elements() != input.elements()) {
    return bad_input("attribute 'shape' {} has {} elements, input {} has {}", output.text(), output.elements(),
                     input.text(), input.elements());
  }
  return std::vector<Shape>{std::move(output)};
}

Result<> Reshape::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                         std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_attributes(layer, {"shape"}));
  ALGEAN_TRY(check_constants(layer, {}));
  if (outputs[0].element != inputs[0].element) {
    return bad_input("output must have the input's element type and quantisation ({}, {})", inputs[0].element.name(),
                     outputs[0].element.name());
  }
  return {};
}

void Reshape::evaluate_float(const LayerSpec&, std::span<const Tensor* const> inputs,
                             std::span<Tensor* const> outputs) const {
  std::ranges::copy(inputs[0]->bytes(), outputs[0]->bytes().begin());
}

void Reshape::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                               std::span<Tensor* const> outputs) const {
  evaluate_float(layer, inputs, outputs);
}

std::optional<ElementType> Reshape::fixed_output(const LayerSpec&, std::span<const TensorType> inputs) const {
  if (inputs.empty()) return std::nullopt;
  return inputs[0].element;
}

Result<LayerSpec> Reshape::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs) const {
  ALGEAN_TRY(verify(layer, inputs, outputs));
  return layer;
}

Result<std::unique_ptr<Step>> Reshape::compile(const LayerSpec&, std::span<const TensorType> inputs,
                                               std::span<const TensorType>, InstructionSet) const {
  return std::make_unique<CopyStep>(inputs[0].bytes());
}

}  // namespace algean::kernels
