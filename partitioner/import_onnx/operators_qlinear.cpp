// Operators whose inputs and outputs are integers with a scale and a zero point each: ONNX's QLinearConv and
// QLinearMatMul, and those of com.microsoft. Each becomes the float layer between typed values.
#include <algorithm>
#include <map>

#include "partitioner/import_onnx/operator_list.hpp"
#include "partitioner/import_onnx/operators_movement.hpp"
#include "partitioner/import_onnx/operators_pool.hpp"
#include "partitioner/import_onnx/operators_quantised.hpp"
#include "partitioner/import_onnx/operators_weighted.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

constexpr std::string_view microsoft = "com.microsoft";

// The value of a pending or made meaning's only output.
Result<PlacedValue> made(OnnxConverter& converter, const OnnxNode& node, const PendingDense& dense) {
  ALGEAN_ASSIGN(const ValueId id, converter.builder().add_layer(dense.spec, dense.input, node.outputs[0]));
  return PlacedValue{id, dense.order};
}

// A bias of int32 whose scale is that of the sum: the input's times the weight's.
Result<OnnxTensor> quantised_bias(OnnxConverter& converter, const OnnxNode& node, std::size_t i, double input_scale,
                                  const Quantisation& weight) {
  ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, i));
  if (constant->type != "int32") return bad_input("'{}' of type {}, int32 expected", constant->name, constant->type);
  ALGEAN_TRY(converter.spend(constant->bytes.size()));
  OnnxTensor bias = *constant;
  while (bias.extents.size() > 1 && bias.extents.front() == 1) bias.extents.erase(bias.extents.begin());
  Quantisation quantisation;
  for (const double scale : weight.scales) quantisation.scales.push_back(input_scale * scale);
  quantisation.zero_points.assign(weight.scales.size(), 0);
  quantisation.axis = weight.scales.size() == 1 ? -1 : 0;
  if (bias.extents.size() != 1 ||
      (quantisation.axis == 0 && weight.scales.size() != static_cast<std::size_t>(bias.extents[0]))) {
    return bad_input("'{}' of shape {} is no bias", constant->name, text(constant->extents));
  }
  bias.quantisation = std::move(quantisation);
  return bias;
}

// x, scale, zero; w, scale, zero; y's scale, zero; bias
Result<Outputs> qlinear_conv(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"}));
  ALGEAN_ASSIGN(const PlacedValue input, reals(converter, node, 0, 1));
  ALGEAN_ASSIGN(const OnnxTensor weight, quantised_constant(converter, node, 3, 4, 0));
  std::optional<OnnxTensor> bias;
  if (OnnxConverter::has_input(node, 8)) {
    ALGEAN_ASSIGN(const float scale, number(converter, node, 1));
    ALGEAN_ASSIGN(bias, quantised_bias(converter, node, 8, static_cast<double>(scale), *weight.quantisation));
  }
  ALGEAN_ASSIGN(const Outputs result, make_conv(converter, node, input, weight, bias ? &*bias : nullptr));
  return quantised(converter, node, *result[0].value, 6);
}

// a, scale, zero; b, scale, zero; y's scale, zero
Result<Outputs> qlinear_matmul(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const PlacedValue left, reals(converter, node, 0, 1));
  ALGEAN_ASSIGN(const OnnxMeaning* right, converter.meaning(node, 3));
  if (left.order.empty()) return bad_input("input of shape [] (without batch): no axis to multiply");
  if (right->constant) {
    const std::size_t contracted = left.order.size() - 1;
    const int channels = static_cast<int>(right->constant->extents.size()) - 1;
    ALGEAN_ASSIGN(const OnnxTensor weight, quantised_constant(converter, node, 3, 4, std::max(channels, 0)));
    ALGEAN_ASSIGN(const OnnxTensor matrix, dense_weight(converter, weight, left, contracted, false));
    ALGEAN_ASSIGN(const PendingDense dense, make_dense(converter, node, left, contracted, matrix));
    ALGEAN_ASSIGN(const PlacedValue result, made(converter, node, dense));
    return quantised(converter, node, result, 6);
  }
  ALGEAN_ASSIGN(const PlacedValue factor, reals(converter, node, 3, 4));
  const AxisOrder order = model_order(left.order.size());
  if (factor.order.size() != order.size() || order.size() < 2) return bad_input("factors of different numbers of axes");
  ALGEAN_ASSIGN(const ValueId a, converter.in_order(left, order));
  ALGEAN_ASSIGN(const ValueId b, converter.in_order(factor, order));
  const std::array<ValueId, 2> both{a, b};
  ALGEAN_ASSIGN(const auto product, converter.builder().add_layer({OnnxConverter::layer_name(node), "matmul", {}, {}},
                                                                  both, std::span(node.outputs).first(1)));
  return quantised(converter, node, {product[0], order}, 6);
}

// a, scale, zero; b, scale, zero; bias; y's scale, zero (left out: real numbers)
Result<Outputs> qgemm(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"alpha", "transA", "transB"}));
  ALGEAN_TRY(must_be(node, "transA", 0));
  ALGEAN_ASSIGN(const double alpha, real(node, "alpha", 1));
  if (alpha != 1) return bad_input("alpha is {}, which is not supported (1 is)", alpha);
  ALGEAN_ASSIGN(const std::int64_t out_first, integer(node, "transB", 0));
  ALGEAN_ASSIGN(const PlacedValue input, reals(converter, node, 0, 1));
  if (input.order.size() != 1) {
    return bad_input("input of shape {} (without batch), one axis expected", text(converter.extents(input)));
  }
  ALGEAN_ASSIGN(const OnnxTensor weight, quantised_constant(converter, node, 3, 4, out_first != 0 ? 0 : 1));
  ALGEAN_ASSIGN(const OnnxTensor matrix, dense_weight(converter, weight, input, 0, out_first != 0));
  ALGEAN_ASSIGN(PendingDense dense, make_dense(converter, node, input, 0, matrix));
  if (OnnxConverter::has_input(node, 6)) {
    ALGEAN_ASSIGN(const float scale, number(converter, node, 1));
    ALGEAN_ASSIGN(const OnnxTensor bias,
                  quantised_bias(converter, node, 6, static_cast<double>(scale), *matrix.quantisation));
    ALGEAN_ASSIGN(dense.spec.constants["bias"], layer_constant(converter, bias));
  }
  ALGEAN_ASSIGN(PlacedValue result, made(converter, node, dense));
  if (!OnnxConverter::has_input(node, 7)) return one(std::move(result));
  return quantised(converter, node, result, 7);
}

// a, scale, zero; b, scale, zero; y's scale, zero. One operand may be a constant.
Result<Outputs> qlinear_binary(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  LayerSpec spec{OnnxConverter::layer_name(node), node.operation == "QLinearAdd" ? "add" : "multiply", {}, {}};
  for (const std::size_t i : {std::size_t{0}, std::size_t{3}}) {
    ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, i));
    if (!meaning->constant) continue;
    ALGEAN_ASSIGN(const PlacedValue value, reals(converter, node, 3 - i, 4 - i));
    ALGEAN_ASSIGN(const OnnxTensor constant, quantised_constant(converter, node, i, i + 1, 0));
    if (constant.quantisation->axis >= 0) return bad_input("a constant operand with several scales");
    ALGEAN_ASSIGN(const OnnxTensor aligned, beside(converter, constant, value));
    ALGEAN_ASSIGN(spec.constants["operand"], layer_constant(converter, aligned));
    ALGEAN_ASSIGN(const PlacedValue result, layer(converter, std::move(spec), value, node.outputs[0]));
    return quantised(converter, node, result, 6);
  }
  ALGEAN_ASSIGN(const PlacedValue left, reals(converter, node, 0, 1));
  ALGEAN_ASSIGN(const PlacedValue right, reals(converter, node, 3, 4));
  if (left.order.size() != right.order.size()) return bad_input("operands of different numbers of axes");
  const bool right_leads = left.order == model_order(left.order.size());
  const AxisOrder& order = right_leads ? right.order : left.order;
  ALGEAN_ASSIGN(const ValueId a, converter.in_order(left, order));
  ALGEAN_ASSIGN(const ValueId b, converter.in_order(right, order));
  const std::array<ValueId, 2> both{a, b};
  ALGEAN_ASSIGN(const auto sum, converter.builder().add_layer(std::move(spec), both, std::span(node.outputs).first(1)));
  return quantised(converter, node, {sum[0], order}, 6);
}

// y's scale, zero; then a value, its scale and zero for each input.
Result<Outputs> qlinear_concat(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis"}));
  ALGEAN_ASSIGN(const std::int64_t axis, integer(node, "axis", 1));
  if (node.inputs.size() < 5 || (node.inputs.size() - 2) % 3 != 0) return bad_input("{} inputs", node.inputs.size());
  for (std::size_t i = 2; i < node.inputs.size(); i += 3) {
    ALGEAN_ASSIGN(const PlacedValue value, reals(converter, node, i, i + 1));
    ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, i));
    if (meaning->value && meaning->value->id != value.id) return bad_input("input {} comes with another scale", i);
  }
  ALGEAN_ASSIGN(const PlacedValue result, make_concat(converter, node, 2, 3, axis));
  return quantised(converter, node, result, 0);
}

// x, scale, zero; y's scale, zero
Result<Outputs> qlinear_unary(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"alpha"}));
  ALGEAN_ASSIGN(const PlacedValue input, reals(converter, node, 0, 1));
  LayerSpec spec{OnnxConverter::layer_name(node), "sigmoid", {}, {}};
  if (node.operation == "QLinearLeakyRelu") {
    ALGEAN_ASSIGN(const double slope, real(node, "alpha", 0.01));
    spec.operation = "leaky_relu";
    spec.attributes.set("slope", slope);
  }
  ALGEAN_ASSIGN(const PlacedValue result, layer(converter, std::move(spec), input, node.outputs[0]));
  return quantised(converter, node, result, 3);
}

Result<Outputs> qlinear_softmax(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis", "opset"}));
  ALGEAN_ASSIGN(const std::int64_t opset, integer(node, "opset", 13));
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", -1));
  ALGEAN_ASSIGN(const PlacedValue input, reals(converter, node, 0, 1));
  ALGEAN_ASSIGN(const std::size_t axis, inner_axis(written, input.order.size()));
  if (opset < 13 && axis + 1 != input.order.size()) {
    return bad_input("axis {} of operator set {} not supported (the last is)", written, opset);
  }
  AxisOrder order = input.order;
  std::erase(order, axis);
  order.push_back(axis);
  ALGEAN_ASSIGN(const ValueId last, converter.in_order(input, order));
  LayerSpec spec{OnnxConverter::layer_name(node), "softmax", {}, {}};
  ALGEAN_ASSIGN(const PlacedValue result, layer(converter, std::move(spec), {last, order}, node.outputs[0]));
  return quantised(converter, node, result, 3);
}

Result<> channels_first(const OnnxNode& node) { return must_be(node, "channels_last", 0); }

Result<Outputs> qlinear_average(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(
      only(node, {"auto_pad", "ceil_mode", "channels_last", "count_include_pad", "kernel_shape", "pads", "strides"}));
  ALGEAN_TRY(channels_first(node));
  ALGEAN_ASSIGN(const PlacedValue input, reals(converter, node, 0, 1));
  ALGEAN_ASSIGN(const PlacedValue result, make_pool(converter, node, input, false, node.outputs[0]));
  return quantised(converter, node, result, 3);
}

Result<Outputs> qlinear_global_average(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"channels_last"}));
  ALGEAN_TRY(channels_first(node));
  ALGEAN_ASSIGN(const PlacedValue input, reals(converter, node, 0, 1));
  ALGEAN_ASSIGN(const PlacedValue result, make_global(converter, node, input, "reduce_mean"));
  return quantised(converter, node, result, 3);
}

}  // namespace

std::span<const Operator> qlinear_operators() {
  static constexpr std::array rows{
      Operator{"QLinearConv", qlinear_conv, Integers::read},
      Operator{"QLinearMatMul", qlinear_matmul, Integers::read},
      Operator{"QGemm", qgemm, Integers::read, microsoft},
      Operator{"QLinearAdd", qlinear_binary, Integers::read, microsoft},
      Operator{"QLinearMul", qlinear_binary, Integers::read, microsoft},
      Operator{"QLinearConcat", qlinear_concat, Integers::read, microsoft},
      Operator{"QLinearSigmoid", qlinear_unary, Integers::read, microsoft},
      Operator{"QLinearLeakyRelu", qlinear_unary, Integers::read, microsoft},
      Operator{"QLinearSoftmax", qlinear_softmax, Integers::read, microsoft},
      Operator{"QLinearAveragePool", qlinear_average, Integers::read, microsoft},
      Operator{"QLinearGlobalAveragePool", qlinear_global_average, Integers::read, microsoft},
  };
  return rows;
}

}  // namespace algean::partitioner::operators
