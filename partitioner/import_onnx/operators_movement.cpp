// Operators that move numbers: Concat, Split, Slice, Pad, Tile, Expand, Gather, DepthToSpace, SpaceToDepth.
#include "partitioner/import_onnx/operators_movement.hpp"

#include <algorithm>

#include "partitioner/import_onnx/operator_list.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

Result<Outputs> concat(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis"}));
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 1));
  ALGEAN_ASSIGN(PlacedValue result, make_concat(converter, node, 0, 1, written));
  return one(std::move(result));
}

// Equal parts, of which the last may be smaller.
Result<Extents> equal_parts(const OnnxNode& node, std::int64_t extent) {
  const auto outputs = static_cast<std::int64_t>(node.outputs.size());
  ALGEAN_ASSIGN(const std::int64_t count, integer(node, "num_outputs", outputs));
  if (count != outputs || count > extent) return bad_input("{} parts of {} for {} outputs", count, extent, outputs);
  const std::int64_t part = (extent + count - 1) / count;
  Extents sizes(static_cast<std::size_t>(count), part);
  sizes.back() = extent - part * (count - 1);
  return sizes;
}

Result<Outputs> split(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis", "split", "num_outputs"}));
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 0));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(const std::size_t axis, inner_axis(written, input.order.size()));
  ALGEAN_ASSIGN(auto sizes, integers_of(converter, node, 1, "split"));
  if (!sizes) {
    ALGEAN_ASSIGN(sizes, equal_parts(node, converter.extents(input)[axis]));
  }
  if (sizes->size() != node.outputs.size()) {
    return bad_input("split {} for {} outputs", text(*sizes), node.outputs.size());
  }
  const std::string& name = OnnxConverter::layer_name(node);
  LayerSpec spec{name, "split", {{"axis", static_cast<std::int64_t>(stored_axis(input, axis))}, {"sizes", *sizes}}, {}};
  std::vector<std::string> names = node.outputs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) names[i] = fmt::format("{}/{}", name, i);
  }
  ALGEAN_ASSIGN(const auto values, converter.builder().add_layer(std::move(spec), std::span(&input.id, 1), names));
  Outputs outputs;
  for (const ValueId value : values) outputs.push_back({.value = PlacedValue{value, input.order}});
  return outputs;
}

Result<Outputs> repeat(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input,
                       const Extents& repeats) {
  LayerSpec spec{OnnxConverter::layer_name(node), "tile", {{"repeats", stored(input, repeats)}}, {}};
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), input, node.outputs[0]));
  return one(std::move(result));
}

Result<Outputs> tile(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(const auto repeats, integers_of(converter, node, 1, ""));
  if (!repeats || repeats->size() != input.order.size() + 1) return bad_input("needs a repeat for each axis");
  if (repeats->front() != 1) return bad_input("repeats the batch, which is not supported");
  return repeat(converter, node, input, {repeats->begin() + 1, repeats->end()});
}

// Axes of extent 1 become as long as the shape says.
Result<Outputs> expand(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(auto shape, integers_of(converter, node, 1, ""));
  const Extents extents = converter.extents(input);
  if (!shape || shape->size() > extents.size() + 1) return bad_input("to more axes, which is not supported");
  shape->insert(shape->begin(), extents.size() + 1 - shape->size(), 1);
  const std::int64_t batch = shape->front();
  if (batch != 1 && batch != onnx_batch && batch != converter.written_batch()) {
    return bad_input("repeats the batch, which is not supported");
  }
  Extents repeats;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    const std::int64_t wanted = (*shape)[axis + 1];
    if (wanted != 1 && wanted != extents[axis] && extents[axis] != 1) {
      return bad_input("extent {} to {}", extents[axis], wanted);
    }
    repeats.push_back(extents[axis] == 1 ? wanted : 1);
  }
  return repeat(converter, node, input, repeats);
}

// The axis is replaced by the axes of the indices.
Result<Outputs> gather(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis"}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(const OnnxConstant indices, converter.constant(node, 1));
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 0));
  ALGEAN_ASSIGN(const std::size_t axis, inner_axis(written, input.order.size()));
  ALGEAN_TRY(converter.spend(indices->bytes.size()));
  ALGEAN_ASSIGN(const Extents elements, integer_elements(*indices));
  ALGEAN_ASSIGN(const Shape shape, Shape::make(indices->extents));
  const std::int64_t extent = converter.extents(input)[axis];
  std::vector<std::int32_t> resolved;
  for (const std::int64_t element : elements) {
    const std::int64_t index = element < 0 ? element + extent : element;
    if (index < 0 || index >= extent) return bad_input("index {} of {}", element, extent);
    resolved.push_back(static_cast<std::int32_t>(index));
  }
  LayerSpec spec{OnnxConverter::layer_name(node),
                 "gather",
                 {{"axis", static_cast<std::int64_t>(stored_axis(input, axis))}},
                 {{"indices", std::make_shared<const Tensor>(TensorType{ElementType::int32(), shape},
                                                             std::span<const std::int32_t>(resolved))}}};
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), input, node.outputs[0]));
  result.order.clear();
  for (const std::size_t old : input.order) {
    if (old == axis) {
      for (std::size_t i = 0; i < shape.rank(); ++i) result.order.push_back(axis + i);
    } else {
      result.order.push_back(old < axis ? old : old + shape.rank() - 1);
    }
  }
  return one(std::move(result));
}

Result<Outputs> blocks(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"blocksize", "mode"}));
  ALGEAN_ASSIGN(const std::int64_t block, integer(node, "blocksize", 0));
  ALGEAN_ASSIGN(const std::string mode, word(node, "mode", "DCR"));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  if (input.order.size() != 3) return bad_input("input of {} axes with the batch, 4 expected", input.order.size() + 1);
  const AxisOrder order = channel_last_order(3);
  ALGEAN_ASSIGN(const ValueId channel_last, converter.in_order(input, order));
  const char* operation = node.operation == "DepthToSpace" ? "depth_to_space" : "space_to_depth";
  LayerSpec spec{OnnxConverter::layer_name(node), operation, {{"block", block}, {"mode", mode}}, {}};
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), {channel_last, order}, node.outputs[0]));
  return one(std::move(result));
}

}  // namespace

Result<PlacedValue> make_concat(OnnxConverter& converter, const OnnxNode& node, std::size_t first, std::size_t step,
                                std::int64_t written_axis) {
  std::vector<ValueId> inputs;
  AxisOrder order;
  for (std::size_t i = first; i < node.inputs.size(); i += step) {
    ALGEAN_ASSIGN(const PlacedValue value, converter.placed(node, i));
    if (inputs.empty()) order = value.order;
    if (value.order.size() != order.size()) return bad_input("inputs of different numbers of axes");
    ALGEAN_ASSIGN(const ValueId ordered, converter.in_order(value, order));
    inputs.push_back(ordered);
  }
  if (inputs.empty()) return bad_input("no inputs");
  ALGEAN_ASSIGN(const std::size_t axis, inner_axis(written_axis, order.size()));
  PlacedValue result{0, order};
  LayerSpec spec{
      OnnxConverter::layer_name(node), "concat", {{"axis", static_cast<std::int64_t>(stored_axis(result, axis))}}, {}};
  ALGEAN_ASSIGN(const auto made,
                converter.builder().add_layer(std::move(spec), inputs, std::span(node.outputs).first(1)));
  result.id = made[0];
  return result;
}

std::span<const Operator> movement_operators() {
  static constexpr std::array rows{
      Operator{"Concat", concat, Integers::moved},       Operator{"Split", split, Integers::moved},
      Operator{"Slice", slice, Integers::moved},         Operator{"Pad", pad},
      Operator{"Tile", tile, Integers::moved},           Operator{"Expand", expand, Integers::moved},
      Operator{"Gather", gather, Integers::moved},       Operator{"DepthToSpace", blocks, Integers::moved},
      Operator{"SpaceToDepth", blocks, Integers::moved}, Operator{"Resize", resize, Integers::moved},
      Operator{"Upsample", resize, Integers::moved}};
  return rows;
}

}  // namespace algean::partitioner::operators
