#include "partitioner/import_onnx/operators.hpp"

#include <map>
#include <numeric>

#include "partitioner/import_onnx/import_onnx.hpp"
#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;
using namespace operators;

Result<OnnxMeaning> layer(OnnxConverter& converter, const OnnxNode& node, const std::string& operation,
                          kernels::Attributes attributes) {
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  LayerSpec spec{OnnxConverter::layer_name(node), operation, std::move(attributes), {}};
  ALGEAN_ASSIGN(const ValueId result, converter.builder().add_layer(std::move(spec), value, node.outputs[0]));
  return OnnxMeaning{.value = result};
}

Result<OnnxMeaning> relu(OnnxConverter& converter, const OnnxNode& node) { return layer(converter, node, "relu", {}); }
Result<OnnxMeaning> sigmoid(OnnxConverter& converter, const OnnxNode& node) {
  return layer(converter, node, "sigmoid", {});
}
Result<OnnxMeaning> tanh(OnnxConverter& converter, const OnnxNode& node) { return layer(converter, node, "tanh", {}); }

Result<OnnxMeaning> leaky_relu(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const double slope, real(node, "alpha", 0.01));
  return layer(converter, node, "leaky_relu", {{"slope", slope}});
}

// An axis that counts the batch, as index among the `rank` axes without it.
Result<std::size_t> inner_axis(std::int64_t axis, std::size_t rank) {
  const auto all = static_cast<std::int64_t>(rank) + 1;
  const std::int64_t index = axis < 0 ? axis + all : axis;
  if (index < 0 || index >= all) return bad_input("axis {} of {} axes", axis, all);
  if (index == 0) return bad_input("axis {} is the batch, which is not supported", axis);
  return static_cast<std::size_t>(index - 1);
}

// Elements of the axes before `axis`.
std::int64_t product_before(const Shape& shape, std::size_t axis) {
  const auto before = shape.extents().first(axis);
  return std::accumulate(before.begin(), before.end(), std::int64_t{1}, std::multiplies<>());
}

// Before operator set 13 over all axes from `axis` on together (default 1), from 13 on over `axis` alone (default -1).
Result<OnnxMeaning> softmax(OnnxConverter& converter, const OnnxNode& node) {
  const bool flattens = converter.opset() < 13;
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", flattens ? 1 : -1));
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  GraphBuilder& builder = converter.builder();
  const Shape whole = builder.shape(value);
  ALGEAN_ASSIGN(const std::size_t axis, inner_axis(written, whole.rank()));
  if (axis + 1 == whole.rank()) return layer(converter, node, "softmax", {});
  if (!flattens) return bad_input("axis {} not supported (the last is)", written);
  const std::string name = OnnxConverter::layer_name(node);
  Extents extents(whole.extents().begin(), whole.extents().begin() + static_cast<std::ptrdiff_t>(axis));
  extents.push_back(whole.elements() / product_before(whole, axis));
  ALGEAN_ASSIGN(const Shape folded, Shape::make(extents));
  ALGEAN_ASSIGN(const ValueId flat, builder.add_reshape(name + "/fold", value, folded, name + "/folded"));
  ALGEAN_ASSIGN(const ValueId soft, builder.add_layer({name, "softmax", {}, {}}, flat, name + "/softmax"));
  ALGEAN_ASSIGN(const ValueId result, builder.add_reshape(name + "/unfold", soft, whole, node.outputs[0]));
  return OnnxMeaning{.value = result};
}

Result<OnnxMeaning> identity(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  return *meaning;
}

Result<OnnxMeaning> dropout(OnnxConverter& converter, const OnnxNode& node) {
  if (OnnxConverter::has_input(node, 2)) {
    ALGEAN_ASSIGN(const OnnxConstant training, converter.constant(node, 2));
    const bool is_off = training->type == "bool" && training->bytes == std::vector{std::byte{0}};
    if (!is_off) return bad_input("training_mode is on, which is not supported");
  }
  return identity(converter, node);
}

// The value of a Constant as a tensor; nothing for a type that is not supported.
std::optional<OnnxTensor> constant_value(const OnnxAttribute& attribute, const std::string& name) {
  if (const auto* given = std::get_if<OnnxTensor>(&attribute)) {
    OnnxTensor tensor = *given;
    if (tensor.name.empty()) tensor.name = name;
    return tensor;
  }
  OnnxTensor tensor{.name = name, .type = "int64", .extents = {}, .bytes = {}, .external = std::nullopt};
  const auto take = [&](auto numbers) {
    const auto bytes = std::as_bytes(numbers);
    tensor.bytes.assign(bytes.begin(), bytes.end());
    return tensor;
  };
  if (const auto* one = std::get_if<std::int64_t>(&attribute)) return take(std::span(one, 1));
  if (const auto* many = std::get_if<Extents>(&attribute)) {
    tensor.extents = {static_cast<std::int64_t>(many->size())};
    return take(std::span(*many));
  }
  tensor.type = "double";
  if (const auto* one = std::get_if<double>(&attribute)) return take(std::span(one, 1));
  if (const auto* many = std::get_if<std::vector<double>>(&attribute)) {
    tensor.extents = {static_cast<std::int64_t>(many->size())};
    return take(std::span(*many));
  }
  return std::nullopt;
}

Result<OnnxMeaning> constant(OnnxConverter&, const OnnxNode& node) {
  for (const char* name : {"value", "value_float", "value_floats", "value_int", "value_ints"}) {
    const auto found = node.attributes.find(name);
    if (found == node.attributes.end()) continue;
    auto tensor = constant_value(found->second, node.outputs[0]);
    if (tensor) return OnnxMeaning{.constant = std::make_shared<const OnnxTensor>(std::move(*tensor))};
  }
  return bad_input("no value of a type that is supported");
}

using Operator = Result<OnnxMeaning> (*)(OnnxConverter&, const OnnxNode&);

// The operators that we import. A new one is one row here.
const std::map<std::string, Operator>& all_operators() {
  static const std::map<std::string, Operator> rows{
      {"Gemm", gemm},           {"MatMul", matmul},        {"Add", add},         {"BatchNormalization", batch_norm},
      {"Relu", relu},           {"LeakyRelu", leaky_relu}, {"Sigmoid", sigmoid}, {"Tanh", tanh},
      {"Softmax", softmax},     {"Flatten", flatten},      {"Reshape", reshape}, {"Squeeze", squeeze},
      {"Unsqueeze", unsqueeze}, {"Identity", identity},    {"Dropout", dropout}, {"Constant", constant},
      {"Transpose", transpose},
  };
  return rows;
}

Operator find_operator(const OnnxNode& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return nullptr;
  const auto found = all_operators().find(node.operation);
  return found == all_operators().end() ? nullptr : found->second;
}

}  // namespace

std::vector<std::string> onnx_operators() {
  std::vector<std::string> names;
  for (const auto& [name, convert] : all_operators()) names.push_back(name);
  return names;
}

Result<OnnxMeaning> convert_node(OnnxConverter& converter, const OnnxNode& node) {
  const Operator convert = find_operator(node);
  if (convert == nullptr) return bad_input("operator not supported");
  return convert(converter, node);
}

}  // namespace algean::partitioner
