#include "kernels/conv/conv_family.hpp"

#include <algorithm>
#include <array>

#include "kernels/conv/sums.hpp"
#include "kernels/family/checks.hpp"

namespace algean::kernels::conv {
namespace {

constexpr std::array<std::string_view, 4> activations{"linear", "relu", "relu6", "relu_n1_to_1"};

std::size_t dimensions(const LayerSpec& layer, std::span<const std::string_view, 2> operations) {
  return layer.operation == operations[0] ? 1 : 2;
}

// Lowest and highest real output of an activation.
std::pair<double, double> bounds(const std::string& activation) {
  constexpr double none = std::numeric_limits<double>::infinity();
  if (activation == "relu") return {0, none};
  if (activation == "relu6") return {0, 6};
  if (activation == "relu_n1_to_1") return {-1, 1};
  return {-none, none};
}

}  // namespace

Result<std::vector<Shape>> ConvFamily::infer(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  ALGEAN_TRY(check_inputs(inputs, 1));
  ALGEAN_ASSIGN(Shape output, conv::infer(layer, dimensions(layer, operations_), direction_, inputs[0].shape));
  return std::vector<Shape>{std::move(output)};
}

Result<> ConvFamily::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                            std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  if (layer.attributes.has("activation")) {
    ALGEAN_ASSIGN(const std::string activation, layer.attributes.text("activation"));
    if (std::ranges::find(activations, activation) == activations.end()) {
      return bad_input("attribute 'activation' is '{}', must be 'linear', 'relu', 'relu6' or 'relu_n1_to_1'",
                       activation);
    }
  }
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (!is_float) return bad_input("{} has no integer form yet", layer.operation);
  ALGEAN_TRY(check_attributes(layer, {"strides", "dilations", "padding", "groups", "activation", "arithmetic",
                                      "scale_product", "weight_bits"}));
  ALGEAN_TRY(check_constants(layer, {"weight", "bias"}));
  ALGEAN_ASSIGN(const Tensor* weight,
                check_constant(layer, "weight", ElementType::float32(), layer.required("weight").shape()));
  ALGEAN_TRY(check_finite("constant 'weight'", *weight));
  if (layer.constant("bias") == nullptr) return {};
  ALGEAN_ASSIGN(const Tensor* bias, check_constant(layer, "bias", ElementType::float32(), Shape{weight->shape()[0]}));
  return check_finite("constant 'bias'", *bias);
}

double ConvFamily::work(const LayerSpec& layer, std::span<const TensorType> inputs,
                        std::span<const TensorType> outputs) const {
  const double taps = static_cast<double>(layer.required("weight").shape().elements()) /
                      static_cast<double>(layer.required("weight").shape()[0]);
  // A transposed convolution's taps belong to its inputs, a convolution's to its outputs.
  if (direction_ == Direction::forward) return static_cast<double>(outputs[0].shape.elements()) * taps;
  const auto pixels = static_cast<double>(inputs[0].shape.elements() / inputs[0].shape.channels());
  return pixels * static_cast<double>(outputs[0].shape.channels()) * taps;
}

void ConvFamily::evaluate_float(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                std::span<Tensor* const> outputs) const {
  const Geometry g = geometry(layer, direction_, inputs[0]->shape());
  const auto x = inputs[0]->elements<float>();
  const auto y = outputs[0]->elements<float>();
  const auto row = static_cast<std::size_t>(g.in_w * g.c_in);
  const auto [low, high] = bounds(layer.attributes.text_or("activation", "linear"));
  std::vector<double> bias;
  if (const Tensor* tensor = layer.constant("bias")) {
    bias.assign(tensor->elements<float>().begin(), tensor->elements<float>().end());
  }
  const auto read = [&](std::int64_t index, double* to) {
    std::ranges::copy(x.subspan(static_cast<std::size_t>(index) * row, row), to);
  };
  const auto write = [&, low = low, high = high](std::size_t element, std::span<const double> sums) {
    for (const double sum : sums) y[element++] = static_cast<float>(sum < low ? low : sum > high ? high : sum);
  };
  sums(g, read, layer.required("weight").elements<float>(), bias, write);
}

void ConvFamily::evaluate_integer(const LayerSpec&, std::span<const Tensor* const>, std::span<Tensor* const>) const {
  ALGEAN_INVARIANT(false && "verify() rejects an integer convolution");
}

Result<LayerSpec> ConvFamily::quantise(const LayerSpec& layer, std::span<const TensorType>,
                                       std::span<const TensorType>) const {
  return bad_input("{} has no integer form yet", layer.operation);
}

Result<std::unique_ptr<Step>> ConvFamily::compile(const LayerSpec& layer, std::span<const TensorType>,
                                                  std::span<const TensorType>, InstructionSet) const {
  return bad_input("{} has no CPU code yet", layer.operation);
}

}  // namespace algean::kernels::conv
