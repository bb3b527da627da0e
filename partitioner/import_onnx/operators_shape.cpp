// Flatten, Reshape, Squeeze, Unsqueeze, and Transpose of a constant.
#include <algorithm>
#include <numeric>
#include <set>

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::ValueId;

std::int64_t product(std::span<const std::int64_t> extents) {
  return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
}

Result<OnnxMeaning> reshape_to(OnnxConverter& converter, const OnnxNode& node, ValueId value, Extents extents) {
  ALGEAN_ASSIGN(const Shape shape, Shape::make(std::move(extents)));
  ALGEAN_ASSIGN(const ValueId result,
                converter.builder().add_reshape(OnnxConverter::layer_name(node), value, shape, node.outputs[0]));
  return OnnxMeaning{.value = result};
}

// The target without its batch axis, -1 and 0 resolved.
Result<Extents> reshape_target(const Extents& target, const Shape& input, std::optional<std::int64_t> batch) {
  const auto refuse = [&](const char* why) {
    return bad_input("shape {} for an input of shape {} (without batch): {}", text(target), input.text(), why);
  };
  if (target.empty() || target[0] < -1) return refuse("no batch axis");
  Extents extents(target.begin() + 1, target.end());
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == 0) extents[i] = i < input.rank() ? input[i] : -2;
    if (extents[i] < -1 || extents[i] > Shape::max_elements) return refuse("an extent is none");
  }
  const auto open = std::ranges::count(extents, -1) + (target[0] == -1 ? 1 : 0);
  if (open > 1) return refuse("more than one -1");
  std::int64_t known = 1;
  for (const std::int64_t extent : extents) {
    if (extent == -1) continue;
    if (known > Shape::max_elements / extent) return refuse("too large");
    known *= extent;
  }
  const auto rest = std::ranges::find(extents, -1);
  const bool keeps_batch = target[0] <= 0 || !batch || *batch == target[0];
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

// An attribute before operator set 13, an input from then on; nothing where neither is there.
Result<std::optional<Extents>> axes(OnnxConverter& converter, const OnnxNode& node) {
  if (OnnxConverter::has_input(node, 1)) {
    ALGEAN_ASSIGN(const OnnxConstant constant, converter.constant(node, 1));
    ALGEAN_ASSIGN(Extents values, integer_elements(*constant));
    return values;
  }
  if (!node.attributes.contains("axes")) return std::nullopt;
  ALGEAN_ASSIGN(Extents values, attribute<Extents>(node, "axes", {}, "a list of integers"));
  return values;
}

// Indices of `axes` among `rank` axes, batch among them.
Result<std::set<std::int64_t>> normalised(const Extents& axes, std::int64_t rank) {
  std::set<std::int64_t> indices;
  for (const std::int64_t axis : axes) {
    const std::int64_t index = axis < 0 ? axis + rank : axis;
    if (index < 0 || index >= rank || !indices.insert(index).second)
      return bad_input("axes {} of {} axes", text(axes), rank);
  }
  return indices;
}

Result<Extents> squeezed(const Extents& extents, const std::optional<Extents>& axes) {
  const auto rank = static_cast<std::int64_t>(extents.size());
  ALGEAN_ASSIGN(const auto indices, normalised(axes.value_or(Extents{}), rank));
  Extents result;
  for (std::int64_t i = 0; i < rank; ++i) {
    const std::int64_t extent = extents[static_cast<std::size_t>(i)];
    const bool goes = axes ? indices.contains(i) : extent == 1;
    if (goes && extent != 1) return bad_input("axis {} has extent {}, 1 expected", i, extent);
    if (!goes) result.push_back(extent);
  }
  return result;
}

Result<Extents> unsqueezed(const Extents& extents, const std::optional<Extents>& axes) {
  if (!axes) return bad_input("no axes");
  const auto rank = static_cast<std::int64_t>(extents.size() + axes->size());
  ALGEAN_ASSIGN(const auto indices, normalised(*axes, rank));
  Extents result;
  for (std::int64_t i = 0, from = 0; i < rank; ++i)
    result.push_back(indices.contains(i) ? 1 : extents[static_cast<std::size_t>(from++)]);
  return result;
}

Result<OnnxMeaning> constant_like(OnnxConverter& converter, const OnnxTensor& tensor, Extents extents) {
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  OnnxTensor result = tensor;
  result.extents = std::move(extents);
  return OnnxMeaning{.constant = std::make_shared<const OnnxTensor>(std::move(result))};
}

// Squeeze or Unsqueeze; of a tensor of the graph the batch, which stands in front with an extent that is never 1 here,
// stays.
template <Result<Extents> (*change)(const Extents&, const std::optional<Extents>&)>
Result<OnnxMeaning> change_axes(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const auto given, axes(converter, node));
  ALGEAN_ASSIGN(const OnnxMeaning* meaning, converter.meaning(node, 0));
  if (meaning->constant) {
    ALGEAN_ASSIGN(Extents extents, change(meaning->constant->extents, given));
    return constant_like(converter, *meaning->constant, std::move(extents));
  }
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  constexpr std::int64_t batch = -1;
  Extents extents{batch};
  for (const std::int64_t extent : converter.builder().shape(value).extents()) extents.push_back(extent);
  ALGEAN_ASSIGN(Extents changed, change(extents, given));
  if (changed.empty() || changed.front() != batch) return bad_input("changes the batch axis, which is not supported");
  changed.erase(changed.begin());
  return reshape_to(converter, node, value, std::move(changed));
}

// The tensor's bytes with its axes in another order.
std::vector<std::byte> reordered(const OnnxTensor& tensor, const Extents& order) {
  const std::size_t size = onnx_element_bytes(tensor.type);
  const std::size_t rank = order.size();
  Extents strides(rank, 1);
  for (std::size_t axis = rank; axis-- > 1;) strides[axis - 1] = strides[axis] * tensor.extents[axis];
  const auto source_axis = [&](std::size_t axis) { return static_cast<std::size_t>(order[axis]); };
  std::vector<std::byte> result;
  result.reserve(tensor.bytes.size());
  Extents index(rank, 0);
  while (result.size() < tensor.bytes.size()) {
    std::int64_t from = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) from += index[axis] * strides[source_axis(axis)];
    const auto* element = tensor.bytes.data() + static_cast<std::size_t>(from) * size;
    result.insert(result.end(), element, element + size);
    for (std::size_t axis = rank; axis-- > 0;) {
      if (++index[axis] < tensor.extents[source_axis(axis)]) break;
      index[axis] = 0;
    }
  }
  return result;
}

}  // namespace

Result<OnnxMeaning> flatten(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 1));
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  const Shape& shape = converter.builder().shape(value);
  const auto all = static_cast<std::int64_t>(shape.rank()) + 1;
  const std::int64_t axis = written < 0 ? written + all : written;
  if (axis < 1 || axis > all || product(shape.extents().first(static_cast<std::size_t>(axis - 1))) != 1) {
    return bad_input("axis {} would mix the batch with other axes, which is not supported", written);
  }
  return reshape_to(converter, node, value, {shape.elements()});
}

Result<OnnxMeaning> reshape(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(must_be(node, "allowzero", 0));
  ALGEAN_ASSIGN(const OnnxConstant target, converter.constant(node, 1));
  ALGEAN_ASSIGN(const Extents wanted, integer_elements(*target));
  ALGEAN_ASSIGN(const ValueId value, converter.value(node, 0));
  ALGEAN_ASSIGN(Extents extents, reshape_target(wanted, converter.builder().shape(value), converter.written_batch()));
  return reshape_to(converter, node, value, std::move(extents));
}

Result<OnnxMeaning> squeeze(OnnxConverter& converter, const OnnxNode& node) {
  return change_axes<squeezed>(converter, node);
}

Result<OnnxMeaning> unsqueeze(OnnxConverter& converter, const OnnxNode& node) {
  return change_axes<unsqueezed>(converter, node);
}

Result<OnnxMeaning> transpose(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_ASSIGN(Extents order, attribute<Extents>(node, "perm", {}, "a list of integers"));
  ALGEAN_ASSIGN(const OnnxConstant tensor, converter.constant(node, 0));
  const std::size_t rank = tensor->extents.size();
  if (order.empty()) {
    for (std::size_t axis = rank; axis-- > 0;) order.push_back(static_cast<std::int64_t>(axis));
  }
  ALGEAN_ASSIGN(const auto all, normalised(order, static_cast<std::int64_t>(rank)));
  if (all.size() != rank || std::ranges::any_of(order, [](std::int64_t axis) { return axis < 0; })) {
    return bad_input("perm {} of {} axes", text(order), rank);
  }
  if (onnx_element_bytes(tensor->type) == 0) {
    return bad_input("'{}' of type {} not supported", tensor->name, tensor->type);
  }
  ALGEAN_TRY(converter.spend(tensor->bytes.size()));
  OnnxTensor result{.name = tensor->name,
                    .type = tensor->type,
                    .extents = {},
                    .bytes = reordered(*tensor, order),
                    .external = std::nullopt};
  for (const std::int64_t axis : order) result.extents.push_back(tensor->extents[static_cast<std::size_t>(axis)]);
  return OnnxMeaning{.constant = std::make_shared<const OnnxTensor>(std::move(result))};
}

}  // namespace algean::partitioner::operators
