// Functions of single elements, prelu, softmax and log_softmax. README.md has the integer rules.
#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// Operations, each with one input and one output of the same shape. Attributes are finite numbers; those with a value
// in brackets may be left out.
//   relu          x >= max_value: max_value; x >= threshold: x; else negative_slope * (x - threshold). As Keras' ReLU:
//                 `max_value` (none), `negative_slope` (0), `threshold` (0), each at least 0
//   leaky_relu    x < 0 ? slope * x : x; `slope`
//   thresholded_relu  x > threshold ? x : 0; `threshold` (1)
//   elu           x < 0 ? alpha * (e^x - 1) : x; `alpha` (1)
//   celu          x < 0 ? alpha * (e^(x / alpha) - 1) : x; `alpha` (1), above 0
//   selu          gamma * elu(x, alpha); `alpha`, `gamma` (Keras')
//   sigmoid, log_sigmoid, tanh, softplus, softsign, erf
//   hard_sigmoid  slope * x + offset, cut to [0, 1]; `slope` (0.2), `offset` (0.5)
//   hard_swish    x * (x + 3, cut to [0, 6]) / 6
//   swish, mish   x * sigmoid(x), x * tanh(softplus(x))
//   gelu          x * Phi(x); `approximate`: "none", or "tanh" for that approximation ("none")
//   shrink        x < -threshold: x + bias; x > threshold: x - bias; else 0; `bias` (0), `threshold` (0.5)
//   exponential, logarithm, absolute, negate, sign, square, square_root, reciprocal
//   power         x^exponent; `exponent`
//   clip          cut to [low, high]; `low`, `high` (none)
//   affine        scale * x + offset; `scale` (1), `offset` (0)
//   requantise    x, in another type; in integers the one operation between int8 and uint8
//   floor, ceil, round (halves to even), sine, cosine, tangent, arc_sine, arc_cosine, arc_tangent, hyperbolic_sine,
//   hyperbolic_cosine, area_sine, area_cosine, area_tangent
//   prelu         x < 0 ? slope * x : x; constant `slope`, float32 or int8 quantised per tensor, broadcasts to the
//   input softmax       e^(beta x_i) / sum of e^(beta x_j) over the last axis; `beta` (1); `axis` (-1): -1 or the last
//   log_softmax   ln of softmax; `axis`
//
// Integer form: input and output int8 quantised per tensor (of requantise also uint8). Functions of single elements:
// constant `table` [256] of the output's type, y = table[code - lowest code]. prelu: constants `table` int8 [T,256] and
// `index` uint16 of slope's shape, y = table[index[i]][x + 128]. softmax and log_softmax: README.md.
class Activation final : public Family {
 public:
  [[nodiscard]] std::string_view name() const override { return "activation"; }
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
  [[nodiscard]] Result<std::unique_ptr<Step>> compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                      std::span<const TensorType> outputs,
                                                      InstructionSet instructions) const override;
};

}  // namespace algean::kernels
