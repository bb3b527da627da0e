// QuantizeLinear, DequantizeLinear, and ConvInteger and MatMulInteger, whose sums are real numbers of scale 1 here.
#include "partitioner/import_onnx/operators_quantised.hpp"

#include <algorithm>
#include <cmath>

#include "partitioner/import_onnx/operator_list.hpp"
#include "partitioner/import_onnx/operators_weighted.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;

// Real numbers become integers: for us the value gets the type. A tensor that is one of integers already takes part in
// nothing but a change of type.
Result<Outputs> quantize(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis", "saturate", "block_size", "output_dtype"}));
  ALGEAN_TRY(must_be(node, "block_size", 0));
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  if (meaning->codes) return bad_input("reads {}, which is not supported", meaning->codes->type);
  ALGEAN_ASSIGN(const PlacedValue value, converter.placed(node, 0));
  return quantised(converter, node, value, 1);
}

Result<Outputs> dequantize(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis", "block_size"}));
  ALGEAN_TRY(must_be(node, "block_size", 0));
  ALGEAN_ASSIGN(PlacedValue value, reals(converter, node, 0, 1));
  return one(std::move(value));
}

// Quantisers leave out the Relu in front of integers that begin at 0: rounding to them cuts what is below. In the float
// graph it must be there, so it comes back behind layers that can make negative numbers; a pass makes it a part of
// them.
Result<PlacedValue> cut_below_zero(OnnxConverter& converter, const PlacedValue& value, const OnnxCodes& codes) {
  static const std::set<std::string_view> signed_results{
      "dense",  "conv1d",   "conv2d",   "add",    "conv1d_transpose", "conv2d_transpose",
      "matmul", "multiply", "subtract", "affine", "batch_norm"};
  const GraphBuilder& builder = converter.builder();
  const kernels::Layer* producer = builder.producer(value.id);
  const bool from_zero = codes.zero_point == (codes.type == "uint8" ? 0 : -128);
  if (!from_zero || converter.has_type(value.id) || producer == nullptr ||
      !signed_results.contains(producer->spec.operation)) {
    return value;
  }
  const std::string name = builder.name(value.id) + "/relu";
  return layer(converter, {name, "relu", {}, {}}, value, name);
}

// x - x_zero_point and w - w_zero_point as real numbers of scale 1.
Result<OnnxCodes> whole_numbers(OnnxConverter& converter, const OnnxNode& node, std::size_t zero_point,
                                const OnnxCodes& codes) {
  OnnxCodes whole{.type = codes.type};
  if (!OnnxConverter::has_input(node, zero_point)) return whole;
  ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, zero_point));
  ALGEAN_ASSIGN(const Extents elements, integer_elements(*constant));
  if (elements.size() != 1 || elements[0] < -128 || elements[0] > 255) {
    return bad_input("zero point '{}' must be one number of {}", constant->name, codes.type);
  }
  whole.zero_point = static_cast<std::int32_t>(elements[0]);
  return whole;
}

Result<PlacedValue> whole_input(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  if (meaning->is_nothing()) return silent();
  if (!meaning->codes) return bad_input("input 0 ('{}') is no tensor of integers", node.inputs[0]);
  ALGEAN_ASSIGN(const PlacedValue value, converter.placed(node, 0));
  ALGEAN_ASSIGN(const OnnxCodes whole, whole_numbers(converter, node, 2, *meaning->codes));
  return as_codes(converter, value, *meaning->codes, whole, OnnxConverter::layer_name(node) + "/integers");
}

// The weight as a constant of scale 1; its zero points are one, or one a channel along `axis`.
Result<OnnxTensor> whole_weight(OnnxConverter& converter, const OnnxNode& node, int axis) {
  ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, 1));
  if (constant->type != "int8" && constant->type != "uint8") {
    return bad_input("'{}' of type {}, int8 or uint8 expected", constant->name, constant->type);
  }
  ALGEAN_TRY(converter.spend(constant->bytes.size()));
  Extents zero_points{0};
  if (OnnxConverter::has_input(node, 3)) {
    ALGEAN_ASSIGN(const OnnxConstant given, converter.constant(node, 3));
    ALGEAN_ASSIGN(zero_points, integer_elements(*given));
  }
  const auto channels = static_cast<std::size_t>(axis);
  const bool each = channels < constant->extents.size() &&
                    zero_points.size() == static_cast<std::size_t>(constant->extents[channels]);
  const bool in_range = std::ranges::all_of(zero_points, [](std::int64_t z) { return z >= -128 && z <= 255; });
  if ((zero_points.size() != 1 && !each) || !in_range) return bad_input("zero points that do not fit the weight");
  OnnxTensor weight = *constant;
  weight.quantisation = Quantisation{std::vector<double>(zero_points.size(), 1.0),
                                     std::vector<std::int32_t>(zero_points.begin(), zero_points.end()),
                                     zero_points.size() == 1 ? -1 : axis};
  return weight;
}

Result<Outputs> conv_integer(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"}));
  ALGEAN_ASSIGN(const PlacedValue input, whole_input(converter, node));
  ALGEAN_ASSIGN(const OnnxTensor weight, whole_weight(converter, node, 0));
  return make_conv(converter, node, input, weight, nullptr);
}

Result<Outputs> matmul_integer(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const PlacedValue input, whole_input(converter, node));
  ALGEAN_ASSIGN(const OnnxTensor weight, whole_weight(converter, node, 1));
  if (input.order.empty()) return bad_input("input of shape [] (without batch): no axis to multiply");
  const std::size_t contracted = input.order.size() - 1;
  ALGEAN_ASSIGN(const OnnxTensor matrix, dense_weight(converter, weight, input, contracted, false));
  ALGEAN_ASSIGN(const PendingDense dense, make_dense(converter, node, input, contracted, matrix));
  return Outputs{OnnxMeaning{.pending = std::make_shared<const PendingDense>(dense)}};
}

}  // namespace

Result<OnnxCodes> codes_of(OnnxConverter& converter, const OnnxNode& node, std::size_t scale, std::string type) {
  OnnxCodes codes{.type = std::move(type)};
  ALGEAN_ASSIGN(const float number_of_scale, number(converter, node, scale));
  if (!(number_of_scale > 0)) return bad_input("scale {} must be above 0", number_of_scale);
  codes.scale = static_cast<double>(number_of_scale);
  if (OnnxConverter::has_input(node, scale + 1)) {
    ALGEAN_ASSIGN(const OnnxConstant zero_point, converter.constant(node, scale + 1));
    ALGEAN_ASSIGN(const Extents elements, integer_elements(*zero_point));
    codes.type = zero_point->type;
    if (elements.size() != 1)
      return bad_input("zero point '{}' of shape {}", zero_point->name, text(zero_point->extents));
    codes.zero_point = static_cast<std::int32_t>(std::clamp<std::int64_t>(elements[0], -65536, 65536));
  }
  if (codes.type != "int8" && codes.type != "uint8") {
    return bad_input("activations of type {} not supported (int8, uint8 are)", codes.type);
  }
  const bool is_signed = codes.type == "int8";
  if (codes.zero_point < (is_signed ? -128 : 0) || codes.zero_point > (is_signed ? 127 : 255)) {
    return bad_input("zero point {} of {}", codes.zero_point, codes.type);
  }
  return codes;
}

Result<PlacedValue> as_codes(OnnxConverter& converter, const PlacedValue& value, const OnnxCodes& from,
                             const OnnxCodes& to, const std::string& name) {
  if (from == to) return value;
  const double scale = to.scale / from.scale;
  const double offset = to.scale * static_cast<double>(from.zero_point - to.zero_point);
  LayerSpec spec{name, "affine", {{"scale", scale}, {"offset", offset}}, {}};
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), value, name));
  return converter.with_type(result, to.element(), name + "/type");
}

Result<PlacedValue> reals(OnnxConverter& converter, const OnnxNode& node, std::size_t i, std::size_t scale) {
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, i));
  if (meaning->is_nothing()) return silent();
  if (meaning->constant) return bad_input("input {} ('{}') is a constant, which is not supported", i, node.inputs[i]);
  if (!meaning->codes) return bad_input("input {} ('{}') is no tensor of int8 or uint8", i, node.inputs[i]);
  ALGEAN_ASSIGN(const PlacedValue value, converter.placed(node, i));
  ALGEAN_ASSIGN(const OnnxCodes codes, codes_of(converter, node, scale, meaning->codes->type));
  if (codes.type != meaning->codes->type) {
    return bad_input("input {} ('{}') is {}, its zero point {}", i, node.inputs[i], meaning->codes->type, codes.type);
  }
  return as_codes(converter, value, *meaning->codes, codes, OnnxConverter::layer_name(node) + "/reals");
}

Result<OnnxTensor> quantised_constant(OnnxConverter& converter, const OnnxNode& node, std::size_t i, std::size_t scale,
                                      int axis) {
  ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, i));
  if (constant->type != "int8" && constant->type != "uint8") {
    return bad_input("'{}' of type {}, int8 or uint8 expected", constant->name, constant->type);
  }
  ALGEAN_ASSIGN(const OnnxConstant scales, converter.constant(node, scale));
  ALGEAN_TRY(converter.spend(constant->bytes.size() + 2 * scales->bytes.size()));
  ALGEAN_ASSIGN(const std::vector<float> elements, weights(*scales));
  Extents zero_points(elements.size(), 0);
  if (OnnxConverter::has_input(node, scale + 1)) {
    ALGEAN_ASSIGN(const OnnxConstant given, converter.constant(node, scale + 1));
    ALGEAN_ASSIGN(zero_points, integer_elements(*given));
  }
  const auto channels = static_cast<std::size_t>(axis);
  const bool each =
      channels < constant->extents.size() && elements.size() == static_cast<std::size_t>(constant->extents[channels]);
  if ((elements.size() != 1 && !each) || zero_points.size() != elements.size()) {
    return bad_input("scales of shape {} for '{}' of shape {}", text(scales->extents), constant->name,
                     text(constant->extents));
  }
  const bool is_signed = constant->type == "int8";
  for (std::size_t c = 0; c < elements.size(); ++c) {
    if (!(elements[c] > 0)) return bad_input("scale {} must be above 0", elements[c]);
    if (zero_points[c] < (is_signed ? -128 : 0) || zero_points[c] > (is_signed ? 127 : 255)) {
      return bad_input("zero point {} of {}", zero_points[c], constant->type);
    }
  }
  OnnxTensor result = *constant;
  result.quantisation = Quantisation{
      {elements.begin(), elements.end()}, {zero_points.begin(), zero_points.end()}, elements.size() == 1 ? -1 : axis};
  return result;
}

Result<Outputs> quantised(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& value, std::size_t scale) {
  ALGEAN_ASSIGN(const OnnxCodes codes, codes_of(converter, node, scale, "uint8"));
  ALGEAN_ASSIGN(const PlacedValue cut, cut_below_zero(converter, value, codes));
  ALGEAN_ASSIGN(PlacedValue typed,
                converter.with_type(cut, codes.element(), OnnxConverter::layer_name(node) + "/requantised"));
  return Outputs{OnnxMeaning{.value = std::move(typed), .codes = codes}};
}

std::span<const Operator> quantised_operators() {
  static const std::vector<Operator> rows = [] {
    std::vector<Operator> all{{"QuantizeLinear", quantize, Integers::read},
                              {"DequantizeLinear", dequantize, Integers::read},
                              {"ConvInteger", conv_integer, Integers::read},
                              {"MatMulInteger", matmul_integer, Integers::read}};
    for (const Operator& row : qlinear_operators()) all.push_back(row);
    return all;
  }();
  return rows;
}

}  // namespace algean::partitioner::operators
