// Operators on two or more tensors, element by element, and what the names of sums and differences come to.
#include <algorithm>
#include <map>

#include "partitioner/import_onnx/operator_list.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

// A value, or a constant: exactly one of them.
struct Operand {
  std::optional<PlacedValue> value;
  OnnxConstant constant;
};

Result<Operand> operand(OnnxConverter& converter, const OnnxNode& node, std::size_t i) {
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, i));
  if (meaning->constant) return Operand{.value = std::nullopt, .constant = meaning->constant};
  ALGEAN_ASSIGN(PlacedValue value, converter.placed(node, i));
  return Operand{.value = std::move(value), .constant = nullptr};
}

struct Join {
  std::string name;        // of the layer
  std::string value_name;  // of what it makes
  std::string operation;
};

Result<PlacedValue> join_constant(OnnxConverter& converter, const Join& join, const PlacedValue& value,
                                  const OnnxTensor& constant, bool reversed) {
  LayerSpec spec{join.name, join.operation, {}, {}};
  if (reversed && join.operation == "subtract") spec.attributes.set("reversed", std::int64_t{1});
  ALGEAN_ASSIGN(const OnnxTensor aligned, beside(converter, constant, value));
  ALGEAN_ASSIGN(spec.constants["operand"], layer_constant(converter, aligned));
  return layer(converter, std::move(spec), value, join.value_name);
}

Result<PlacedValue> join_values(OnnxConverter& converter, const Join& join, const PlacedValue& left,
                                const PlacedValue& right) {
  if (left.order.size() != right.order.size()) {
    return bad_input(
        "operands of {} and {} axes (without batch): the batch would meet another axis, which is not "
        "supported",
        left.order.size(), right.order.size());
  }
  // the order of an operand that is not broadcast, so that the smaller one moves
  const auto elements = [&](const PlacedValue& value) { return converter.builder().shape(value.id).elements(); };
  const bool right_leads = elements(right) > elements(left) ||
                           (elements(right) == elements(left) && left.order == model_order(left.order.size()));
  const AxisOrder& order = right_leads ? right.order : left.order;
  ALGEAN_ASSIGN(const ValueId a, converter.in_order(left, order));
  ALGEAN_ASSIGN(const ValueId b, converter.in_order(right, order));
  const std::array<ValueId, 2> both{a, b};
  ALGEAN_ASSIGN(const auto made, converter.builder().add_layer({join.name, join.operation, {}, {}}, both,
                                                               std::span(&join.value_name, 1)));
  return PlacedValue{made[0], order};
}

Result<PlacedValue> join(OnnxConverter& converter, const Join& join, const Operand& left, const Operand& right) {
  if (left.value && right.value) return join_values(converter, join, *left.value, *right.value);
  if (left.value) return join_constant(converter, join, *left.value, *right.constant, false);
  if (right.value) return join_constant(converter, join, *right.value, *left.constant, true);
  return bad_input("both operands are constants that are not folded");
}

// Division is multiplication by the reciprocal: that of a constant is taken here, that of a value by a layer.
Result<Operand> reciprocal(OnnxConverter& converter, const OnnxNode& node, const Operand& divisor) {
  const std::string name = OnnxConverter::layer_name(node) + "/reciprocal";
  if (divisor.value) {
    ALGEAN_ASSIGN(PlacedValue value, layer(converter, {name, "reciprocal", {}, {}}, *divisor.value, name));
    return Operand{.value = std::move(value), .constant = nullptr};
  }
  ALGEAN_TRY(converter.spend(divisor.constant->bytes.size()));
  ALGEAN_ASSIGN(std::vector<float> elements, weights(*divisor.constant));
  for (float& element : elements) element = 1 / element;
  auto inverse = float_tensor("1 / " + divisor.constant->name, divisor.constant->extents, elements);
  return Operand{.value = std::nullopt, .constant = std::make_shared<const OnnxTensor>(std::move(inverse))};
}

// A constant added to what a MatMul or Gemm gives becomes its bias: one number, or one a channel.
Result<std::optional<OnnxMeaning>> bias_of(OnnxConverter& converter, const OnnxMeaning& sum,
                                           const OnnxConstant& constant) {
  if (!sum.pending || !constant) return std::nullopt;
  const PendingDense& pending = *sum.pending;
  const std::int64_t channels = pending.spec.required("weight").shape()[0];
  Extents extents = constant->extents;
  while (!extents.empty() && extents.front() == 1 && (extents.size() > 1 || channels != 1))
    extents.erase(extents.begin());
  const bool fits = extents.empty() || extents == Extents{channels};
  if (!fits || constant->extents.size() > pending.order.size() + 1) return std::nullopt;
  if (pending.order.empty() || pending.order.back() + 1 != pending.order.size()) return std::nullopt;
  ALGEAN_TRY(converter.spend(static_cast<std::size_t>(channels) * sizeof(float)));
  ALGEAN_ASSIGN(std::vector<float> bias, weights(*constant));
  bias.resize(static_cast<std::size_t>(channels), bias.at(0));
  if (const Tensor* before = pending.spec.constant("bias")) {
    if (!before->type().element.is_float()) return std::nullopt;
    std::ranges::transform(bias, before->elements<float>(), bias.begin(), std::plus<>());
  }
  PendingDense with_bias = pending;
  ALGEAN_ASSIGN(with_bias.spec.constants["bias"], make_constant("'" + constant->name + "'", Shape{channels}, bias));
  return OnnxMeaning{.pending = std::make_shared<const PendingDense>(std::move(with_bias))};
}

Result<std::optional<OnnxMeaning>> as_bias(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const OnnxMeaning* left, converter.meaning(node, 0));
  ALGEAN_ASSIGN(const OnnxMeaning* right, converter.meaning(node, 1));
  if (left->is_nothing() || right->is_nothing()) return silent();
  return left->constant ? bias_of(converter, *right, left->constant) : bias_of(converter, *left, right->constant);
}

Result<Outputs> binary(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  static const std::map<std::string_view, const char*> operations{
      {"Add", "add"}, {"Sub", "subtract"}, {"Mul", "multiply"}, {"Div", "multiply"}};
  if (node.operation == "Add") {
    ALGEAN_ASSIGN(auto bias, as_bias(converter, node));
    if (bias) return Outputs{*std::move(bias)};
  }
  ALGEAN_ASSIGN(const Operand left, operand(converter, node, 0));
  ALGEAN_ASSIGN(Operand right, operand(converter, node, 1));
  if (node.operation == "Div") {
    ALGEAN_ASSIGN(right, reciprocal(converter, node, right));
  }
  const Join how{OnnxConverter::layer_name(node), node.outputs[0], operations.at(node.operation)};
  ALGEAN_ASSIGN(PlacedValue result, join(converter, how, left, right));
  return one(std::move(result));
}

// One after the other. A mean of two has an operation of its own; that of n is their sum, divided.
Result<Outputs> of_many(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  static const std::map<std::string_view, const char*> operations{
      {"Sum", "add"}, {"Max", "maximum"}, {"Min", "minimum"}, {"Mean", "add"}};
  const std::size_t count = node.inputs.size();
  if (count == 0) return bad_input("no inputs");
  const bool mean = node.operation == "Mean" && count > 1;
  const std::string& name = OnnxConverter::layer_name(node);
  ALGEAN_ASSIGN(Operand result, operand(converter, node, 0));
  for (std::size_t i = 1; i < count; ++i) {
    ALGEAN_ASSIGN(const Operand next, operand(converter, node, i));
    const bool last = i + 1 == count && (!mean || count == 2);
    const std::string inner = fmt::format("{}/{}", name, i);
    const Join how{last ? name : inner, last ? node.outputs[0] : inner,
                   mean && count == 2 ? "average" : operations.at(node.operation)};
    ALGEAN_ASSIGN(result.value, join(converter, how, result, next));
    result.constant = nullptr;
  }
  if (!result.value) return bad_input("a constant that is not folded");
  if (!mean || count == 2) return one(*std::move(result.value));
  LayerSpec spec{name, "affine", {{"scale", 1.0 / static_cast<double>(count)}, {"offset", 0.0}}, {}};
  ALGEAN_ASSIGN(PlacedValue divided, layer(converter, std::move(spec), *result.value, node.outputs[0]));
  return one(std::move(divided));
}

// ai.onnx.ml: (x - offset) * scale, one number for all features or one each.
Result<Outputs> scaler(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"offset", "scale"}));
  ALGEAN_ASSIGN(PlacedValue value, converter.placed(node, 0));
  const std::string& name = OnnxConverter::layer_name(node);
  for (const char* role : {"offset", "scale"}) {
    if (!node.attributes.contains(role)) continue;
    ALGEAN_ASSIGN(const auto numbers, attribute<std::vector<double>>(node, role, {}, "a list of floats"));
    const std::vector<float> elements(numbers.begin(), numbers.end());
    const bool last = role == std::string_view("scale");
    const Join how{fmt::format("{}/{}", name, role), last ? node.outputs[0] : name + "/" + role,
                   last ? "multiply" : "subtract"};
    const OnnxTensor tensor = float_tensor(role, {static_cast<std::int64_t>(elements.size())}, elements);
    ALGEAN_ASSIGN(value, join_constant(converter, how, value, tensor, false));
  }
  return one(std::move(value));
}

}  // namespace

std::span<const Operator> eltwise_operators() {
  static constexpr std::array rows{
      Operator{"Add", binary},  Operator{"Sub", binary},  Operator{"Mul", binary},
      Operator{"Div", binary},  Operator{"Sum", of_many}, Operator{"Mean", of_many},
      Operator{"Max", of_many}, Operator{"Min", of_many}, Operator{"Scaler", scaler, Integers::none, "ai.onnx.ml"}};
  return rows;
}

}  // namespace algean::partitioner::operators
