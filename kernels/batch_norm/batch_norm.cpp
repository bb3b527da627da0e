#include "kernels/batch_norm/batch_norm.hpp"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/batch_norm/hardware.hpp"
#include "kernels/family/checks.hpp"
#include "kernels/requantise/requantise.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels {
namespace {

constexpr std::array<const char*, 4> roles{"gamma", "beta", "mean", "variance"};

Result<> verify_float(const LayerSpec& layer, const Shape& channels) {
  ALGEAN_TRY(check_attributes(layer, {"epsilon"}));
  ALGEAN_TRY(check_constants(layer, {"gamma", "beta", "mean", "variance"}));
  ALGEAN_ASSIGN(const double epsilon, layer.attributes.real("epsilon"));
  if (!std::isfinite(epsilon) || epsilon < 0) {
    return bad_input("attribute 'epsilon' is {}, must be finite and at least 0", epsilon);
  }
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

Result<> verify_integer(const LayerSpec& layer, const Shape& channels, const TensorType& input,
                        const TensorType& output) {
  ALGEAN_TRY(verify_weighted(layer, {}, input, output));
  const Tensor& weight = layer.required("weight");
  if (weight.shape() == Shape{channels[0], 1}) return {};
  return bad_input("constant 'weight' is {}, must be int8[{},1]", weight.type().text(), channels[0]);
}

// The integer form's channels, each an accumulator and its requantisation.
class Affine {
 public:
  Affine(const LayerSpec& layer, const TensorType& input, const TensorType& output)
      : requantiser_(layer, output), zero_x_(input.element.quantisation()->zero_point()) {
    const auto weight = layer.required("weight").elements<std::int8_t>();
    const auto bias = layer.required("bias").elements<std::int32_t>();
    const std::vector<std::int32_t> zero = weight_zero_points(layer);
    for (std::size_t c = 0; c < weight.size(); ++c) weight_.push_back(weight[c] - zero[c]);
    bias_.assign(bias.begin(), bias.end());
  }
  void operator()(const std::int8_t* x, std::int8_t* y, std::size_t elements) const noexcept {
    for (std::size_t row = 0; row < elements; row += weight_.size()) {
      for (std::size_t c = 0; c < weight_.size(); ++c) {
        y[row + c] = requantiser_(bias_[c] + (x[row + c] - zero_x_) * weight_[c], c);
      }
    }
  }

 private:
  Requantiser requantiser_;
  std::int32_t zero_x_;
  std::vector<std::int32_t> weight_, bias_;
};

class BatchNormStep final : public Step {
 public:
  BatchNormStep(Affine affine, std::size_t elements) : affine_(std::move(affine)), elements_(elements) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    affine_(reinterpret_cast<const std::int8_t*>(inputs[0]), reinterpret_cast<std::int8_t*>(outputs[0]), elements_);
  }

 private:
  Affine affine_;
  std::size_t elements_;
};

}  // namespace

std::span<const std::string_view> BatchNorm::operations() const {
  static constexpr std::array<std::string_view, 1> names{"batch_norm"};
  return names;
}

const Hardware* BatchNorm::circuit() const {
  static const batch_norm::BatchNormHardware hardware;
  return &hardware;
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
  const Shape channels{inputs[0].shape.channels()};
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  return is_float ? verify_float(layer, channels) : verify_integer(layer, channels, inputs[0], outputs[0]);
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

void BatchNorm::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                 std::span<Tensor* const> outputs) const {
  const auto x = inputs[0]->elements<std::int8_t>();
  Affine(layer, inputs[0]->type(), outputs[0]->type())(x.data(), outputs[0]->elements<std::int8_t>().data(), x.size());
}

Result<LayerSpec> BatchNorm::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                      std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  const Shape channels{inputs[0].shape.channels()};
  LayerSpec affine = layer;
  affine.attributes.erase("epsilon");
  LayerSpec real = layer;
  real.attributes.erase("arithmetic");
  ALGEAN_TRY(verify_float(real, channels));

  const double epsilon = layer.attributes.real_or("epsilon", 0);
  std::vector<float> weight, bias;
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels[0]); ++c) {
    const auto value = [&](const char* role) { return static_cast<double>(layer.required(role).elements<float>()[c]); };
    const double factor = value("gamma") / std::sqrt(value("variance") + epsilon);
    weight.push_back(static_cast<float>(factor));
    bias.push_back(static_cast<float>(value("beta") - factor * value("mean")));
  }
  const auto constant = [](Shape shape, const std::vector<float>& elements) {
    return std::make_shared<const Tensor>(TensorType{ElementType::float32(), std::move(shape)},
                                          std::span<const float>(elements));
  };
  affine.constants = {{"weight", constant(Shape{channels[0], 1}, weight)}, {"bias", constant(channels, bias)}};
  return quantise_weighted(affine, {}, inputs[0], outputs[0]);
}

Result<std::unique_ptr<Step>> BatchNorm::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                 std::span<const TensorType> outputs, InstructionSet) const {
  return std::make_unique<BatchNormStep>(Affine(layer, inputs[0], outputs[0]),
                                         static_cast<std::size_t>(inputs[0].shape.elements()));
}

}  // namespace algean::kernels
