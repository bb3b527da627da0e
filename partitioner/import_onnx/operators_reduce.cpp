// Reductions over axes. Those that we have no operation for are made of ones that we have.
#include <algorithm>
#include <map>

#include "partitioner/import_onnx/operator_list.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

// What a reduction does to each element before and after the sum, mean, maximum or minimum.
struct Reduction {
  const char* before;
  const char* operation;
  const char* after;
};

const std::map<std::string_view, Reduction>& reductions() {
  static const std::map<std::string_view, Reduction> all{
      {"ReduceMean", {"", "reduce_mean", ""}},
      {"ReduceSum", {"", "reduce_sum", ""}},
      {"ReduceMax", {"", "reduce_max", ""}},
      {"ReduceMin", {"", "reduce_min", ""}},
      {"ReduceL1", {"absolute", "reduce_sum", ""}},
      {"ReduceL2", {"square", "reduce_sum", "square_root"}},
      {"ReduceSumSquare", {"square", "reduce_sum", ""}},
      {"ReduceLogSum", {"", "reduce_sum", "logarithm"}},
      {"ReduceLogSumExp", {"exponential", "reduce_sum", "logarithm"}},
  };
  return all;
}

// The model's axes (without batch) that go, in order.
Result<std::vector<std::size_t>> reduced_axes(OnnxConverter& converter, const OnnxNode& node, std::size_t rank) {
  ALGEAN_ASSIGN(const auto axes, integers_of(converter, node, 1, "axes"));
  ALGEAN_ASSIGN(const std::int64_t no_axes_is_none, integer(node, "noop_with_empty_axes", 0));
  if (!axes || axes->empty()) {
    if (no_axes_is_none != 0) return std::vector<std::size_t>{};
    return bad_input("reduces over all axes, the batch among them, which is not supported");
  }
  ALGEAN_ASSIGN(const auto indices, normalised(*axes, static_cast<std::int64_t>(rank) + 1));
  std::vector<std::size_t> result;
  for (const std::int64_t index : indices) {
    if (index == 0) return bad_input("reduces over the batch, which is not supported");
    result.push_back(static_cast<std::size_t>(index - 1));
  }
  return result;
}

// The order of what is left when the model's axes `gone` vanish.
AxisOrder without(const AxisOrder& order, const std::vector<std::size_t>& gone) {
  AxisOrder result;
  for (const std::size_t axis : order) {
    if (std::ranges::find(gone, axis) != gone.end()) continue;
    result.push_back(axis - static_cast<std::size_t>(std::ranges::count_if(gone, [&](auto g) { return g < axis; })));
  }
  return result;
}

Result<PlacedValue> reduce_over(OnnxConverter& converter, const PlacedValue& input, LayerSpec spec,
                                const std::vector<std::size_t>& axes, bool keep, const std::string& value_name) {
  Extents stored_axes;
  for (const std::size_t axis : axes) stored_axes.push_back(static_cast<std::int64_t>(stored_axis(input, axis)));
  std::ranges::sort(stored_axes);
  spec.attributes.set("axes", stored_axes);
  spec.attributes.set("keep_axes", std::int64_t{keep ? 1 : 0});
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), input, value_name));
  if (!keep) result.order = without(input.order, axes);
  return result;
}

Result<Outputs> reduce(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axes", "keepdims", "noop_with_empty_axes"}));
  const Reduction& how = reductions().at(node.operation);
  ALGEAN_ASSIGN(PlacedValue value, converter.placed(node, 0));
  ALGEAN_ASSIGN(const auto axes, reduced_axes(converter, node, value.order.size()));
  ALGEAN_ASSIGN(const std::int64_t keep, integer(node, "keepdims", 1));
  const std::string& name = OnnxConverter::layer_name(node);
  const std::string before = how.before;
  const std::string after = how.after;
  if (axes.empty()) return one(std::move(value));  // by noop_with_empty_axes
  if (!before.empty()) {
    ALGEAN_ASSIGN(value, layer(converter, {name + "/" + before, before, {}, {}}, value, name + "/" + before));
  }
  const std::string reduced = after.empty() ? name : name + "/sum";
  ALGEAN_ASSIGN(value, reduce_over(converter, value, {reduced, how.operation, {}, {}}, axes, keep != 0,
                                   after.empty() ? node.outputs[0] : reduced));
  if (!after.empty()) {
    ALGEAN_ASSIGN(value, layer(converter, {name, after, {}, {}}, value, node.outputs[0]));
  }
  return one(std::move(value));
}

// The index as a real number.
Result<Outputs> arg_max(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis", "keepdims", "select_last_index"}));
  ALGEAN_TRY(must_be(node, "select_last_index", 0));
  ALGEAN_ASSIGN(PlacedValue value, converter.placed(node, 0));
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 0));
  ALGEAN_ASSIGN(const std::int64_t keep, integer(node, "keepdims", 1));
  ALGEAN_ASSIGN(const std::size_t axis, inner_axis(written, value.order.size()));
  const std::string& name = OnnxConverter::layer_name(node);
  if (node.operation == "ArgMin") {
    ALGEAN_ASSIGN(value, layer(converter, {name + "/negate", "negate", {}, {}}, value, name + "/negate"));
  }
  ALGEAN_ASSIGN(value, reduce_over(converter, value, {name, "arg_max", {}, {}}, {axis}, keep != 0, node.outputs[0]));
  return one(std::move(value));
}

// ai.onnx.ml: the elements of a list at computed indices. Where the list is 0, 1, 2, ... these are the indices.
Result<Outputs> array_feature_extractor(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const OnnxConstant list, converter.constant(node, 0));
  ALGEAN_ASSIGN(const PlacedValue indices, converter.placed(node, 1));
  ALGEAN_ASSIGN(const Extents elements, integer_elements(*list));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (elements[i] != static_cast<std::int64_t>(i)) {
      return bad_input("input 0 ('{}') is another list than 0, 1, 2, ..., which is not supported", list->name);
    }
  }
  return one(indices);
}

}  // namespace

std::span<const Operator> reduce_operators() {
  static const std::vector<Operator> rows = [] {
    std::vector<Operator> all{{"ArgMax", arg_max},
                              {"ArgMin", arg_max},
                              {"ArrayFeatureExtractor", array_feature_extractor, Integers::none, "ai.onnx.ml"}};
    for (const auto& [name, how] : reductions()) all.push_back({name, reduce});
    return all;
  }();
  return rows;
}

}  // namespace algean::partitioner::operators
