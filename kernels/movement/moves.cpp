#include "kernels/movement/moves.hpp"

#include <algorithm>

namespace algean::kernels::movement {
namespace {

using Extents = std::vector<std::int64_t>;

// A list with one number for each axis of the input.
Result<Extents> per_axis(const LayerSpec& layer, const std::string& name, const Shape& input) {
  ALGEAN_ASSIGN(Extents values, layer.attributes.integers(name));
  if (values.size() == input.rank()) return values;
  return bad_input("attribute '{}' has {} numbers, input {} has {} axes", name, values.size(), input.text(),
                   input.rank());
}

Result<> check_between(const char* name, std::size_t axis, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return {};
  return bad_input("attribute '{}' of axis {} is {}, must lie in {}..{}", name, axis, value, low, high);
}

Result<Move> slice(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const Extents begin, per_axis(layer, "begin", input));
  ALGEAN_ASSIGN(const Extents end, per_axis(layer, "end", input));
  Extents strides(input.rank(), 1);
  if (layer.attributes.has("strides")) {
    ALGEAN_ASSIGN(strides, per_axis(layer, "strides", input));
  }
  const auto inner = element_strides(input);
  Extents extents;
  Move move;
  for (std::size_t axis = 0; axis < input.rank(); ++axis) {
    const std::int64_t stride = strides[axis];
    if (stride == 0) return bad_input("attribute 'strides' of axis {} is 0", axis);
    ALGEAN_TRY(check_between("strides", axis, stride, -Shape::max_elements, Shape::max_elements));
    ALGEAN_TRY(check_between("begin", axis, begin[axis], 0, input[axis] - 1));
    ALGEAN_TRY(stride > 0 ? check_between("end", axis, end[axis], begin[axis] + 1, input[axis])
                          : check_between("end", axis, end[axis], -1, begin[axis] - 1));
    const std::int64_t way = stride > 0 ? end[axis] - begin[axis] : begin[axis] - end[axis];
    const std::int64_t count = 1 + (way - 1) / (stride > 0 ? stride : -stride);
    move.axes.push_back({{begin[axis] * inner[axis], count > 1 ? stride * inner[axis] : 0, count}});
    extents.push_back(count);
  }
  ALGEAN_ASSIGN(move.output, Shape::make(std::move(extents)));
  return move;
}

// The runs that one axis of `extent` elements, `stride` apart, gets before and after it.
Result<AxisRuns> padded_axis(std::string_view mode, std::int64_t extent, std::int64_t stride, std::int64_t before,
                             std::int64_t after) {
  const std::int64_t most = mode == "reflect" ? extent - 1 : mode == "symmetric" ? extent : Shape::max_elements;
  if (before < 0 || after < 0 || before > most || after > most) {
    return bad_input("padding of {} and {}, must lie in 0..{}", before, after, most);
  }
  const std::int64_t last = (extent - 1) * stride;
  Run front{Run::nothing, 0, before};
  Run back{Run::nothing, 0, after};
  if (mode == "reflect") {
    front = {before * stride, -stride, before};
    back = {last - stride, -stride, after};
  } else if (mode == "symmetric") {
    front = {(before - 1) * stride, -stride, before};
    back = {last, -stride, after};
  } else if (mode == "edge") {
    front = {0, 0, before};
    back = {last, 0, after};
  }
  AxisRuns runs;
  if (before > 0) runs.push_back(front);
  runs.push_back({0, stride, extent});
  if (after > 0) runs.push_back(back);
  return runs;
}

Result<Move> pad(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const Extents before, per_axis(layer, "before", input));
  ALGEAN_ASSIGN(const Extents after, per_axis(layer, "after", input));
  std::string mode = "constant";
  if (layer.attributes.has("mode")) {
    ALGEAN_ASSIGN(mode, layer.attributes.text("mode"));
  }
  if (mode != "constant" && mode != "reflect" && mode != "symmetric" && mode != "edge") {
    return bad_input("attribute 'mode' is '{}', must be constant, reflect, symmetric or edge", mode);
  }
  const auto inner = element_strides(input);
  Extents extents;
  Move move;
  for (std::size_t axis = 0; axis < input.rank(); ++axis) {
    auto runs = padded_axis(mode, input[axis], inner[axis], before[axis], after[axis]);
    if (!runs) return std::unexpected(runs.error().within(fmt::format("axis {}", axis)));
    move.axes.push_back(*std::move(runs));
    extents.push_back(before[axis] + input[axis] + after[axis]);
  }
  ALGEAN_ASSIGN(move.output, Shape::make(std::move(extents)));
  return move;
}

Result<Move> transpose(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const Extents permutation, per_axis(layer, "permutation", input));
  const auto inner = element_strides(input);
  std::vector<bool> used(input.rank(), false);
  Extents extents;
  Move move;
  for (std::size_t to = 0; to < input.rank(); ++to) {
    ALGEAN_TRY(check_between("permutation", to, permutation[to], 0, static_cast<std::int64_t>(input.rank()) - 1));
    const auto axis = static_cast<std::size_t>(permutation[to]);
    if (used[axis]) return bad_input("attribute 'permutation' names axis {} twice", axis);
    used[axis] = true;
    move.axes.push_back({{0, inner[axis], input[axis]}});
    extents.push_back(input[axis]);
  }
  ALGEAN_ASSIGN(move.output, Shape::make(std::move(extents)));
  return move;
}

Result<Move> tile(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const Extents repeats, per_axis(layer, "repeats", input));
  const auto inner = element_strides(input);
  Extents extents;
  Move move;
  for (std::size_t axis = 0; axis < input.rank(); ++axis) {
    ALGEAN_TRY(check_between("repeats", axis, repeats[axis], 1, Shape::max_elements / input[axis]));
    move.axes.push_back({{0, 0, repeats[axis]}});
    move.axes.push_back({{0, inner[axis], input[axis]}});
    extents.push_back(repeats[axis] * input[axis]);
  }
  ALGEAN_ASSIGN(move.output, Shape::make(std::move(extents)));
  return move;
}

Result<const Tensor*> indices_of(const LayerSpec& layer, std::int64_t extent) {
  const Tensor* indices = layer.constant("indices");
  if (indices == nullptr) return bad_input("constant 'indices' is missing");
  if (indices->type().element != ElementType::int32()) {
    return bad_input("constant 'indices' is {}, must be int32", indices->type().text());
  }
  for (const std::int32_t index : indices->elements<std::int32_t>()) {
    if (index < 0 || index >= extent) return bad_input("index {} must lie in 0..{}", index, extent - 1);
  }
  return indices;
}

Result<Move> gather(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const std::int64_t number, layer.attributes.integer("axis"));
  const auto rank = static_cast<std::int64_t>(input.rank());
  if (number < 0 || number >= rank)
    return bad_input("attribute 'axis' is {}, input {} has no such", number, input.text());
  const auto along = static_cast<std::size_t>(number);
  ALGEAN_ASSIGN(const Tensor* indices, indices_of(layer, input[along]));
  const auto inner = element_strides(input);
  Extents extents;
  Move move;
  for (std::size_t axis = 0; axis < input.rank(); ++axis) {
    if (axis != along) {
      move.axes.push_back({{0, inner[axis], input[axis]}});
      extents.push_back(input[axis]);
      continue;
    }
    AxisRuns runs;
    for (const std::int32_t index : indices->elements<std::int32_t>()) append(runs, {index * inner[axis], 0, 1});
    move.axes.push_back(std::move(runs));
    const auto shape = indices->shape().extents();
    extents.insert(extents.end(), shape.begin(), shape.end());
  }
  ALGEAN_ASSIGN(move.output, Shape::make(std::move(extents)));
  return move;
}

struct Block {
  std::int64_t size = 1;
  bool depth_last = true;  // DCR: channel (dy * size + dx) * depth + c; CRD: (c * size + dy) * size + dx
};

Result<Block> block_of(const LayerSpec& layer, const Shape& input) {
  if (input.rank() != 3) return bad_input("input is {}, must be [H,W,C]", input.text());
  ALGEAN_ASSIGN(const std::int64_t size, layer.attributes.integer("block"));
  if (size < 1 || size > 65536) return bad_input("attribute 'block' is {}, must lie in 1..65536", size);
  std::string mode = "DCR";
  if (layer.attributes.has("mode")) {
    ALGEAN_ASSIGN(mode, layer.attributes.text("mode"));
  }
  if (mode != "DCR" && mode != "CRD") return bad_input("attribute 'mode' is '{}', must be DCR or CRD", mode);
  return Block{size, mode == "DCR"};
}

Result<Move> depth_to_space(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const Block block, block_of(layer, input));
  const std::int64_t b = block.size;
  if (input[2] % (b * b) != 0) return bad_input("{} channels are no multiple of {} squared", input[2], b);
  const std::int64_t depth = input[2] / (b * b);
  const auto inner = element_strides(input);
  Move move;
  move.axes = {{{0, inner[0], input[0]}},
               {{0, block.depth_last ? b * depth : b, b}},
               {{0, inner[1], input[1]}},
               {{0, block.depth_last ? depth : 1, b}},
               {{0, block.depth_last ? 1 : b * b, depth}}};
  ALGEAN_ASSIGN(move.output, Shape::make({input[0] * b, input[1] * b, depth}));
  return move;
}

Result<Move> space_to_depth(const LayerSpec& layer, const Shape& input) {
  ALGEAN_ASSIGN(const Block block, block_of(layer, input));
  const std::int64_t b = block.size;
  if (input[0] % b != 0 || input[1] % b != 0) {
    return bad_input("input is {}, whose height and width must be multiples of {}", input.text(), b);
  }
  const auto inner = element_strides(input);
  const Run rows{0, inner[0], b};
  const Run columns{0, inner[1], b};
  const Run channels{0, 1, input[2]};
  Move move;
  move.axes = {{{0, inner[0] * b, input[0] / b}}, {{0, inner[1] * b, input[1] / b}}};
  if (block.depth_last) {
    move.axes.insert(move.axes.end(), {{rows}, {columns}, {channels}});
  } else {
    move.axes.insert(move.axes.end(), {{channels}, {rows}, {columns}});
  }
  ALGEAN_ASSIGN(move.output, Shape::make({input[0] / b, input[1] / b, input[2] * b * b}));
  return move;
}

}  // namespace

Result<Move> move_of(const LayerSpec& layer, const Shape& input) {
  if (layer.operation == "slice") return slice(layer, input);
  if (layer.operation == "pad") return pad(layer, input);
  if (layer.operation == "transpose") return transpose(layer, input);
  if (layer.operation == "tile") return tile(layer, input);
  if (layer.operation == "gather") return gather(layer, input);
  if (layer.operation == "depth_to_space") return depth_to_space(layer, input);
  ALGEAN_INVARIANT(layer.operation == "space_to_depth");
  return space_to_depth(layer, input);
}

}  // namespace algean::kernels::movement
