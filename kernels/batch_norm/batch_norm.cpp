#include "kernels/batch_norm/batch_norm.hpp"

#include <array>
#include <cmath>

#include "kernels/family/checks.hpp"

namespace algean::kernels {
namespace {

constexpr std::array<const char*, 4> roles{"gamma", "beta", "mean", "variance"};

}  // namespace

std::span<const std::string_view> BatchNorm::operations() const {
  static constexpr std::array<std::string_view, 1> names{"batch_norm"};
  return names;
}

Result<std::vector<Shape>> BatchNorm::infer(const LayerSpec&, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  if (inputs[0].shape.rank() == 0) return bad_input("input is a scalar, must have at least one axis");
  return std::vector<Shape>{inputs[0].shape};
}

Result<> BatchNorm::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                           std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (!is_float) return bad_input("batch_norm has no integer form; it must be folded into a neighbour first");
  ALGEAN_TRY(check_attributes(layer, {"epsilon"}));
  ALGEAN_TRY(check_constants(layer, {"gamma", "beta", "mean", "variance"}));
  ALGEAN_ASSIGN(const double epsilon, layer.attributes.real("epsilon"));
  if (!std::isfinite(epsilon) || epsilon < 0)
    return bad_input("attribute 'epsilon' is {}, must be finite and at least 0", epsilon);
  const Shape channels{inputs[0].shape.channels()};
  for (const char* role : roles) {
    ALGEAN_ASSIGN(const Tensor* tensor, check_constant(layer, role, ElementType::float32(), channels));
    ALGEAN_TRY(check_finite(fmt::format("constant '{}'", role), *tensor));
  }
  const auto variance = layer.required("variance").elements<float>();
  for (std::size_t c = 0; c < variance.size(); ++c) {
    if (!(static_cast<double>(variance[c]) + epsilon > 0)) {
      return bad_input("constant 'variance': {} of channel {}, plus epsilon {}, must be above 0", variance[c], c,
                       epsilon);
    }
  }
  return {};
}

void BatchNorm::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                               std::span<Tensor* const> outputs) const {
  const auto gamma = layer.required("gamma").elements<float>();
  const auto beta = layer.required("beta").elements<float>();
  const auto mean = layer.required("mean").elements<float>();
  const auto variance = layer.required("variance").elements<float>();
  const double epsilon = layer.attributes.real_or("epsilon", 0);
  const auto x = inputs[0]->elements<float>();
  const auto y = outputs[0]->elements<float>();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i % gamma.size();
    const double centred = static_cast<double>(x[i]) - static_cast<double>(mean[c]);
    const double factor = static_cast<double>(gamma[c]) / std::sqrt(static_cast<double>(variance[c]) + epsilon);
    y[i] = static_cast<float>(centred * factor + static_cast<double>(beta[c]));
  }
}

void BatchNorm::evaluate_integer(const LayerSpec&, std::span<const Tensor* const>, std::span<Tensor* const>) const {
  ALGEAN_INVARIANT(false && "verify() rejects an integer batch_norm");
}

Result<LayerSpec> BatchNorm::quantise(const LayerSpec&, std::span<const TensorType>,
                                      std::span<const TensorType>) const {
  return bad_input("batch_norm has no integer form; it must be folded into a neighbour first");
}

Result<std::unique_ptr<Step>> BatchNorm::compile(const LayerSpec&, std::span<const TensorType>,
                                                 std::span<const TensorType>, InstructionSet) const {
  return bad_input("batch_norm has no CPU code; it must be folded into a neighbour first");
}

}  // namespace algean::kernels
