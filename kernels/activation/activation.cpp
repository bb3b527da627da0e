#include "kernels/activation/activation.hpp"

#include <vector>

#include "kernels/activation/element.hpp"
#include "kernels/activation/hardware.hpp"
#include "kernels/activation/prelu.hpp"
#include "kernels/activation/softmax.hpp"
#include "kernels/family/checks.hpp"

namespace algean::kernels {
std::span<const std::string_view> Activation::operations() const {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> result{"prelu", "softmax", "log_softmax"};
    for (const activation::Function& function : activation::functions()) result.push_back(function.operation);
    return result;
  }();
  return names;
}

const Hardware* Activation::circuit() const {
  static const activation::ActivationHardware hardware;
  return &hardware;
}

Result<std::vector<Shape>> Activation::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  const Shape& shape = inputs[0].shape;
  if (layer.operation.ends_with("softmax") && shape.rank() == 0) {
    return bad_input("input is a scalar, must have at least one axis");
  }
  if (layer.operation == "prelu") ALGEAN_TRY(activation::check_slope(layer, shape));
  return std::vector<Shape>{shape};
}

void Activation::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                std::span<Tensor* const> outputs) const {
  const auto x = inputs[0]->elements<float>();
  const auto y = outputs[0]->elements<float>();
  if (layer.operation == "prelu") return activation::prelu_float(layer, inputs[0]->shape(), x, y);
  if (layer.operation.ends_with("softmax")) {
    const auto channels = static_cast<std::size_t>(inputs[0]->shape().channels());
    const double beta = layer.attributes.real_or("beta", 1);
    const bool is_log = layer.operation == "log_softmax";
    for (std::size_t at = 0; at < x.size(); at += channels) {
      const auto from = x.subspan(at, channels);
      const auto to = y.subspan(at, channels);
      is_log ? activation::log_softmax_float(from, to) : activation::softmax_float(from, beta, to);
    }
    return;
  }
  const auto function = activation::Element::make(layer).value();
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = static_cast<float>(function(static_cast<double>(x[i])));
}

}  // namespace algean::kernels
