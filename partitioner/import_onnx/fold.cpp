#include "partitioner/import_onnx/fold.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

#include "partitioner/import_onnx/operator_list.hpp"

namespace algean::partitioner::operators {
namespace {

// The value of a Constant as a tensor; nothing for a type that is not supported.
std::optional<OnnxTensor> constant_value(const OnnxAttribute& attribute, const std::string& name) {
  if (const auto* given = std::get_if<OnnxTensor>(&attribute)) {
    OnnxTensor tensor = *given;
    if (tensor.name.empty()) tensor.name = name;
    return tensor;
  }
  if (const auto* value = std::get_if<std::int64_t>(&attribute)) return integer_tensor(name, {}, std::span(value, 1));
  if (const auto* values = std::get_if<Extents>(&attribute)) {
    return integer_tensor(name, {static_cast<std::int64_t>(values->size())}, *values);
  }
  if (const auto* value = std::get_if<double>(&attribute)) {
    return float_tensor(name, {}, std::vector<float>{static_cast<float>(*value)});
  }
  if (const auto* values = std::get_if<std::vector<double>>(&attribute)) {
    const std::vector<float> elements(values->begin(), values->end());
    return float_tensor(name, {static_cast<std::int64_t>(elements.size())}, elements);
  }
  return std::nullopt;
}

Result<Outputs> constant(OnnxConverter&, const OnnxNode& node, const Constants&) {
  for (const char* name : {"value", "value_float", "value_floats", "value_int", "value_ints"}) {
    const auto found = node.attributes.find(name);
    if (found == node.attributes.end()) continue;
    auto tensor = constant_value(found->second, node.outputs[0]);
    if (!tensor) continue;
    if (!has_fair_extents(tensor->extents))
      return bad_input("a constant of extents {} is too large", text(tensor->extents));
    return one(*std::move(tensor));
  }
  return bad_input("no value of a type that is supported");
}

// The extents with the batch's in front, cut to [start, end).
Result<Outputs> shape(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"start", "end"}));
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  Extents all;
  if (meaning->constant) {
    all = meaning->constant->extents;
  } else {
    ALGEAN_ASSIGN(const PlacedValue value, converter.placed(node, 0));
    all = converter.extents(value);
    all.insert(all.begin(), onnx_batch);
  }
  const auto rank = static_cast<std::int64_t>(all.size());
  ALGEAN_ASSIGN(std::int64_t start, integer(node, "start", 0));
  ALGEAN_ASSIGN(std::int64_t end, integer(node, "end", rank));
  start = std::clamp<std::int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<std::int64_t>(end < 0 ? end + rank : end, start, rank);
  const Extents cut(all.begin() + start, all.begin() + end);
  return one(integer_tensor(node.outputs[0], {end - start}, cut));
}

Result<Outputs> constant_of_shape(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  ALGEAN_ASSIGN(const Extents extents, integer_elements(*inputs.at(0)));
  const float zero = 0;
  OnnxTensor value = float_tensor(node.outputs[0], {1}, std::span(&zero, 1));
  if (const auto found = node.attributes.find("value"); found != node.attributes.end()) {
    const auto* given = std::get_if<OnnxTensor>(&found->second);
    if (given == nullptr || onnx_element_bytes(given->type) == 0 ||
        given->bytes.size() != onnx_element_bytes(given->type)) {
      return bad_input("value must be one number");
    }
    value = *given;
  }
  ALGEAN_ASSIGN(const std::size_t count, count_elements(converter, extents, value.bytes.size()));
  return one(picked(value, extents, std::vector<std::size_t>(count, 0)));
}

struct Row {
  Result<Outputs> (*convert)(OnnxConverter&, const OnnxNode&, const Constants&);
  std::size_t inputs;  // that must be there
};

const std::map<std::string_view, Row>& rows() {
  static const std::map<std::string_view, Row> all{{"Constant", {constant, 0}},
                                                   {"ConstantOfShape", {constant_of_shape, 1}},
                                                   {"Reshape", {fold_reshape, 1}},
                                                   {"Flatten", {fold_reshape, 1}},
                                                   {"Squeeze", {fold_squeeze, 1}},
                                                   {"Unsqueeze", {fold_squeeze, 1}},
                                                   {"Transpose", {fold_transpose, 1}},
                                                   {"Gather", {fold_gather, 2}},
                                                   {"Concat", {fold_concat, 1}},
                                                   {"Slice", {fold_slice, 1}},
                                                   {"Expand", {fold_expand, 2}},
                                                   {"Cast", {fold_cast, 1}},
                                                   {"Add", {fold_binary, 2}},
                                                   {"Sub", {fold_binary, 2}},
                                                   {"Mul", {fold_binary, 2}},
                                                   {"Div", {fold_binary, 2}},
                                                   {"Mod", {fold_binary, 2}},
                                                   {"Equal", {fold_binary, 2}},
                                                   {"Sqrt", {fold_unary, 1}},
                                                   {"Neg", {fold_unary, 1}},
                                                   {"Exp", {fold_unary, 1}},
                                                   {"Abs", {fold_unary, 1}},
                                                   {"Reciprocal", {fold_unary, 1}},
                                                   {"Floor", {fold_unary, 1}},
                                                   {"Ceil", {fold_unary, 1}},
                                                   {"Where", {fold_where, 3}},
                                                   {"Range", {fold_range, 3}},
                                                   {"QuantizeLinear", {fold_quantize, 2}},
                                                   {"DequantizeLinear", {fold_dequantize, 2}}};
  return all;
}

}  // namespace

std::span<const std::string_view> folded_operators() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all{"Shape"};
    for (const auto& [name, row] : rows()) all.push_back(name);
    return all;
  }();
  return names;
}

std::optional<Result<Outputs>> fold(OnnxConverter& converter, const OnnxNode& node) {
  const bool quantisation = node.operation == "QuantizeLinear" || node.operation == "DequantizeLinear";
  if (!node.domain.empty() && node.domain != "ai.onnx" && !(quantisation && node.domain == "com.microsoft")) return {};
  if (node.operation == "Shape") return shape(converter, node);
  const auto row = rows().find(node.operation);
  if (row == rows().end()) return std::nullopt;
  Constants inputs(node.inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!OnnxConverter::has_input(node, i)) continue;
    const auto meaning = converter.meaning(node, i);
    if (!meaning || !(*meaning)->constant) return std::nullopt;
    inputs[i] = (*meaning)->constant;
    const std::size_t bytes = onnx_element_bytes(inputs[i]->type);
    if (bytes == 0) return bad_input("'{}' of type {} not supported", inputs[i]->name, inputs[i]->type);
    const bool as_stored = node.operation == "Transpose" || node.operation == "Identity";
    if (inputs[i]->quantisation && !as_stored) {  // where its numbers come to lie has no simple answer
      auto reals = float_elements(*inputs[i]);
      if (!reals) return std::unexpected(reals.error());
      if (auto spent = converter.spend(4 * reals->size()); !spent) return std::unexpected(spent.error());
      inputs[i] = std::make_shared<const OnnxTensor>(float_tensor(inputs[i]->name, inputs[i]->extents, *reals));
    }
  }
  for (std::size_t i = 0; i < row->second.inputs; ++i) {
    if (i >= inputs.size() || !inputs[i]) return bad_input("input {} is missing", i);
  }
  return row->second.convert(converter, node, inputs);
}

Result<std::size_t> count_elements(OnnxConverter& converter, const Extents& extents, std::size_t bytes) {
  for (const std::int64_t extent : extents) {
    if (extent == onnx_batch) return bad_input("a constant of the batch's extent, which is not supported");
    if (extent < 0) return bad_input("extents {}", text(extents));
  }
  if (!has_fair_extents(extents)) return bad_input("a constant of extents {} is too large", text(extents));
  const auto count = static_cast<std::size_t>(product(extents));
  ALGEAN_TRY(converter.spend(count * (bytes + sizeof(std::size_t))));
  return count;
}

Result<Extents> broadcast(const Extents& left, const Extents& right) {
  Extents result(std::max(left.size(), right.size()), 1);
  for (const Extents* side : {&left, &right}) {
    for (std::size_t i = 0; i < side->size(); ++i) {
      std::int64_t& extent = result[result.size() - side->size() + i];
      if ((*side)[i] == 1 || (*side)[i] == extent) continue;
      if (extent != 1) return bad_input("shapes {} and {} do not fit together", text(left), text(right));
      extent = (*side)[i];
    }
  }
  return result;
}

OnnxTensor picked(const OnnxTensor& tensor, Extents extents, const std::vector<std::size_t>& from) {
  OnnxTensor result{.name = tensor.name,
                    .type = tensor.type,
                    .extents = std::move(extents),
                    .bytes = {},
                    .external = std::nullopt,
                    .quantisation = std::nullopt};
  const std::size_t size = onnx_element_bytes(tensor.type);
  result.bytes.resize(from.size() * size);
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::memcpy(result.bytes.data() + i * size, tensor.bytes.data() + from[i] * size, size);
  }
  return result;
}

std::vector<std::size_t> broadcast_indices(const Extents& source, const Extents& extents) {
  Extents strides(extents.size(), 0);
  std::int64_t stride = 1;
  for (std::size_t i = source.size(); i-- > 0;) {
    if (source[i] != 1) strides[extents.size() - source.size() + i] = stride;
    stride *= source[i];
  }
  std::vector<std::size_t> result(static_cast<std::size_t>(product(extents)));
  Extents index(extents.size(), 0);
  for (std::size_t& at : result) {
    at = static_cast<std::size_t>(std::inner_product(index.begin(), index.end(), strides.begin(), std::int64_t{0}));
    for (std::size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < extents[axis]) break;
      index[axis] = 0;
    }
  }
  return result;
}

}  // namespace algean::partitioner::operators
