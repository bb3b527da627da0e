#include "kernels/dense/dense.hpp"

#include <algorithm>
#include <array>

#include "kernels/dense/hardware.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels {

std::span<const std::string_view> Dense::operations() const {
  static constexpr std::array<std::string_view, 1> names{"dense"};
  return names;
}

const Hardware* Dense::circuit() const {
  static const DenseHardware hardware;
  return &hardware;
}

Result<std::vector<Shape>> Dense::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  const Tensor* weight = layer.constant("weight");
  if (weight == nullptr) return bad_input("constant 'weight' is missing");
  if (weight->shape().rank() != 2) {
    return bad_input("constant 'weight' is {}, must have two axes [n_out,n_in]", weight->type().text());
  }
  const Shape& input = inputs[0].shape;
  if (input.rank() == 0) return bad_input("input is a scalar, must have at least one axis");
  if (input.channels() != weight->shape()[1]) {
    return bad_input("input {} has {} channels, constant 'weight' {} takes {}", input.text(), input.channels(),
                     weight->shape().text(), weight->shape()[1]);
  }
  std::vector<std::int64_t> extents(input.extents().begin(), input.extents().end());
  extents.back() = weight->shape()[0];
  ALGEAN_ASSIGN(Shape output, Shape::make(std::move(extents)));
  return std::vector<Shape>{std::move(output)};
}

double Dense::work(const LayerSpec& layer, std::span<const TensorType>, std::span<const TensorType> outputs) const {
  return static_cast<double>(outputs[0].shape.elements()) *
         static_cast<double>(layer.required("weight").shape().channels());
}

void Dense::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                           std::span<Tensor* const> outputs) const {
  const std::vector<float> weights = real_elements(layer.required("weight"));
  const Tensor* bias = layer.constant("bias");
  const RealRange range = activation_range(layer);
  const auto n_out = static_cast<std::size_t>(layer.required("weight").shape()[0]);
  const std::size_t n_in = weights.size() / n_out;
  const std::vector<float> start = bias == nullptr ? std::vector<float>(n_out, 0.0F) : real_elements(*bias);
  const auto x = inputs[0]->elements<float>();
  const auto y = outputs[0]->elements<float>();
  for (std::size_t row = 0; row < x.size() / n_in; ++row) {
    for (std::size_t o = 0; o < n_out; ++o) {
      double sum = static_cast<double>(start[o]);
      for (std::size_t i = 0; i < n_in; ++i) {
        sum += static_cast<double>(weights[o * n_in + i]) * static_cast<double>(x[row * n_in + i]);
      }
      y[row * n_out + o] = static_cast<float>(sum < range.low ? range.low : sum > range.high ? range.high : sum);
    }
  }
}

void Dense::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                             std::span<Tensor* const> outputs) const {
  const auto weights = layer.required("weight").elements<std::int8_t>();
  const auto bias = layer.required("bias").elements<std::int32_t>();
  const std::vector<std::int32_t> zero_w = weight_zero_points(layer);
  const Requantiser requantise(layer, outputs[0]->type());
  const std::int32_t zero_x = inputs[0]->type().element.quantisation()->zero_point();
  const std::size_t n_out = bias.size();
  const std::size_t n_in = weights.size() / n_out;
  const auto x = inputs[0]->elements<std::int8_t>();
  const auto y = outputs[0]->elements<std::int8_t>();
  for (std::size_t row = 0; row < x.size() / n_in; ++row) {
    for (std::size_t o = 0; o < n_out; ++o) {
      std::int32_t acc = bias[o];
      for (std::size_t i = 0; i < n_in; ++i) {
        acc += (x[row * n_in + i] - zero_x) * (weights[o * n_in + i] - zero_w[o]);
      }
      y[row * n_out + o] = requantise(acc, o);
    }
  }
}

}  // namespace algean::kernels
