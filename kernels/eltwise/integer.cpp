// The integer form: made, and its reference.
#include <algorithm>
#include <cmath>

#include "kernels/eltwise/eltwise.hpp"
#include "kernels/eltwise/operands.hpp"
#include "kernels/eltwise/rule.hpp"
#include "kernels/family/broadcast.hpp"
#include "kernels/family/checks.hpp"

namespace algean::kernels {
namespace {

using eltwise::Codes;
using eltwise::Rule;

bool is_one_element(const Tensor* operand) { return operand != nullptr && operand->shape().elements() == 1; }

// Real constants as int8: the narrowest type that holds them all and 0.
std::shared_ptr<const Tensor> quantised_operand(const Tensor& operand) {
  if (operand.type().element.is_integer()) return std::make_shared<const Tensor>(operand);
  const auto real = operand.elements<float>();
  const auto [least, most] = std::ranges::minmax(real);
  const double low = std::min(static_cast<double>(least), 0.0);
  const double high = std::max(static_cast<double>(most), 0.0);
  const double scale = high - low > 0x1p-110 ? (high - low) / 255 : 1.0 / 128;
  const double zero = std::clamp(std::floor(-128 - low / scale + 0.5), -128.0, 127.0);
  auto result = std::make_shared<Tensor>(
      TensorType{ElementType::int8(Quantisation::per_tensor(scale, static_cast<std::int32_t>(zero))), operand.shape()});
  const auto codes = result->elements<std::int8_t>();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const double code = std::floor(static_cast<double>(real[i]) / scale + 0.5) + zero;
    codes[i] = static_cast<std::int8_t>(std::clamp(code, -128.0, 127.0));
  }
  return result;
}

// The real function of one operand that a constant of one element leaves.
double with_constant(const LayerSpec& layer, double x, double constant) {
  const double a = eltwise::is_reversed(layer) ? constant : x;
  const double b = eltwise::is_reversed(layer) ? x : constant;
  if (layer.operation == "add") return a + b;
  if (layer.operation == "subtract") return a - b;
  if (layer.operation == "multiply") return a * b;
  if (layer.operation == "average") return (a + b) / 2;
  return layer.operation == "maximum" ? std::max(a, b) : std::min(a, b);
}

// The table of a layer whose constant has one element: the real function rounded, or the arithmetic's rule.
Result<LayerSpec> with_table(const LayerSpec& layer, Arithmetic arithmetic, const TensorType& input,
                             const TensorType& output) {
  const Quantisation& x = *input.element.quantisation();
  const Quantisation& y = *output.element.quantisation();
  const CodeRange range = activation_codes(layer, y);
  LayerSpec ruled = layer;
  ruled.constants["operand"] = quantised_operand(layer.required("operand"));
  const Codes codes = eltwise::codes_of(ruled, {&input, 1}, output);
  if (arithmetic != Arithmetic::scaled) ALGEAN_TRY(eltwise::add_constants(ruled, arithmetic, codes));
  const double constant = static_cast<double>(real_elements(layer.required("operand")).at(0));
  const std::int8_t code = ruled.required("operand").elements<std::int8_t>()[0];
  std::vector<std::int8_t> table;
  for (int q = -128; q <= 127; ++q) {
    const auto from = static_cast<std::int8_t>(q);
    if (arithmetic != Arithmetic::scaled) {
      const Rule rule(ruled, codes);
      table.push_back(eltwise::is_reversed(layer) ? rule(code, from) : rule(from, code));
      continue;
    }
    const double real = with_constant(layer, x.scale() * (q - x.zero_point()), constant);
    const double steps = std::floor(real / y.scale() + 0.5) + y.zero_point();
    table.push_back(static_cast<std::int8_t>(std::clamp<double>(steps, range.low, range.high)));
  }
  LayerSpec result = layer;
  result.attributes.set("arithmetic", std::string(to_text(arithmetic)));
  result.constants = {{"table", std::make_shared<const Tensor>(TensorType{ElementType::int8(), Shape{256}},
                                                               std::span<const std::int8_t>(table))}};
  return result;
}

}  // namespace

Result<LayerSpec> Eltwise::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                    std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  for (const TensorType& input : inputs) ALGEAN_TRY(check_quantised_int8("input", input));
  ALGEAN_TRY(check_quantised_int8("output", outputs[0]));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  LayerSpec real = layer;
  real.attributes.erase("arithmetic");
  std::vector<TensorType> real_inputs;
  for (const TensorType& input : inputs) real_inputs.push_back({ElementType::float32(), input.shape});
  const TensorType real_output{ElementType::float32(), outputs[0].shape};
  ALGEAN_TRY(verify(real, real_inputs, {&real_output, 1}));

  if (is_one_element(layer.constant("operand")) && shapes[0] == inputs[0].shape) {
    return with_table(layer, arithmetic, inputs[0], outputs[0]);
  }
  LayerSpec result = layer;
  if (const Tensor* operand = layer.constant("operand")) result.constants["operand"] = quantised_operand(*operand);
  ALGEAN_TRY(eltwise::add_constants(result, arithmetic, eltwise::codes_of(result, inputs, outputs[0])));
  return result;
}

void Eltwise::evaluate_integer(const LayerSpec& layer, std::span<const Tensor* const> inputs,
                               std::span<Tensor* const> outputs) const {
  const auto y = outputs[0]->elements<std::int8_t>();
  if (const Tensor* table = layer.constant("table")) {
    const auto x = inputs[0]->elements<std::int8_t>();
    const auto codes = table->elements<std::int8_t>();
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = codes[static_cast<std::size_t>(x[i] + 128)];
    return;
  }
  std::vector<TensorType> types;
  for (const Tensor* input : inputs) types.push_back(input->type());
  const Rule rule(layer, eltwise::codes_of(layer, types, outputs[0]->type()));
  const Tensor* left = inputs[0];
  const Tensor* right = inputs.size() == 2 ? inputs[1] : &layer.required("operand");
  if (eltwise::is_reversed(layer)) std::swap(left, right);
  const auto a = left->elements<std::int8_t>();
  const auto b = right->elements<std::int8_t>();
  const Runs runs(outputs[0]->shape(), {left->shape(), right->shape()});
  runs.for_each([&](std::size_t first, std::size_t at_a, std::size_t at_b) {
    for (std::size_t i = 0; i < runs.length(); ++i) {
      y[first + i] = rule(a[at_a + i * runs.step(0)], b[at_b + i * runs.step(1)]);
    }
  });
}

}  // namespace algean::kernels
