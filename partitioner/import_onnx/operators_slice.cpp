// Slice and Pad.
#include <algorithm>
#include <limits>

#include "partitioner/import_onnx/operators_movement.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;

struct Slice {
  Extents begin, end, strides;  // by the model's axis, without batch, as the layer takes them
};

// One axis of Slice as ONNX resolves it: negative positions count from the end, all are cut to the axis.
Result<> slice_axis(std::int64_t extent, std::int64_t begin, std::int64_t end, std::int64_t stride, std::size_t axis,
                    Slice& slice) {
  if (stride == 0) return bad_input("a step of 0");
  const auto resolve = [&](std::int64_t position, std::int64_t low, std::int64_t high) {
    return std::clamp(position < 0 ? position + extent : position, low, high);
  };
  if (stride > 0) {
    begin = resolve(begin, 0, extent);
    end = resolve(end, 0, extent);
  } else {
    begin = resolve(begin, 0, extent - 1);
    end = resolve(end, -1, extent - 1);
  }
  if (stride > 0 ? begin >= end : begin <= end) return bad_input("takes nothing of axis {}", axis + 1);
  slice.begin[axis] = begin;
  slice.end[axis] = end;
  slice.strides[axis] = std::clamp<std::int64_t>(stride, -extent, extent);
  return {};
}

// `pads` [before..., after...] of the model's axes, without the batch, which must have none.
Result<std::pair<Extents, Extents>> pads_of(OnnxConverter& converter, const OnnxNode& node, std::size_t rank) {
  ALGEAN_ASSIGN(const auto pads, integers_of(converter, node, 1, "pads"));
  ALGEAN_ASSIGN(auto axes, integers_of(converter, node, 3, ""));
  if (!pads) return bad_input("no pads");
  if (!axes) {
    axes = Extents();
    for (std::size_t i = 0; i <= rank; ++i) axes->push_back(static_cast<std::int64_t>(i));
  }
  ALGEAN_TRY(normalised(*axes, static_cast<std::int64_t>(rank) + 1));
  if (pads->size() != 2 * axes->size()) return bad_input("pads {} for {} axes", text(*pads), axes->size());
  Extents before(rank + 1, 0);
  Extents after(rank + 1, 0);
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::int64_t axis = (*axes)[i] < 0 ? (*axes)[i] + static_cast<std::int64_t>(rank) + 1 : (*axes)[i];
    before[static_cast<std::size_t>(axis)] = (*pads)[i];
    after[static_cast<std::size_t>(axis)] = (*pads)[i + axes->size()];
  }
  if (before[0] != 0 || after[0] != 0) return bad_input("pads the batch, which is not supported");
  return std::pair(Extents(before.begin() + 1, before.end()), Extents(after.begin() + 1, after.end()));
}

// What negative numbers cut off, and zeros in their place.
Result<PlacedValue> crop(OnnxConverter& converter, const OnnxNode& node, PlacedValue value, Extents& before,
                         Extents& after) {
  const auto negative = [](std::int64_t pad) { return pad < 0; };
  if (std::ranges::none_of(before, negative) && std::ranges::none_of(after, negative)) return value;
  const Extents extents = converter.extents(value);
  Extents begin;
  Extents end;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    if (before[axis] < -extents[axis] || after[axis] < -extents[axis]) return bad_input("cuts more off than there is");
    begin.push_back(std::max<std::int64_t>(0, -before[axis]));
    end.push_back(extents[axis] + std::min<std::int64_t>(0, after[axis]));
    before[axis] = std::max<std::int64_t>(0, before[axis]);
    after[axis] = std::max<std::int64_t>(0, after[axis]);
  }
  const std::string name = OnnxConverter::layer_name(node) + "/crop";
  LayerSpec spec{name, "slice", {{"begin", stored(value, begin)}, {"end", stored(value, end)}}, {}};
  return layer(converter, std::move(spec), value, name);
}

}  // namespace

// Starts, ends, axes and steps are inputs; before operator set 10 the first three were attributes.
Result<Outputs> slice(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"starts", "ends", "axes"}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(const auto starts, integers_of(converter, node, 1, "starts"));
  ALGEAN_ASSIGN(const auto ends, integers_of(converter, node, 2, "ends"));
  ALGEAN_ASSIGN(auto axes, integers_of(converter, node, 3, "axes"));
  ALGEAN_ASSIGN(auto steps, integers_of(converter, node, 4, ""));
  const Extents extents = converter.extents(input);
  if (!starts || !ends) return bad_input("no starts and ends");
  if (!steps) steps = Extents(starts->size(), 1);
  if (!axes) {
    axes = Extents();
    for (std::size_t i = 0; i < starts->size(); ++i) axes->push_back(static_cast<std::int64_t>(i));
  }
  if (ends->size() != starts->size() || axes->size() != starts->size() || steps->size() != starts->size()) {
    return bad_input("starts, ends, axes and steps are of different lengths");
  }
  ALGEAN_TRY(normalised(*axes, static_cast<std::int64_t>(extents.size()) + 1));
  Slice slice{Extents(extents.size(), 0), extents, Extents(extents.size(), 1)};
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::int64_t axis = (*axes)[i] < 0 ? (*axes)[i] + static_cast<std::int64_t>(extents.size()) + 1 : (*axes)[i];
    const bool whole = (*starts)[i] == 0 && (*steps)[i] == 1 && (*ends)[i] >= std::numeric_limits<std::int32_t>::max();
    if (axis == 0 && whole) continue;
    if (axis == 0) return bad_input("cuts the batch, which is not supported");
    const auto inner = static_cast<std::size_t>(axis - 1);
    ALGEAN_TRY(slice_axis(extents[inner], (*starts)[i], (*ends)[i], (*steps)[i], inner, slice));
  }
  LayerSpec spec{OnnxConverter::layer_name(node),
                 "slice",
                 {{"begin", stored(input, slice.begin)},
                  {"end", stored(input, slice.end)},
                  {"strides", stored(input, slice.strides)}},
                 {}};
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), input, node.outputs[0]));
  return one(std::move(result));
}

Result<Outputs> pad(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"mode", "pads", "value"}));
  ALGEAN_ASSIGN(const std::string mode, word(node, "mode", "constant"));
  if (mode != "constant" && mode != "reflect" && mode != "edge") {
    return bad_input("mode is '{}', which is not supported (constant, reflect, edge are)", mode);
  }
  ALGEAN_ASSIGN(double filling, real(node, "value", 0));
  if (OnnxConverter::has_input(node, 2)) {
    ALGEAN_ASSIGN(filling, number(converter, node, 2));
  }
  ALGEAN_ASSIGN(PlacedValue value, converter.placed(node, 0));
  ALGEAN_ASSIGN(auto pads, pads_of(converter, node, value.order.size()));
  auto& [before, after] = pads;
  ALGEAN_ASSIGN(value, crop(converter, node, value, before, after));
  LayerSpec spec{OnnxConverter::layer_name(node),
                 "pad",
                 {{"before", stored(value, before)}, {"after", stored(value, after)}, {"mode", mode}},
                 {}};
  if (mode == "constant") spec.attributes.set("value", filling);
  ALGEAN_ASSIGN(value, layer(converter, std::move(spec), value, node.outputs[0]));
  return one(std::move(value));
}

}  // namespace algean::partitioner::operators
