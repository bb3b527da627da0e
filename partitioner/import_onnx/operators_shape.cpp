// Operators that move no number: Flatten, Reshape, Squeeze, Unsqueeze, Transpose, Identity, Dropout, Cast.
#include <algorithm>

#include "partitioner/import_onnx/operator_list.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::ValueId;

Result<PlacedValue> reshape_to(OnnxConverter& converter, const OnnxNode& node, ValueId value, Extents extents) {
  ALGEAN_ASSIGN(const Shape shape, Shape::make(std::move(extents)));
  ALGEAN_ASSIGN(const ValueId result,
                converter.builder().add_reshape(OnnxConverter::layer_name(node), value, shape, node.outputs[0]));
  return PlacedValue{result, model_order(shape.rank())};
}

// The target without its batch axis, -1 and 0 resolved.
Result<Extents> reshape_target(const Extents& target, const Shape& input, std::optional<std::int64_t> batch,
                               bool zero_copies) {
  const auto refuse = [&](const char* why) {
    return bad_input("shape {} for an input of shape {} (without batch): {}", text(target), input.text(), why);
  };
  const std::int64_t first = target.empty() ? -2 : target[0] == onnx_batch ? 0 : target[0];
  if (first < -1) return refuse("no batch axis");
  Extents extents(target.begin() + 1, target.end());
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == 0) extents[i] = zero_copies && i < input.rank() ? input[i] : -2;
    if (extents[i] == onnx_batch) return refuse("mixes the batch with other axes, which is not supported");
    if (extents[i] < -1 || extents[i] > Shape::max_elements) return refuse("an extent is none");
  }
  const auto open = std::ranges::count(extents, -1) + (first == -1 ? 1 : 0);
  if (open > 1) return refuse("more than one -1");
  std::int64_t known = 1;
  for (const std::int64_t extent : extents) {
    if (extent == -1) continue;
    if (known > Shape::max_elements / extent) return refuse("too large");
    known *= extent;
  }
  const auto rest = std::ranges::find(extents, -1);
  const bool keeps_batch = first <= 0 || !batch || *batch == first;
  if (rest != extents.end()) {
    // the batch written in the file must be the one kept, or the -1 stands for a part of it
    if (!keeps_batch || input.elements() % known != 0)
      return refuse("mixes the batch with other axes, which is not supported");
    *rest = input.elements() / known;
  } else if (known != input.elements()) {
    return refuse("mixes the batch with other axes, which is not supported");
  }
  return extents;
}

Result<Outputs> flatten(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axis"}));
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 1));
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  const Shape& shape = converter.builder().shape(value);
  const auto all = static_cast<std::int64_t>(shape.rank()) + 1;
  const std::int64_t axis = written < 0 ? written + all : written;
  if (axis < 1 || axis > all || product(shape.extents().first(static_cast<std::size_t>(axis - 1))) != 1) {
    return bad_input("axis {} would mix the batch with other axes, which is not supported", written);
  }
  ALGEAN_ASSIGN(PlacedValue result, reshape_to(converter, node, value, {shape.elements()}));
  return one(std::move(result));
}

// The target is an input; of operator sets below 5, which some writers still mix in, an attribute.
Result<Outputs> reshape(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"allowzero", "shape"}));
  ALGEAN_ASSIGN(const std::int64_t zero_is_an_extent, integer(node, "allowzero", 0));
  ALGEAN_ASSIGN(const auto target, integers_of(converter, node, 1, "shape"));
  if (!target) return bad_input("input 1 is missing");
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  ALGEAN_ASSIGN(Extents extents, reshape_target(*target, converter.builder().shape(value), converter.written_batch(),
                                                zero_is_an_extent == 0));
  ALGEAN_ASSIGN(PlacedValue result, reshape_to(converter, node, value, std::move(extents)));
  return one(std::move(result));
}

// Axes of extent 1 vanish, wherever they are stored.
Result<Outputs> squeeze(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axes"}));
  ALGEAN_ASSIGN(const auto given, integers_of(converter, node, 1, "axes"));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  const Extents extents = converter.extents(input);
  ALGEAN_ASSIGN(const auto gone, normalised(given.value_or(Extents{}), static_cast<std::int64_t>(extents.size()) + 1));
  if (gone.contains(0)) return bad_input("changes the batch axis, which is not supported");
  const auto goes = [&](std::size_t axis) {
    return given ? gone.contains(static_cast<std::int64_t>(axis) + 1) : extents[axis] == 1;
  };
  Extents kept;
  AxisOrder order;
  for (const std::size_t axis : input.order) {
    if (goes(axis) && extents[axis] != 1) {
      return bad_input("axis {} has extent {}, 1 expected", axis + 1, extents[axis]);
    }
    if (goes(axis)) continue;
    kept.push_back(extents[axis]);
    std::size_t index = 0;
    for (std::size_t before = 0; before < axis; ++before) index += goes(before) ? 0U : 1U;
    order.push_back(index);
  }
  ALGEAN_ASSIGN(PlacedValue result, reshape_to(converter, node, input.id, std::move(kept)));
  result.order = std::move(order);
  return one(std::move(result));
}

// New axes of extent 1 are stored in front.
Result<Outputs> unsqueeze(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"axes"}));
  ALGEAN_ASSIGN(const auto given, integers_of(converter, node, 1, "axes"));
  if (!given) return bad_input("no axes");
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  const std::size_t rank = input.order.size() + given->size();
  ALGEAN_ASSIGN(const auto added, normalised(*given, static_cast<std::int64_t>(rank) + 1));
  if (added.contains(0)) return bad_input("changes the batch axis, which is not supported");
  AxisOrder order;
  AxisOrder old_axes;  // entry i: the new index of the model's old axis i
  for (std::size_t axis = 0; axis < rank; ++axis) {
    (added.contains(static_cast<std::int64_t>(axis) + 1) ? order : old_axes).push_back(axis);
  }
  for (const std::size_t axis : input.order) order.push_back(old_axes[axis]);
  const Shape& shape = converter.builder().shape(input.id);
  Extents extents(given->size(), 1);
  extents.insert(extents.end(), shape.extents().begin(), shape.extents().end());
  ALGEAN_ASSIGN(PlacedValue result, reshape_to(converter, node, input.id, std::move(extents)));
  result.order = std::move(order);
  return one(std::move(result));
}

// Nothing moves: later readers see the axes in another order.
Result<Outputs> transpose(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"perm"}));
  ALGEAN_ASSIGN(PlacedValue value, converter.placed(node, 0));
  const std::size_t rank = value.order.size() + 1;
  Extents backwards;
  for (std::size_t axis = rank; axis-- > 0;) backwards.push_back(static_cast<std::int64_t>(axis));
  ALGEAN_ASSIGN(const Extents order, integers(node, "perm", backwards));
  ALGEAN_ASSIGN(const auto all, normalised(order, static_cast<std::int64_t>(rank)));
  if (all.size() != rank || std::ranges::any_of(order, [](std::int64_t axis) { return axis < 0; })) {
    return bad_input("perm {} of {} axes", text(order), rank);
  }
  if (order[0] != 0) return bad_input("perm {} moves the batch, which is not supported", text(order));
  for (std::size_t& axis : value.order) {
    const auto index = std::ranges::find(order, static_cast<std::int64_t>(axis) + 1) - order.begin();
    axis = static_cast<std::size_t>(index - 1);
  }
  return one(std::move(value));
}

Result<Outputs> identity(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  return Outputs{*meaning};
}

Result<Outputs> dropout(OnnxConverter& converter, const OnnxNode& node) {
  if (OnnxConverter::has_input(node, 2)) {
    ALGEAN_ASSIGN(const OnnxConstant training, converter.constant(node, 2));
    const bool is_off = training->type == "bool" && training->bytes == std::vector{std::byte{0}};
    if (!is_off) return bad_input("training_mode is on, which is not supported");
  }
  return identity(converter, node);
}

// True for the index of an arg_max, which up to a few layers between it and here have only moved.
bool is_index(const GraphBuilder& builder, ValueId value) {
  for (int steps = 0; steps < 8; ++steps) {
    const kernels::Layer* layer = builder.producer(value);
    if (layer == nullptr || layer->spec.operation == "arg_max") return layer != nullptr;
    if (layer->spec.operation != "reshape" && layer->spec.operation != "transpose") return false;
    value = layer->inputs[0];
  }
  return false;
}

// Of real numbers to another float type, and of integers to real numbers of the same value.
Result<Outputs> cast(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"to", "saturate"}));
  ALGEAN_ASSIGN(const std::int64_t to, integer(node, "to", 0));
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  const std::set<std::int64_t> wide{1, 6, 7, 11, 12, 13};  // float, int32, int64, double, uint32, uint64
  if (!wide.contains(to))
    return bad_input("to type {}, which is not supported (float, double, 32 and 64 bits are)", to);
  const bool to_integer = to != 1 && to != 11;
  ALGEAN_ASSIGN(PlacedValue value, converter.placed(node, 0));
  const bool whole = meaning->codes || is_index(converter.builder(), value.id);
  if (to_integer && !whole) return bad_input("cuts real numbers to integers, which is not supported");
  if (meaning->codes) {
    ALGEAN_ASSIGN(value, as_codes(converter, value, *meaning->codes, {.type = meaning->codes->type},
                                  OnnxConverter::layer_name(node)));
  }
  return one(std::move(value));
}

}  // namespace

std::span<const Operator> shape_operators() {
  static constexpr std::array rows{Operator{"Flatten", flatten, Integers::moved},
                                   Operator{"Reshape", reshape, Integers::moved},
                                   Operator{"Squeeze", squeeze, Integers::moved},
                                   Operator{"Unsqueeze", unsqueeze, Integers::moved},
                                   Operator{"Transpose", transpose, Integers::moved},
                                   Operator{"Identity", identity, Integers::read},
                                   Operator{"Dropout", dropout},
                                   Operator{"Cast", cast, Integers::read}};
  return rows;
}

}  // namespace algean::partitioner::operators
