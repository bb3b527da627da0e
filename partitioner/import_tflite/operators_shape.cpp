// Operators that give other axes, join tensors or part them.
#include <algorithm>
#include <numeric>

#include "partitioner/import_tflite/operators.hpp"

namespace algean::partitioner::tflite {
namespace {

// The extents that a RESHAPE asks for, -1 resolved.
Result<Extents> reshape_target(TfliteConverter& converter, const TfliteOperator& op, std::int64_t elements) {
  Extents target;
  if (TfliteConverter::has_input(op, 1)) {
    ALGEAN_ASSIGN(target, converter.integers(op, 1));
  } else {
    ALGEAN_TFLITE_OPTIONS(op, ReshapeOptions);
    if (options->new_shape() != nullptr) target.assign(options->new_shape()->begin(), options->new_shape()->end());
  }
  std::int64_t known = 1;
  std::int64_t* open = nullptr;
  for (std::int64_t& extent : target) {
    if (extent == -1 && open == nullptr) {
      open = &extent;
      continue;
    }
    if (extent < 1 || extent > elements / known) {
      return bad_input("[{}] cannot hold {} elements", fmt::join(target, ","), elements);
    }
    known *= extent;
  }
  if (open != nullptr) *open = elements / known;
  if (open == nullptr ? known == elements : elements % known == 0) return target;
  return bad_input("[{}] cannot hold {} elements", fmt::join(target, ","), elements);
}

Result<Extents> squeeze_target(const TfliteOperator& op, const Extents& dims) {
  Extents axes;
  const auto* options = op.format->builtin_options_as_SqueezeOptions();
  if (options != nullptr && options->squeeze_dims() != nullptr) {
    for (const std::int32_t axis : *options->squeeze_dims()) {
      ALGEAN_ASSIGN(const std::int64_t resolved, resolved_axis(axis, dims.size()));
      if (dims[static_cast<std::size_t>(resolved)] != 1) return bad_input("axis {} has more than one element", axis);
      axes.push_back(resolved);
    }
  }
  Extents target;
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    const bool named = std::ranges::find(axes, static_cast<std::int64_t>(axis)) != axes.end();
    if (!(axes.empty() ? dims[axis] == 1 : named)) target.push_back(dims[axis]);
  }
  return target;
}

Result<Extents> expand_target(TfliteConverter& converter, const TfliteOperator& op, Extents dims) {
  ALGEAN_ASSIGN(const std::int64_t given, scalar(converter, op, 1));
  ALGEAN_ASSIGN(const std::int64_t axis, resolved_axis(given, dims.size() + 1));
  dims.insert(dims.begin() + axis, 1);
  return dims;
}

// A value with other extents of the file's tensor; batched stays what keeps the batch in front.
Result<TfliteValue> with_dims(TfliteConverter& converter, const TfliteOperator& op, TfliteValue x, const Extents& dims,
                              const std::string& name) {
  const bool keeps = x.batched && !dims.empty() && dims[0] == converter.batch();
  if (x.batched && !keeps && converter.batch() != 1) {
    return bad_input("mixes the batch of {} with other axes", converter.batch());
  }
  ALGEAN_ASSIGN(x.id, converter.reshaped(op, x.id, keeps ? Extents(dims.begin() + 1, dims.end()) : dims, name));
  x.batched = keeps;
  return x;
}

// All inputs from `first` on as values that have the batch alike, for a layer along `axis` (resolved) of the file's.
Result<std::vector<TfliteValue>> alike(TfliteConverter& converter, const TfliteOperator& op, std::int64_t axis) {
  std::vector<TfliteValue> values;
  bool batched = axis != 0;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    ALGEAN_ASSIGN(const TfliteValue x, converter.value(op, i));
    batched = batched && x.batched;
    values.push_back(x);
  }
  for (TfliteValue& x : values) {
    if (!batched) {
      ALGEAN_ASSIGN(x, converter.whole(op, x));
    }
  }
  return values;
}

// Sizes of SPLIT and SPLIT_V, -1 resolved.
Result<Extents> split_sizes(TfliteConverter& converter, const TfliteOperator& op, std::int64_t extent) {
  const auto parts = static_cast<std::int64_t>(op.outputs.size());
  if (op.name == "SPLIT") {
    if (extent % parts != 0) return bad_input("{} elements in {} parts", extent, parts);
    return Extents(op.outputs.size(), extent / parts);
  }
  ALGEAN_ASSIGN(Extents sizes, converter.integers(op, 1));
  if (sizes.size() != op.outputs.size()) return bad_input("{} sizes for {} outputs", sizes.size(), parts);
  const auto open = std::ranges::find(sizes, -1);
  if (open != sizes.end()) {
    std::int64_t left = extent + 1;  // less the -1 itself
    for (const std::int64_t size : sizes) {
      if (size < -1 || size > extent) return bad_input("size {} of {}", size, extent);
      left -= size == -1 ? 0 : size;
    }
    *open = left - 1;
  }
  return sizes;
}

}  // namespace

Result<> convert_reshape(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_ASSIGN(const TfliteValue x, converter.value(op, 0));
  const Extents dims = converter.dims(x);
  const std::int64_t elements = std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
  auto target = op.name == "SQUEEZE"       ? squeeze_target(op, dims)
                : op.name == "EXPAND_DIMS" ? expand_target(converter, op, dims)
                                           : reshape_target(converter, op, elements);
  if (!target) return std::unexpected(std::move(target).error());
  ALGEAN_ASSIGN(const TfliteValue y, with_dims(converter, op, x, *target, converter.output(op).name));
  ALGEAN_TRY(converter.check_same_type(op, y));
  converter.define(op, 0, y);
  return {};
}

Result<> convert_concatenation(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, ConcatenationOptions);
  ALGEAN_ASSIGN(const std::string activation, activation_text(options->fused_activation_function()));
  if (activation != "linear") return bad_input("its fused activation is not supported");
  ALGEAN_ASSIGN(const TfliteValue first, converter.value(op, 0));
  ALGEAN_ASSIGN(std::int64_t axis, resolved_axis(options->axis(), converter.dims(first).size()));
  ALGEAN_ASSIGN(const std::vector<TfliteValue> values, alike(converter, op, axis));
  if (values[0].batched) --axis;
  std::vector<kernels::ValueId> ids;
  for (const TfliteValue& x : values) ids.push_back(x.id);
  return converter.make(op, {converter.layer_name(op), "concat", {{"axis", axis}}, {}}, ids, values[0].batched);
}

// Each input gets an axis of one element, along which they are joined.
Result<> convert_pack(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, PackOptions);
  ALGEAN_ASSIGN(const TfliteValue first, converter.value(op, 0));
  ALGEAN_ASSIGN(std::int64_t axis, resolved_axis(options->axis(), converter.dims(first).size() + 1));
  ALGEAN_ASSIGN(const std::vector<TfliteValue> values, alike(converter, op, axis));
  if (values[0].batched) --axis;
  std::vector<kernels::ValueId> ids;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto inner = converter.shape(values[i]).extents();
    Extents extents(inner.begin(), inner.end());
    if (axis > std::ssize(extents)) return bad_input("inputs have different axes");
    extents.insert(extents.begin() + axis, 1);
    const std::string name = fmt::format("{}/input_{}", converter.output(op).name, i);
    ALGEAN_ASSIGN(const kernels::ValueId id, converter.reshaped(op, values[i].id, extents, name));
    ids.push_back(id);
  }
  return converter.make(op, {converter.layer_name(op), "concat", {{"axis", axis}}, {}}, ids, values[0].batched);
}

Result<> convert_split(TfliteConverter& converter, const TfliteOperator& op) {
  const bool even = op.name == "SPLIT";  // inputs: axis, x; else x, sizes, axis
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, even ? 1 : 0));
  ALGEAN_ASSIGN(const std::int64_t given, scalar(converter, op, even ? 0 : 2));
  ALGEAN_ASSIGN(const std::int64_t resolved, resolved_axis(given, converter.dims(x).size()));
  Extents axes{resolved};
  ALGEAN_ASSIGN(x, along(converter, op, x, axes));
  const std::int64_t extent = converter.shape(x)[static_cast<std::size_t>(axes[0])];
  ALGEAN_ASSIGN(Extents sizes, split_sizes(converter, op, extent));
  kernels::LayerSpec spec{converter.layer_name(op), "split", {{"axis", axes[0]}, {"sizes", std::move(sizes)}}, {}};
  return converter.make(op, std::move(spec), {&x.id, 1}, x.batched);
}

// Parts of one element along the axis, which then goes.
Result<> convert_unpack(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, UnpackOptions);
  ALGEAN_ASSIGN(TfliteValue x, converter.value(op, 0));
  ALGEAN_ASSIGN(const std::int64_t resolved, resolved_axis(options->axis(), converter.dims(x).size()));
  Extents axes{resolved};
  ALGEAN_ASSIGN(x, along(converter, op, x, axes));
  const auto axis = static_cast<std::size_t>(axes[0]);
  const auto inner = converter.shape(x).extents();
  Extents extents(inner.begin(), inner.end());
  if (extents[axis] != std::ssize(op.outputs)) {
    return bad_input("{} outputs for {} elements", op.outputs.size(), extents[axis]);
  }
  extents.erase(extents.begin() + axes[0]);
  kernels::LayerSpec spec{
      converter.layer_name(op), "split", {{"axis", axes[0]}, {"sizes", Extents(op.outputs.size(), 1)}}, {}};
  return converter.make_reshaped(op, std::move(spec), x.id, extents, x.batched);
}

}  // namespace algean::partitioner::tflite
