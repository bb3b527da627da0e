#include "kernels/eltwise/operands.hpp"

#include "kernels/family/checks.hpp"

namespace algean::kernels::eltwise {

bool is_reversed(const LayerSpec& layer) { return layer.attributes.integer_or("reversed", 0) == 1; }

Codes codes_of(const LayerSpec& layer, std::span<const TensorType> inputs, const TensorType& output) {
  const TensorType& right = inputs.size() == 2 ? inputs[1] : layer.required("operand").type();
  Codes codes{*inputs[0].element.quantisation(), *right.element.quantisation(), *output.element.quantisation()};
  if (is_reversed(layer)) std::swap(codes.a, codes.b);
  return codes;
}

RealOperands::RealOperands(const LayerSpec& layer, std::span<const Tensor* const> inputs) {
  const Tensor* right = inputs.size() == 2 ? inputs[1] : &layer.required("operand");
  if (inputs.size() == 1) constant_ = real_elements(*right);
  a_shape = inputs[0]->shape();
  b_shape = right->shape();
  a = inputs[0]->elements<float>();
  b = inputs.size() == 1 ? std::span<const float>(constant_) : right->elements<float>();
  if (!is_reversed(layer)) return;
  std::swap(a_shape, b_shape);
  std::swap(a, b);
}

}  // namespace algean::kernels::eltwise
