// Reshaping, joining and cutting of constants.
#include <algorithm>

#include "partitioner/import_onnx/fold.hpp"

namespace algean::partitioner::operators {

Result<Outputs> fold_reshape(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const OnnxTensor& tensor = *inputs.at(0);
  const std::int64_t elements = product(tensor.extents);
  Extents target;
  if (node.operation == "Flatten") {
    ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 1));
    const auto rank = static_cast<std::int64_t>(tensor.extents.size());
    const std::int64_t axis = written < 0 ? written + rank : written;
    if (axis < 0 || axis > rank) return bad_input("axis {} of {} axes", written, rank);
    const auto first = std::span(tensor.extents).first(static_cast<std::size_t>(axis));
    target = {product(first), product(std::span(tensor.extents).subspan(first.size()))};
  } else {
    ALGEAN_ASSIGN(const auto given, integers_of(converter, node, 1, "shape"));
    target = given.value_or(Extents{});
  }
  std::int64_t known = 1;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == 0 && i < tensor.extents.size()) target[i] = tensor.extents[i];
    if (target[i] < -1 || target[i] > Shape::max_elements) return bad_input("shape {}", text(target));
    if (target[i] > 0 && known > Shape::max_elements / target[i]) return bad_input("shape {}", text(target));
    if (target[i] >= 0) known *= target[i];
  }
  const auto open = std::ranges::find(target, -1);
  if (open != target.end() && known > 0) {
    *open = elements / known;
    known *= *open;
  }
  if (known != elements || std::ranges::count(target, -1) > 0) {
    return bad_input("shape {} for a constant of shape {}", text(target), text(tensor.extents));
  }
  ALGEAN_TRY(count_elements(converter, target, onnx_element_bytes(tensor.type)));
  return one(reshaped(tensor, std::move(target)));
}

Result<Outputs> fold_squeeze(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const OnnxTensor& tensor = *inputs.at(0);
  ALGEAN_ASSIGN(const auto given, integers_of(converter, node, 1, "axes"));
  const bool adds = node.operation == "Unsqueeze";
  if (adds && !given) return bad_input("no axes");
  const std::size_t rank = tensor.extents.size() + (adds ? given->size() : 0);
  ALGEAN_ASSIGN(const auto axes, normalised(given.value_or(Extents{}), static_cast<std::int64_t>(rank)));
  Extents extents;
  for (std::size_t i = 0, from = 0; i < rank; ++i) {
    const bool named = axes.contains(static_cast<std::int64_t>(i));
    if (adds) {
      extents.push_back(named ? 1 : tensor.extents[from++]);
      continue;
    }
    const bool goes = given ? named : tensor.extents[i] == 1;
    if (goes && tensor.extents[i] != 1) return bad_input("axis {} has extent {}, 1 expected", i, tensor.extents[i]);
    if (!goes) extents.push_back(tensor.extents[i]);
  }
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  return one(reshaped(tensor, std::move(extents)));
}

Result<Outputs> fold_transpose(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const std::size_t rank = inputs.at(0)->extents.size();
  Extents backwards;
  for (std::size_t axis = rank; axis-- > 0;) backwards.push_back(static_cast<std::int64_t>(axis));
  ALGEAN_ASSIGN(const Extents order, integers(node, "perm", backwards));
  ALGEAN_ASSIGN(const auto all, normalised(order, static_cast<std::int64_t>(rank)));
  if (all.size() != rank || std::ranges::any_of(order, [](std::int64_t axis) { return axis < 0; })) {
    return bad_input("perm {} of {} axes", text(order), rank);
  }
  ALGEAN_ASSIGN(OnnxTensor result, permuted(converter, *inputs[0], AxisOrder(order.begin(), order.end())));
  return one(std::move(result));
}

Result<Outputs> fold_gather(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const OnnxTensor& tensor = *inputs.at(0);
  const OnnxTensor& where = *inputs.at(1);
  const auto rank = static_cast<std::int64_t>(tensor.extents.size());
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 0));
  const std::int64_t axis = written < 0 ? written + rank : written;
  if (axis < 0 || axis >= rank) return bad_input("axis {} of {} axes", written, rank);
  ALGEAN_ASSIGN(const Extents indices, integer_elements(where));
  Extents extents = tensor.extents;
  const auto at = extents.erase(extents.begin() + axis);
  extents.insert(at, where.extents.begin(), where.extents.end());
  ALGEAN_ASSIGN(const std::size_t count, count_elements(converter, extents, onnx_element_bytes(tensor.type)));
  const std::int64_t extent = tensor.extents[static_cast<std::size_t>(axis)];
  const std::int64_t outer = product(std::span(tensor.extents).first(static_cast<std::size_t>(axis)));
  const std::int64_t inner = product(std::span(tensor.extents).subspan(static_cast<std::size_t>(axis) + 1));
  std::vector<std::size_t> from;
  from.reserve(count);
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const std::int64_t index : indices) {
      const std::int64_t resolved = index < 0 ? index + extent : index;
      if (resolved < 0 || resolved >= extent) return bad_input("index {} of {}", index, extent);
      for (std::int64_t i = 0; i < inner; ++i) {
        from.push_back(static_cast<std::size_t>((o * extent + resolved) * inner + i));
      }
    }
  }
  return one(picked(tensor, std::move(extents), from));
}

Result<Outputs> fold_concat(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const OnnxTensor& first = *inputs.at(0);
  const auto rank = static_cast<std::int64_t>(first.extents.size());
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 1));
  const std::int64_t axis = written < 0 ? written + rank : written;
  if (axis < 0 || axis >= rank) return bad_input("axis {} of {} axes", written, rank);
  Extents extents = first.extents;
  extents[static_cast<std::size_t>(axis)] = 0;
  for (const OnnxConstant& input : inputs) {
    Extents same = input ? input->extents : Extents{};
    if (same.size() != extents.size() || input->type != first.type)
      return bad_input("constants that do not fit together");
    std::swap(same[static_cast<std::size_t>(axis)], extents[static_cast<std::size_t>(axis)]);
    const std::int64_t grown = extents[static_cast<std::size_t>(axis)] + same[static_cast<std::size_t>(axis)];
    extents[static_cast<std::size_t>(axis)] = same[static_cast<std::size_t>(axis)];
    if (same != extents) return bad_input("constants that do not fit together");
    extents[static_cast<std::size_t>(axis)] = grown;
  }
  const std::size_t element = onnx_element_bytes(first.type);
  ALGEAN_TRY(count_elements(converter, extents, element));
  OnnxTensor result = reshaped(picked(first, {0}, {}), extents);
  const std::int64_t outer = product(std::span(extents).first(static_cast<std::size_t>(axis)));
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const OnnxConstant& input : inputs) {
      const std::size_t bytes = input->bytes.size() / static_cast<std::size_t>(outer);
      const auto from = input->bytes.begin() + o * static_cast<std::ptrdiff_t>(bytes);
      result.bytes.insert(result.bytes.end(), from, from + static_cast<std::ptrdiff_t>(bytes));
    }
  }
  return one(std::move(result));
}

// Of lists alone, as exporters cut shapes.
Result<Outputs> fold_slice(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const OnnxTensor& tensor = *inputs.at(0);
  ALGEAN_ASSIGN(const auto starts, integers_of(converter, node, 1, "starts"));
  ALGEAN_ASSIGN(const auto ends, integers_of(converter, node, 2, "ends"));
  ALGEAN_ASSIGN(const auto steps, integers_of(converter, node, 4, ""));
  const bool list = tensor.extents.size() == 1 && starts && ends && starts->size() == 1 && ends->size() == 1;
  if (!list || (steps && *steps != Extents{1})) return bad_input("of a constant not supported but for lists");
  const std::int64_t extent = tensor.extents[0];
  const auto resolve = [&](std::int64_t i) { return std::clamp<std::int64_t>(i < 0 ? i + extent : i, 0, extent); };
  std::vector<std::size_t> from;
  for (std::int64_t i = resolve(starts->at(0)); i < resolve(ends->at(0)); ++i)
    from.push_back(static_cast<std::size_t>(i));
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  return one(picked(tensor, {static_cast<std::int64_t>(from.size())}, from));
}

Result<Outputs> fold_expand(OnnxConverter& converter, const OnnxNode&, const Constants& inputs) {
  ALGEAN_ASSIGN(const Extents wanted, integer_elements(*inputs.at(1)));
  ALGEAN_ASSIGN(const Extents extents, broadcast(inputs[0]->extents, wanted));
  ALGEAN_TRY(count_elements(converter, extents, onnx_element_bytes(inputs[0]->type)));
  return one(picked(*inputs[0], extents, broadcast_indices(inputs[0]->extents, extents)));
}

}  // namespace algean::partitioner::operators
