#include "partitioner/import_onnx/operator_tools.hpp"

#include <algorithm>
#include <numeric>

namespace algean::partitioner::operators {

using kernels::ValueId;

Result<std::int64_t> integer(const OnnxNode& node, const std::string& name, std::int64_t fallback) {
  return attribute<std::int64_t>(node, name, fallback, "an integer");
}

Result<double> real(const OnnxNode& node, const std::string& name, double fallback) {
  return attribute<double>(node, name, fallback, "a float");
}

Result<std::string> word(const OnnxNode& node, const std::string& name, const std::string& fallback) {
  return attribute<std::string>(node, name, fallback, "a string");
}

Result<Extents> integers(const OnnxNode& node, const std::string& name, const Extents& fallback) {
  return attribute<Extents>(node, name, fallback, "a list of integers");
}

Result<> must_be(const OnnxNode& node, const std::string& name, std::int64_t expected) {
  ALGEAN_ASSIGN(const std::int64_t value, integer(node, name, expected));
  if (value != expected) return bad_input("{} is {}, which is not supported ({} is)", name, value, expected);
  return {};
}

Result<> only(const OnnxNode& node, const std::set<std::string>& known) {
  for (const auto& [name, value] : node.attributes) {
    if (!known.contains(name)) return bad_input("attribute '{}' not supported", name);
  }
  return {};
}

std::string text(const Extents& extents) {
  std::vector<std::string> words;
  for (const std::int64_t extent : extents) words.push_back(extent == onnx_batch ? "N" : fmt::format("{}", extent));
  return fmt::format("[{}]", fmt::join(words, ","));
}

std::int64_t product(std::span<const std::int64_t> extents) {
  return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
}

Result<std::optional<Extents>> integers_of(OnnxConverter& converter, const OnnxNode& node, std::size_t i,
                                           const std::string& attribute_name) {
  if (OnnxConverter::has_input(node, i)) {
    ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, i));
    ALGEAN_ASSIGN(Extents values, integer_elements(*constant));
    return values;
  }
  if (attribute_name.empty() || !node.attributes.contains(attribute_name)) return std::nullopt;
  ALGEAN_ASSIGN(Extents values, integers(node, attribute_name, {}));
  return values;
}

Result<float> number(OnnxConverter& converter, const OnnxNode& node, std::size_t i) {
  ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, i));
  ALGEAN_ASSIGN(const std::vector<float> elements, weights(*constant));
  if (elements.size() != 1) {
    return bad_input("input {} ('{}') has shape {}, one number expected", i, node.inputs[i], text(constant->extents));
  }
  return elements[0];
}

Result<std::size_t> inner_axis(std::int64_t axis, std::size_t rank) {
  const auto all = static_cast<std::int64_t>(rank) + 1;
  const std::int64_t index = axis < 0 ? axis + all : axis;
  if (index < 0 || index >= all) return bad_input("axis {} of {} axes", axis, all);
  if (index == 0) return bad_input("axis {} is the batch, which is not supported", axis);
  return static_cast<std::size_t>(index - 1);
}

Result<std::set<std::int64_t>> normalised(const Extents& axes, std::int64_t rank) {
  std::set<std::int64_t> indices;
  for (const std::int64_t axis : axes) {
    const std::int64_t index = axis < 0 ? axis + rank : axis;
    if (index < 0 || index >= rank || !indices.insert(index).second)
      return bad_input("axes {} of {} axes", text(axes), rank);
  }
  return indices;
}

std::size_t stored_axis(const PlacedValue& value, std::size_t axis) {
  return static_cast<std::size_t>(std::ranges::find(value.order, axis) - value.order.begin());
}

Extents stored(const PlacedValue& value, const Extents& by_model_axis) {
  Extents result;
  for (const std::size_t axis : value.order) result.push_back(by_model_axis.at(axis));
  return result;
}

Outputs one(ValueId value, AxisOrder order) { return one(PlacedValue{value, std::move(order)}); }
Outputs one(PlacedValue value) { return {OnnxMeaning{.value = std::move(value)}}; }
Outputs one(OnnxTensor constant) {
  return {OnnxMeaning{.constant = std::make_shared<const OnnxTensor>(std::move(constant))}};
}

Result<PlacedValue> layer(OnnxConverter& converter, kernels::LayerSpec spec, const PlacedValue& input,
                          const std::string& value_name) {
  ALGEAN_ASSIGN(const ValueId id, converter.builder().add_layer(std::move(spec), input.id, value_name));
  return PlacedValue{id, input.order};
}

Result<Outputs> same_shape(OnnxConverter& converter, const OnnxNode& node, const std::string& operation,
                           kernels::Attributes attributes) {
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  kernels::LayerSpec spec{OnnxConverter::layer_name(node), operation, std::move(attributes), {}};
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), input, node.outputs[0]));
  return one(std::move(result));
}

}  // namespace algean::partitioner::operators
