// The integer form: made, and its reference.
#include <algorithm>
#include <cmath>

#include "kernels/activation/activation.hpp"
#include "kernels/activation/log_softmax.hpp"
#include "kernels/activation/prelu.hpp"
#include "kernels/activation/softmax.hpp"
#include "kernels/activation/tables.hpp"
#include "kernels/activation/tflite_softmax.hpp"
#include "kernels/activation/types.hpp"
#include "kernels/family/broadcast.hpp"
#include "kernels/family/checks.hpp"

namespace algean::kernels {
namespace {

template <class T>
std::shared_ptr<const Tensor> table_of(const ElementType& type, const std::vector<T>& entries) {
  return std::make_shared<const Tensor>(TensorType{type, Shape{256}}, std::span<const T>(entries));
}

Result<> add_softmax(LayerSpec& layer, Arithmetic arithmetic, const TensorType& input) {
  const double beta = layer.attributes.real_or("beta", 1);
  const double scale = input.element.quantisation()->scale();
  if (arithmetic == Arithmetic::scaled) {
    layer.constants = {
        {"exponentials", table_of(ElementType::integer(32, false), activation::make_exponentials(beta * scale))}};
    return {};
  }
  ALGEAN_ASSIGN(const auto exponentials, activation::make_tflite_exponentials(beta, scale));
  layer.constants = {{"exponentials", table_of(ElementType::int32(), exponentials)}};
  return {};
}

Result<> add_table(LayerSpec& layer, Arithmetic arithmetic, const ElementType& from, const ElementType& to) {
  ALGEAN_ASSIGN(const std::vector<std::int32_t> codes, activation::make_table(layer, arithmetic, from, to));
  if (to.is_signed()) {
    layer.constants = {{"table", table_of(ElementType::int8(), std::vector<std::int8_t>(codes.begin(), codes.end()))}};
  } else {
    layer.constants = {
        {"table", table_of(ElementType::integer(8, false), std::vector<std::uint8_t>(codes.begin(), codes.end()))}};
  }
  return {};
}

template <class Row>
void for_each_row(std::span<const std::int8_t> x, std::span<std::int8_t> y, const Shape& shape, const Row& row) {
  const auto channels = static_cast<std::size_t>(shape.channels());
  for (std::size_t at = 0; at < x.size(); at += channels) row(x.subspan(at, channels), y.subspan(at, channels));
}

}  // namespace

std::optional<ElementType> Activation::fixed_output(const LayerSpec& layer, std::span<const TensorType>) const {
  if (layer.operation == "softmax") return ElementType::int8(Quantisation::per_tensor(1.0 / 256, -128));
  return std::nullopt;
}

Result<LayerSpec> Activation::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                       std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(activation::check_codes(layer, inputs[0], outputs[0]));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  LayerSpec result = layer;
  result.attributes.erase("arithmetic");
  const TensorType real{ElementType::float32(), inputs[0].shape};
  ALGEAN_TRY(verify(result, {&real, 1}, {&real, 1}));

  const Quantisation& from = *inputs[0].element.quantisation();
  const Quantisation& to = *outputs[0].element.quantisation();
  if (layer.operation == "softmax") {
    ALGEAN_TRY(add_softmax(result, arithmetic, inputs[0]));
  } else if (layer.operation == "log_softmax") {
    if (arithmetic != Arithmetic::scaled) return bad_input("log_softmax has no arithmetic '{}'", to_text(arithmetic));
    ALGEAN_TRY(activation::add_log_softmax(result, from, to));
  } else if (layer.operation == "prelu") {
    ALGEAN_TRY(activation::quantise_prelu(result, arithmetic, from, to));
  } else {
    ALGEAN_TRY(add_table(result, arithmetic, inputs[0].element, outputs[0].element));
  }
  if (layer.attributes.has("arithmetic")) result.attributes.set("arithmetic", std::string(to_text(arithmetic)));
  return result;
}

void Activation::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                                  std::span<Tensor* const> outputs) const {
  const Shape& shape = inputs[0]->shape();
  if (activation::find_function(layer.operation) != nullptr) {
    const auto table = layer.required("table").bytes();
    const auto y = outputs[0]->bytes();
    const std::int64_t lowest = inputs[0]->type().element.lowest();
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = table[static_cast<std::size_t>(inputs[0]->integer_at(i) - lowest)];
    }
    return;
  }
  const auto x = inputs[0]->elements<std::int8_t>();
  const auto y = outputs[0]->elements<std::int8_t>();
  if (layer.operation == "prelu") {
    const auto tables = layer.required("table").elements<std::int8_t>();
    const auto index = layer.required("index").elements<std::uint16_t>();
    const Runs runs(shape, {layer.required("index").shape()});
    runs.for_each([&](std::size_t first, std::size_t at, std::size_t) {
      for (std::size_t i = 0; i < runs.length(); ++i) {
        const std::size_t table = index[at + i * runs.step(0)];
        y[first + i] = tables[256 * table + static_cast<std::size_t>(x[first + i] + 128)];
      }
    });
  } else if (layer.operation == "log_softmax") {
    for_each_row(x, y, shape, activation::LogSoftmax(layer, *outputs[0]->type().element.quantisation()));
  } else if (arithmetic_of(layer).value() == Arithmetic::scaled) {
    const auto exponentials = layer.required("exponentials").elements<std::uint32_t>();
    for_each_row(x, y, shape, [&](auto from, auto to) { activation::softmax_integer(from, exponentials, to); });
  } else {
    const auto exponentials = layer.required("exponentials").elements<std::int32_t>();
    for_each_row(x, y, shape, [&](auto from, auto to) { activation::softmax_tflite(from, exponentials, to); });
  }
}

}  // namespace algean::kernels
