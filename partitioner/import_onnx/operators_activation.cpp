// Functions of single elements, and softmax.
#include <algorithm>
#include <limits>
#include <map>

#include "partitioner/import_onnx/operator_list.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

constexpr double largest = std::numeric_limits<float>::max();

// Operators without attributes that are one of our operations.
const std::map<std::string_view, const char*>& plain_operations() {
  static const std::map<std::string_view, const char*> all{{"Abs", "absolute"},
                                                           {"Acos", "arc_cosine"},
                                                           {"Acosh", "area_cosine"},
                                                           {"Asin", "arc_sine"},
                                                           {"Asinh", "area_sine"},
                                                           {"Atan", "arc_tangent"},
                                                           {"Atanh", "area_tangent"},
                                                           {"Ceil", "ceil"},
                                                           {"Cos", "cosine"},
                                                           {"Cosh", "hyperbolic_cosine"},
                                                           {"Erf", "erf"},
                                                           {"Exp", "exponential"},
                                                           {"Floor", "floor"},
                                                           {"HardSwish", "hard_swish"},
                                                           {"Log", "logarithm"},
                                                           {"Mish", "mish"},
                                                           {"Neg", "negate"},
                                                           {"Reciprocal", "reciprocal"},
                                                           {"Relu", "relu"},
                                                           {"Round", "round"},
                                                           {"Sigmoid", "sigmoid"},
                                                           {"Sign", "sign"},
                                                           {"Sin", "sine"},
                                                           {"Sinh", "hyperbolic_sine"},
                                                           {"Softplus", "softplus"},
                                                           {"Softsign", "softsign"},
                                                           {"Sqrt", "square_root"},
                                                           {"Tan", "tangent"},
                                                           {"Tanh", "tanh"}};
  return all;
}

Result<Outputs> plain(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  return same_shape(converter, node, plain_operations().at(node.operation));
}

// Operators with one number as attribute.
Result<Outputs> with_number(OnnxConverter& converter, const OnnxNode& node, const std::string& operation,
                            const std::string& written, const std::string& ours, double fallback) {
  ALGEAN_TRY(only(node, {written}));
  ALGEAN_ASSIGN(const double value, real(node, written, fallback));
  return same_shape(converter, node, operation, {{ours, value}});
}

Result<Outputs> leaky_relu(OnnxConverter& converter, const OnnxNode& node) {
  return with_number(converter, node, "leaky_relu", "alpha", "slope", 0.01);
}

Result<Outputs> elu(OnnxConverter& converter, const OnnxNode& node) {
  return with_number(converter, node, "elu", "alpha", "alpha", 1);
}

Result<Outputs> celu(OnnxConverter& converter, const OnnxNode& node) {
  return with_number(converter, node, "celu", "alpha", "alpha", 1);
}

Result<Outputs> thresholded_relu(OnnxConverter& converter, const OnnxNode& node) {
  return with_number(converter, node, "thresholded_relu", "alpha", "threshold", 1);
}

Result<Outputs> shrink(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"bias", "lambd"}));
  ALGEAN_ASSIGN(const double bias, real(node, "bias", 0));
  ALGEAN_ASSIGN(const double threshold, real(node, "lambd", 0.5));
  return same_shape(converter, node, "shrink", {{"bias", bias}, {"threshold", threshold}});
}

Result<Outputs> selu(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"alpha", "gamma"}));
  ALGEAN_ASSIGN(const double alpha, real(node, "alpha", 1.6732632423543772));
  ALGEAN_ASSIGN(const double gamma, real(node, "gamma", 1.0507009873554805));
  return same_shape(converter, node, "selu", {{"alpha", alpha}, {"gamma", gamma}});
}

Result<Outputs> hard_sigmoid(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"alpha", "beta"}));
  ALGEAN_ASSIGN(const double slope, real(node, "alpha", 0.2));
  ALGEAN_ASSIGN(const double offset, real(node, "beta", 0.5));
  return same_shape(converter, node, "hard_sigmoid", {{"slope", slope}, {"offset", offset}});
}

Result<Outputs> gelu(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"approximate"}));
  auto approximate = word(node, "approximate", "none");
  if (!approximate) return std::unexpected(std::move(approximate).error());
  if (*approximate != "none" && *approximate != "tanh") return bad_input("approximate is '{}'", *approximate);
  return same_shape(converter, node, "gelu", {{"approximate", *approximate}});
}

// Of operator sets below 11 the bounds are attributes.
Result<Outputs> clip(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"min", "max"}));
  ALGEAN_ASSIGN(double low, real(node, "min", -largest));
  ALGEAN_ASSIGN(double high, real(node, "max", largest));
  if (OnnxConverter::has_input(node, 1)) {
    ALGEAN_ASSIGN(low, number(converter, node, 1));
  }
  if (OnnxConverter::has_input(node, 2)) {
    ALGEAN_ASSIGN(high, number(converter, node, 2));
  }
  low = std::min(low, high);  // the upper bound wins
  if (low == 0 && high >= largest) return same_shape(converter, node, "relu");
  if (low == 0) return same_shape(converter, node, "relu", {{"max_value", high}});
  return same_shape(converter, node, "clip", {{"low", low}, {"high", high}});
}

Result<Outputs> prelu(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(const OnnxConstant slope, converter.constant(node, 1));
  ALGEAN_ASSIGN(const OnnxTensor aligned, beside(converter, *slope, input));
  LayerSpec spec{OnnxConverter::layer_name(node), "prelu", {}, {}};
  ALGEAN_ASSIGN(spec.constants["slope"], layer_constant(converter, aligned));
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), input, node.outputs[0]));
  return one(std::move(result));
}

Result<Outputs> power(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, 1));
  double exponent = 0;
  if (constant->type.starts_with("int") || constant->type.starts_with("uint")) {
    ALGEAN_ASSIGN(const auto values, integer_elements(*constant));
    if (values.size() != 1) return bad_input("exponent of shape {}, one number expected", text(constant->extents));
    exponent = static_cast<double>(values[0]);
  } else {
    ALGEAN_ASSIGN(exponent, number(converter, node, 1));
  }
  if (exponent == 2) return same_shape(converter, node, "square");
  if (exponent == 0.5) return same_shape(converter, node, "square_root");
  return same_shape(converter, node, "power", {{"exponent", exponent}});
}

// Before operator set 13 over all axes from `axis` on together (default 1), from 13 on over `axis` alone (default -1).
Result<Outputs> over_an_axis(OnnxConverter& converter, const OnnxNode& node) {
  const std::string operation = node.operation == "Softmax" ? "softmax" : "log_softmax";
  ALGEAN_TRY(only(node, {"axis"}));
  const bool flattens = converter.opset() < 13;
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", flattens ? 1 : -1));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  GraphBuilder& builder = converter.builder();
  const Extents whole = converter.extents(input);
  ALGEAN_ASSIGN(const std::size_t axis, inner_axis(written, whole.size()));
  const std::string& name = OnnxConverter::layer_name(node);
  if (!flattens || axis + 1 == whole.size()) {
    AxisOrder order = input.order;
    std::erase(order, axis);
    order.push_back(axis);
    ALGEAN_ASSIGN(const ValueId last, converter.in_order(input, order));
    ALGEAN_ASSIGN(PlacedValue result, layer(converter, {name, operation, {}, {}}, {last, order}, node.outputs[0]));
    return one(std::move(result));
  }
  ALGEAN_ASSIGN(const ValueId value, converter.in_order(input, model_order(whole.size())));
  Extents extents(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(axis));
  extents.push_back(product(std::span(whole).subspan(axis)));
  ALGEAN_ASSIGN(const Shape folded, Shape::make(extents));
  ALGEAN_ASSIGN(const Shape unfolded, Shape::make(whole));
  ALGEAN_ASSIGN(const ValueId flat, builder.add_reshape(name + "/fold", value, folded, name + "/folded"));
  ALGEAN_ASSIGN(const ValueId soft, builder.add_layer({name, operation, {}, {}}, flat, name + "/" + operation));
  ALGEAN_ASSIGN(const ValueId result, builder.add_reshape(name + "/unfold", soft, unfolded, node.outputs[0]));
  return one(result, model_order(whole.size()));
}

}  // namespace

std::span<const Operator> activation_operators() {
  static const std::vector<Operator> rows = [] {
    std::vector<Operator> all{{"LeakyRelu", leaky_relu},
                              {"PRelu", prelu},
                              {"Elu", elu},
                              {"Celu", celu},
                              {"Selu", selu},
                              {"ThresholdedRelu", thresholded_relu},
                              {"Shrink", shrink},
                              {"Clip", clip},
                              {"HardSigmoid", hard_sigmoid},
                              {"Gelu", gelu},
                              {"Pow", power},
                              {"Softmax", over_an_axis},
                              {"LogSoftmax", over_an_axis}};
    for (const auto& [name, operation] : plain_operations()) all.push_back({name, plain});
    return all;
  }();
  return rows;
}

}  // namespace algean::partitioner::operators
