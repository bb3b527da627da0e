#include "kernels/conv/conv_family.hpp"

#include <algorithm>

#include "kernels/conv/sums.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels::conv {
namespace {

std::size_t dimensions(const LayerSpec& layer, std::span<const std::string_view, 2> operations) {
  return layer.operation == operations[0] ? 1 : 2;
}

const std::initializer_list<std::string_view> attributes{"strides", "dilations", "padding", "groups"};

Result<> check_output(const ConvFamily& family, const LayerSpec& layer, std::span<const TensorType> inputs,
                      std::span<const TensorType> outputs) {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, family.infer(layer, inputs));
  if (outputs.size() == 1 && outputs[0].shape == shapes[0]) return {};
  return bad_input("must have one output of shape {}", shapes[0].text());
}

// The rule of fully connected layers alone.
Result<> check_arithmetic(const LayerSpec& layer) {
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  if (arithmetic != Arithmetic::tflite_double) return {};
  return bad_input("attribute 'arithmetic' is 'tflite_double', must be 'scaled' or 'tflite' in a convolution");
}

// weight - zero_weight: at most 9 bits.
std::vector<float> centred_weights(const LayerSpec& layer) {
  const auto weights = layer.required("weight").elements<std::int8_t>();
  const std::vector<std::int32_t> zero_points = weight_zero_points(layer);
  const std::size_t taps = weights.size() / zero_points.size();
  std::vector<float> result(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    result[i] = static_cast<float>(weights[i] - zero_points[i / taps]);
  }
  return result;
}

}  // namespace

Result<std::vector<Shape>> ConvFamily::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  ALGEAN_ASSIGN(Shape output, conv::infer(layer, dimensions(layer, operations_), direction_, inputs[0].shape));
  return std::vector<Shape>{std::move(output)};
}

Result<> ConvFamily::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const {
  ALGEAN_TRY(check_output(*this, layer, inputs, outputs));
  ALGEAN_TRY(check_arithmetic(layer));
  return verify_weighted(layer, attributes, inputs[0], outputs[0]);
}

Result<LayerSpec> ConvFamily::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                       std::span<const TensorType> outputs) const {
  ALGEAN_TRY(check_output(*this, layer, inputs, outputs));
  ALGEAN_TRY(check_arithmetic(layer));
  return quantise_weighted(layer, attributes, inputs[0], outputs[0]);
}

double ConvFamily::work(const LayerSpec& layer, std::span<const TensorType> inputs,
                        std::span<const TensorType> outputs) const {
  const double taps = static_cast<double>(layer.required("weight").shape().elements()) /
                      static_cast<double>(layer.required("weight").shape()[0]);
  // A transposed convolution's taps belong to its inputs, a convolution's to its outputs.
  if (direction_ == Direction::forward) return static_cast<double>(outputs[0].shape.elements()) * taps;
  const double pixels =
      static_cast<double>(inputs[0].shape.elements()) / static_cast<double>(inputs[0].shape.channels());
  return pixels * static_cast<double>(outputs[0].shape.channels()) * taps;
}

void ConvFamily::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                std::span<Tensor* const> outputs) const {
  const Geometry g = geometry(layer, direction_, inputs[0]->shape());
  const auto x = inputs[0]->elements<float>();
  const auto y = outputs[0]->elements<float>();
  const auto row = static_cast<std::size_t>(g.in_w * g.c_in);
  const RealRange range = activation_range(layer);
  std::vector<double> bias;
  if (const Tensor* tensor = layer.constant("bias")) {
    for (const float value : real_elements(*tensor)) bias.push_back(static_cast<double>(value));
  }
  const auto read = [&](std::int64_t index, double* to) {
    std::ranges::copy(x.subspan(static_cast<std::size_t>(index) * row, row), to);
  };
  const auto write = [&](std::size_t element, std::span<const double> sums) {
    for (const double sum : sums) {
      y[element++] = static_cast<float>(sum < range.low ? range.low : sum > range.high ? range.high : sum);
    }
  };
  sums(g, read, real_elements(layer.required("weight")), bias, write);
}

// Sums of at most 32 bits are exact in binary64.
void ConvFamily::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                  std::span<Tensor* const> outputs) const {
  const Geometry g = geometry(layer, direction_, inputs[0]->shape());
  const auto x = inputs[0]->elements<std::int8_t>();
  const auto y = outputs[0]->elements<std::int8_t>();
  const auto row = static_cast<std::size_t>(g.in_w * g.c_in);
  const std::int32_t zero_x = inputs[0]->type().element.quantisation()->zero_point();
  const auto channels = static_cast<std::size_t>(g.c_out);
  const Requantiser requantise(layer, outputs[0]->type());
  const auto bias = layer.required("bias").elements<std::int32_t>();
  const auto read = [&](std::int64_t index, double* to) {
    const auto from = x.subspan(static_cast<std::size_t>(index) * row, row);
    std::ranges::transform(from, to, [zero_x](std::int8_t q) { return q - zero_x; });
  };
  const auto write = [&](std::size_t element, std::span<const double> sums) {
    for (const double sum : sums) {
      y[element] = requantise(static_cast<std::int32_t>(sum), element % channels);
      ++element;
    }
  };
  sums(g, read, centred_weights(layer), std::vector<double>(bias.begin(), bias.end()), write);
}

}  // namespace algean::kernels::conv
