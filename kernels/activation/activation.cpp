#include "kernels/activation/activation.hpp"

#include <array>
#include <cmath>

#include "kernels/activation/element.hpp"
#include "kernels/activation/prelu.hpp"
#include "kernels/activation/softmax.hpp"
#include "kernels/family/checks.hpp"

namespace algean::kernels {
namespace {

constexpr std::size_t table_entries = 256;

ElementType probability_type() { return ElementType::int8(Quantisation::per_tensor(1.0 / 256, -128)); }

template <class T>
std::shared_ptr<const Tensor> table_of(const ElementType& type, const std::vector<T>& entries) {
  return std::make_shared<const Tensor>(TensorType{type, Shape{table_entries}}, std::span<const T>(entries));
}

void look_up(std::span<const std::int8_t> table, std::span<const std::int8_t> x, std::span<std::int8_t> y) noexcept {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = table[static_cast<std::size_t>(x[i] + 128)];
}

// Plain code for every instruction set: these layers are small beside the dense ones.
class TableStep final : public Step {
 public:
  TableStep(std::span<const std::int8_t> table, std::size_t elements)
      : table_(table.begin(), table.end()), elements_(elements) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    look_up(table_, {reinterpret_cast<const std::int8_t*>(inputs[0]), elements_},
            {reinterpret_cast<std::int8_t*>(outputs[0]), elements_});
  }

 private:
  std::vector<std::int8_t> table_;
  std::size_t elements_;
};

class SoftmaxStep final : public Step {
 public:
  SoftmaxStep(std::span<const std::uint32_t> exponentials, const Shape& shape)
      : exponentials_(exponentials.begin(), exponentials.end()),
        channels_(static_cast<std::size_t>(shape.channels())),
        rows_(static_cast<std::size_t>(shape.elements()) / channels_) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    const auto* x = reinterpret_cast<const std::int8_t*>(inputs[0]);
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    for (std::size_t row = 0; row < rows_; ++row) {
      activation::softmax_integer({x + row * channels_, channels_}, exponentials_, {y + row * channels_, channels_});
    }
  }

 private:
  std::vector<std::uint32_t> exponentials_;
  std::size_t channels_, rows_;
};

}  // namespace

std::span<const std::string_view> Activation::operations() const {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> result{"prelu", "softmax", "log_softmax"};
    for (const activation::Function& function : activation::functions()) result.push_back(function.operation);
    return result;
  }();
  return names;
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

void Activation::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                  std::span<Tensor* const> outputs) const {
  const auto x = inputs[0]->elements<std::int8_t>();
  const auto y = outputs[0]->elements<std::int8_t>();
  if (layer.operation != "softmax") return look_up(layer.required("table").elements<std::int8_t>(), x, y);
  const auto exponentials = layer.required("exponentials").elements<std::uint32_t>();
  const auto channels = static_cast<std::size_t>(inputs[0]->shape().channels());
  for (std::size_t at = 0; at < x.size(); at += channels) {
    activation::softmax_integer(x.subspan(at, channels), exponentials, y.subspan(at, channels));
  }
}

std::optional<ElementType> Activation::fixed_output(const LayerSpec& layer, std::span<const TensorType>) const {
  if (layer.operation == "softmax") return probability_type();
  return std::nullopt;
}

Result<LayerSpec> Activation::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                       std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_quantised_int8("input", inputs[0]));
  ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
  const TensorType real{ElementType::float32(), inputs[0].shape};
  ALGEAN_TRY(verify(layer, {&real, 1}, {&real, 1}));

  const Quantisation& from = *inputs[0].element.quantisation();
  const Quantisation& to = *outputs[0].element.quantisation();
  LayerSpec result = layer;
  if (layer.operation == "softmax") {
    result.constants = {
        {"exponentials", table_of(ElementType::integer(32, false),
                                  activation::make_exponentials(from.scale() * layer.attributes.real_or("beta", 1)))}};
    return result;
  }
  if (activation::find_function(layer.operation) == nullptr) {
    return bad_input("{} has no integer form", layer.operation);
  }
  const auto function = activation::Element::make(layer).value();
  std::vector<std::int8_t> table;
  for (int x = -128; x <= 127; ++x) {
    const double y = function(from.scale() * (x - from.zero_point()));
    const double integer = std::floor(y * (1.0 / to.scale()) + 0.5) + to.zero_point();
    table.push_back(static_cast<std::int8_t>(integer >= 127 ? 127 : integer > -128 ? integer : -128));
  }
  result.constants = {{"table", table_of(ElementType::int8(), table)}};
  return result;
}

Result<std::unique_ptr<Step>> Activation::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                                  std::span<const TensorType>, InstructionSet) const {
  if (layer.operation == "softmax") {
    return std::make_unique<SoftmaxStep>(layer.required("exponentials").elements<std::uint32_t>(), inputs[0].shape);
  }
  return std::make_unique<TableStep>(layer.required("table").elements<std::int8_t>(),
                                     static_cast<std::size_t>(inputs[0].shape.elements()));
}

}  // namespace algean::kernels
