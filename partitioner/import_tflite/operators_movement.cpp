// Operators that move elements.
#include <algorithm>
#include <numeric>

#include "partitioner/import_tflite/operators.hpp"

namespace algean::partitioner::tflite {
namespace {

// A list with a number for each axis of the file's tensor.
Result<Extents> per_axis(TfliteConverter& converter, const TfliteOperator& op, std::size_t i, std::size_t count) {
  ALGEAN_ASSIGN(Extents numbers, converter.integers(op, i));
  if (numbers.size() == count) return numbers;
  return bad_input("input {} has {} numbers, must have {}", i, numbers.size(), count);
}

// The value, and lists without their entry for its batch: as it is where the batch is `untouched`, else whole.
Result<TfliteValue> without_batch(TfliteConverter& converter, const TfliteOperator& op, TfliteValue x, bool untouched,
                                  std::initializer_list<Extents*> lists) {
  if (!x.batched) return x;
  if (!untouched) return converter.whole(op, x);
  for (Extents* list : lists) list->erase(list->begin());
  return x;
}

// What PADV2 puts around its input: input 2 is one code of the input's type, or a float.
Result<double> pad_value(TfliteConverter& converter, const TfliteOperator& op) {
  if (op.name != "PADV2") return 0.0;
  ALGEAN_ASSIGN(const Constant given, converter.constant(op, 2));
  if (given->shape().elements() != 1) return bad_input("input 2 must be one number");
  if (given->type().element.is_float()) return static_cast<double>(given->elements<float>()[0]);
  ALGEAN_ASSIGN(const ElementType type, converter.element(converter.output(op)));
  if (given->type().element.name() != type.name()) return bad_input("input 2 must be of the input's type");
  const Quantisation& q = *type.quantisation();
  return q.scale() * static_cast<double>(given->integer_at(0) - q.zero_point());
}

// A begin or end of a strided slice within its axis, counted from either end.
std::int64_t clamped(std::int64_t index, std::int64_t extent, std::int64_t stride) {
  if (index < 0) index += extent;
  return stride > 0 ? std::clamp<std::int64_t>(index, 0, extent) : std::clamp<std::int64_t>(index, -1, extent - 1);
}

struct Slice {
  Extents begin, end, strides;
  std::vector<bool> shrunk;
};

Result<Slice> strided(const format::StridedSliceOptions& options, Slice slice, const Extents& dims) {
  slice.shrunk.resize(dims.size());
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    const auto is_set = [&](std::int32_t mask) { return ((static_cast<std::uint32_t>(mask) >> axis) & 1U) != 0; };
    const std::int64_t extent = dims[axis];
    const std::int64_t stride = slice.strides[axis];
    if (stride == 0) return bad_input("stride 0 of axis {}", axis);
    std::int64_t& begin = slice.begin[axis];
    std::int64_t& end = slice.end[axis];
    if (is_set(options.shrink_axis_mask())) {
      begin = begin < 0 ? begin + extent : begin;
      if (begin < 0 || begin >= extent) return bad_input("index {} of axis {} with {}", begin, axis, extent);
      end = begin + 1;
      slice.strides[axis] = 1;
      slice.shrunk[axis] = true;
      continue;
    }
    begin = is_set(options.begin_mask()) ? (stride > 0 ? 0 : extent - 1) : clamped(begin, extent, stride);
    end = is_set(options.end_mask()) ? (stride > 0 ? extent : -1) : clamped(end, extent, stride);
    if (stride > 0 ? begin >= end : begin <= end) return bad_input("nothing of axis {} is left", axis);
    // A stride beyond the axis takes one element, as any such stride does.
    slice.strides[axis] = std::clamp(stride, -extent, extent);
  }
  return slice;
}

// The layer of a slice of the file's tensor, without the axes that it shrinks.
Result<> make_slice(TfliteConverter& converter, const TfliteOperator& op, TfliteValue x, Slice slice) {
  const Extents dims = converter.dims(x);
  const bool untouched = slice.begin[0] == 0 && slice.end[0] == dims[0] && slice.strides[0] == 1 && !slice.shrunk[0];
  ALGEAN_ASSIGN(x, without_batch(converter, op, x, untouched, {&slice.begin, &slice.end, &slice.strides}));
  if (x.batched) slice.shrunk.erase(slice.shrunk.begin());
  Extents left;
  for (std::size_t axis = 0; axis < slice.begin.size(); ++axis) {
    const std::int64_t stride = slice.strides[axis];
    const std::int64_t way = stride > 0 ? slice.end[axis] - slice.begin[axis] : slice.begin[axis] - slice.end[axis];
    if (!slice.shrunk[axis]) left.push_back(1 + (way - 1) / (stride > 0 ? stride : -stride));
  }
  kernels::LayerSpec spec{
      converter.layer_name(op), "slice", {{"begin", slice.begin}, {"end", slice.end}, {"strides", slice.strides}}, {}};
  if (left.size() == slice.begin.size()) return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
  return converter.make_reshaped(op, std::move(spec), x.id, left, x.batched);
}

}  // namespace

// PAD, PADV2, MIRROR_PAD: input 1 is [axes, 2].
Result<> convert_pad(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  const std::size_t rank = converter.dims(x).size();
  ALGEAN_ASSIGN(const Extents pairs, per_axis(converter, op, 1, 2 * rank));
  Extents before, after;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    before.push_back(pairs[2 * axis]);
    after.push_back(pairs[2 * axis + 1]);
  }
  kernels::LayerSpec spec{converter.layer_name(op), "pad", {}, {}};
  if (op.name == "MIRROR_PAD") {
    ALGEAN_TFLITE_OPTIONS(op, MirrorPadOptions);
    const bool reflects = options->mode() == format::MirrorPadMode_REFLECT;
    if (!reflects && options->mode() != format::MirrorPadMode_SYMMETRIC) return bad_input("its mode is unknown");
    spec.attributes.set("mode", std::string(reflects ? "reflect" : "symmetric"));
  } else {
    ALGEAN_ASSIGN(const double value, pad_value(converter, op));
    spec.attributes.set("value", value);
  }
  const bool untouched = rank > 0 && before[0] == 0 && after[0] == 0;
  ALGEAN_ASSIGN(x, without_batch(converter, op, x, untouched, {&before, &after}));
  spec.attributes.set("before", before);
  spec.attributes.set("after", after);
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

Result<> convert_transpose(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  ALGEAN_ASSIGN(Extents permutation, per_axis(converter, op, 1, converter.dims(x).size()));
  for (std::int64_t& axis : permutation) {
    ALGEAN_ASSIGN(axis, resolved_axis(axis, permutation.size()));
  }
  const bool untouched = !permutation.empty() && permutation[0] == 0;
  ALGEAN_ASSIGN(x, without_batch(converter, op, x, untouched, {&permutation}));
  if (x.batched) {
    for (std::int64_t& axis : permutation) --axis;
  }
  return converter.make(op, {converter.layer_name(op), "transpose", {{"permutation", permutation}}, {}}, {&x.id, 1},
                        x.batched);
}

Result<> convert_tile(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  ALGEAN_ASSIGN(Extents repeats, per_axis(converter, op, 1, converter.dims(x).size()));
  const bool untouched = !repeats.empty() && repeats[0] == 1;
  ALGEAN_ASSIGN(x, without_batch(converter, op, x, untouched, {&repeats}));
  return converter.make(op, {converter.layer_name(op), "tile", {{"repeats", repeats}}, {}}, {&x.id, 1}, x.batched);
}

// Inputs: x, begin, size; a size of -1 reaches to the end.
Result<> convert_slice(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(const TfliteValue x, converter.value(op, 0));
  const Extents dims = converter.dims(x);
  if (dims.empty()) return bad_input("a scalar has no axes");
  Slice slice;
  ALGEAN_ASSIGN(slice.begin, per_axis(converter, op, 1, dims.size()));
  ALGEAN_ASSIGN(slice.end, per_axis(converter, op, 2, dims.size()));
  slice.strides.assign(dims.size(), 1);
  slice.shrunk.resize(dims.size());
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    const std::int64_t begin = slice.begin[axis];
    const std::int64_t size = slice.end[axis] == -1 ? dims[axis] - begin : slice.end[axis];
    if (begin < 0 || begin >= dims[axis] || size < 1 || size > dims[axis] - begin) {
      return bad_input("{} elements from {} on of {}", size, begin, dims[axis]);
    }
    slice.end[axis] = begin + size;
  }
  return make_slice(converter, op, x, std::move(slice));
}

Result<> convert_strided_slice(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, StridedSliceOptions);
  if (options->ellipsis_mask() != 0 || options->new_axis_mask() != 0 || options->offset()) {
    return bad_input("ellipsis_mask, new_axis_mask and offset are not supported");
  }
  ALGEAN_ASSIGN(const TfliteValue x, converter.value(op, 0));
  const Extents dims = converter.dims(x);
  if (dims.empty()) return bad_input("a scalar has no axes");
  Slice slice;
  ALGEAN_ASSIGN(slice.begin, converter.integers(op, 1));
  ALGEAN_ASSIGN(slice.end, converter.integers(op, 2));
  ALGEAN_ASSIGN(slice.strides, converter.integers(op, 3));
  if (slice.begin.size() > dims.size() || slice.end.size() != slice.begin.size() ||
      slice.strides.size() != slice.begin.size()) {
    return bad_input("begin, end and strides must have a number for each of {} axes", dims.size());
  }
  for (std::size_t axis = slice.begin.size(); axis < dims.size(); ++axis) {  // axes behind are taken whole
    slice.begin.push_back(0);
    slice.end.push_back(dims[axis]);
    slice.strides.push_back(1);
  }
  ALGEAN_ASSIGN(slice, strided(*options, std::move(slice), dims));
  return make_slice(converter, op, x, std::move(slice));
}

Result<> convert_gather(TfliteConverter& converter, const TfliteOperator& op) {
  const auto* options = op.format->builtin_options_as_GatherOptions();
  if (options != nullptr && options->batch_dims() != 0) return bad_input("batch_dims is not supported");
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  ALGEAN_ASSIGN(const Extents indices, converter.integers(op, 1));
  ALGEAN_ASSIGN(const std::int64_t axis,
                resolved_axis(options == nullptr ? 0 : options->axis(), converter.dims(x).size()));
  const std::int64_t extent = converter.dims(x)[static_cast<std::size_t>(axis)];
  Extents axes{axis};
  ALGEAN_ASSIGN(x, along(converter, op, x, axes));
  std::vector<std::int32_t> numbers;
  for (const std::int64_t index : indices) {
    if (index < 0 || index >= extent || index > std::numeric_limits<std::int32_t>::max()) {
      return bad_input("index {} of an axis with {}", index, extent);
    }
    numbers.push_back(static_cast<std::int32_t>(index));
  }
  ALGEAN_ASSIGN(const TfliteTensor* tensor, converter.input(op, 1));
  ALGEAN_ASSIGN(Shape shape, Shape::make(tensor->dims));
  kernels::LayerSpec spec{converter.layer_name(op), "gather", {{"axis", axes[0]}}, {}};
  spec.constants["indices"] = std::make_shared<const Tensor>(TensorType{ElementType::int32(), std::move(shape)},
                                                             std::span<const std::int32_t>(numbers));
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

Result<> convert_depth_and_space(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(const TfliteValue x, converter.sample(op, 0, 3));
  std::int64_t block = 0;
  if (op.name == "DEPTH_TO_SPACE") {
    ALGEAN_TFLITE_OPTIONS(op, DepthToSpaceOptions);
    block = options->block_size();
  } else {
    ALGEAN_TFLITE_OPTIONS(op, SpaceToDepthOptions);
    block = options->block_size();
  }
  const char* operation = op.name == "DEPTH_TO_SPACE" ? "depth_to_space" : "space_to_depth";
  return converter.make(op, {converter.layer_name(op), operation, {{"block", block}}, {}}, {&x.id, 1}, true);
}

// RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR: input 1 is the new height and width.
Result<> convert_resize(TfliteConverter& converter, const TfliteOperator& op) {
  const bool bilinear = op.name == "RESIZE_BILINEAR";
  bool corners = false;
  bool half_pixel = false;
  if (const auto* options = op.format->builtin_options_as_ResizeBilinearOptions(); bilinear && options != nullptr) {
    corners = options->align_corners();
    half_pixel = options->half_pixel_centers();
  }
  if (const auto* options = op.format->builtin_options_as_ResizeNearestNeighborOptions(); options != nullptr) {
    corners = options->align_corners();
    half_pixel = options->half_pixel_centers();
  }
  if (corners && half_pixel) return bad_input("align_corners and half_pixel_centers exclude each other");
  ALGEAN_ASSIGN(const TfliteValue x, converter.sample(op, 0, 3));
  ALGEAN_ASSIGN(const Extents size, per_axis(converter, op, 1, 2));
  const char* coordinates = corners       ? "align_corners"
                            : !half_pixel ? "asymmetric"
                            : bilinear    ? "half_pixel"
                                          : "tf_half_pixel_for_nn";
  kernels::LayerSpec spec{converter.layer_name(op),
                          "resize",
                          {{"size", size},
                           {"mode", std::string(bilinear ? "bilinear" : "nearest")},
                           {"coordinates", std::string(coordinates)},
                           {"rounding", std::string(corners && !bilinear ? "round" : "floor")}},
                          {}};
  return converter.make(op, std::move(spec), {&x.id, 1}, true);
}

}  // namespace algean::partitioner::tflite
