// The two operands of a layer that is element by element, one of which may be a constant.
#pragma once

#include <span>
#include <vector>

#include "kernels/eltwise/rule.hpp"
#include "kernels/family/layer.hpp"

namespace algean::kernels::eltwise {

// True when the constant is the left operand.
[[nodiscard]] bool is_reversed(const LayerSpec& layer);

// The quantisations of the operands, left and right, and of the output. The types are quantised; so is a constant.
[[nodiscard]] Codes codes_of(const LayerSpec& layer, std::span<const TensorType> inputs, const TensorType& output);

// Real operands of a verified float layer, left and right. The layer and its inputs must outlive this.
struct RealOperands {
  RealOperands(const LayerSpec& layer, std::span<const Tensor* const> inputs);
  RealOperands(const RealOperands&) = delete;
  RealOperands& operator=(const RealOperands&) = delete;

  Shape a_shape, b_shape;
  std::span<const float> a, b;

 private:
  std::vector<float> constant_;
};

}  // namespace algean::kernels::eltwise
