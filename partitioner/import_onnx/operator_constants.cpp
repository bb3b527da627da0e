// Constants as layers take them.
#include <algorithm>
#include <cstring>

#include "partitioner/import_onnx/operator_tools.hpp"

namespace algean::partitioner::operators {
namespace {

template <class T>
OnnxTensor tensor_of(const std::string& name, const char* type, const Extents& extents, std::span<const T> elements) {
  const auto bytes = std::as_bytes(elements);
  return {.name = name,
          .type = type,
          .extents = extents,
          .bytes = {bytes.begin(), bytes.end()},
          .external = std::nullopt,
          .quantisation = std::nullopt};
}

// The elements of a tensor in the order that `extents` (of the result) and `strides` (of what is read) say.
std::vector<std::byte> gathered(const OnnxTensor& tensor, const Extents& extents, const Extents& strides) {
  const std::size_t size = onnx_element_bytes(tensor.type);
  std::vector<std::byte> result;
  result.reserve(tensor.bytes.size());
  Extents index(extents.size(), 0);
  while (result.size() < tensor.bytes.size()) {
    std::int64_t from = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) from += index[axis] * strides[axis];
    const auto* element = tensor.bytes.data() + static_cast<std::size_t>(from) * size;
    result.insert(result.end(), element, element + size);
    for (std::size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < extents[axis]) break;
      index[axis] = 0;
    }
  }
  return result;
}

// The integer type that holds `type`'s codes, and what to take from each code and zero point; nothing for other types.
std::optional<std::pair<ElementType, std::int64_t>> code_type(const std::string& type) {
  if (type == "int8") return std::pair(ElementType::int8(), std::int64_t{0});
  if (type == "uint8") return std::pair(ElementType::int8(), std::int64_t{128});
  if (type == "int4") return std::pair(ElementType::integer(4, true), std::int64_t{0});
  if (type == "uint4") return std::pair(ElementType::integer(4, true), std::int64_t{8});
  if (type == "int32") return std::pair(ElementType::int32(), std::int64_t{0});
  return std::nullopt;
}

}  // namespace

bool has_fair_extents(const Extents& extents) {
  std::int64_t elements = 1;
  for (const std::int64_t extent : extents) {
    if (extent > Shape::max_elements || (extent > 0 && elements > Shape::max_elements / extent)) return false;
    elements *= std::max<std::int64_t>(1, extent);
  }
  return true;
}

Result<std::vector<float>> weights(const OnnxTensor& tensor) {
  ALGEAN_ASSIGN(std::vector<float> elements, float_elements(tensor));
  ALGEAN_ASSIGN(Shape shape, Shape::make(tensor.extents));
  ALGEAN_TRY(make_constant("'" + tensor.name + "'", std::move(shape), elements));
  return elements;
}

OnnxTensor reshaped(OnnxTensor tensor, Extents extents) {
  tensor.extents = std::move(extents);
  return tensor;
}

OnnxTensor float_tensor(const std::string& name, const Extents& extents, std::span<const float> elements) {
  return tensor_of(name, "float", extents, elements);
}

OnnxTensor integer_tensor(const std::string& name, const Extents& extents, std::span<const std::int64_t> elements) {
  return tensor_of(name, "int64", extents, elements);
}

Result<OnnxTensor> permuted(OnnxConverter& converter, const OnnxTensor& tensor, const AxisOrder& order) {
  if (onnx_element_bytes(tensor.type) == 0) {
    return bad_input("'{}' of type {} not supported", tensor.name, tensor.type);
  }
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  const std::size_t rank = order.size();
  Extents strides(rank, 1);
  for (std::size_t axis = rank; axis-- > 1;) strides[axis - 1] = strides[axis] * tensor.extents[axis];
  Extents extents;
  Extents moved_strides;
  OnnxTensor result = {.name = tensor.name,
                       .type = tensor.type,
                       .extents = {},
                       .bytes = {},
                       .external = std::nullopt,
                       .quantisation = tensor.quantisation};
  for (std::size_t i = 0; i < rank; ++i) {
    extents.push_back(tensor.extents[order[i]]);
    moved_strides.push_back(strides[order[i]]);
    if (tensor.quantisation && tensor.quantisation->axis == static_cast<int>(order[i])) {
      result.quantisation->axis = static_cast<int>(i);
    }
  }
  result.bytes = gathered(tensor, extents, moved_strides);
  result.extents = std::move(extents);
  return result;
}

Result<Constant> layer_constant(OnnxConverter& converter, const OnnxTensor& tensor) {
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  ALGEAN_ASSIGN(Shape shape, Shape::make(tensor.extents));
  const auto type = code_type(tensor.type);
  if (!tensor.quantisation || !type || tensor.quantisation->axis > 0) {
    ALGEAN_ASSIGN(const std::vector<float> elements, float_elements(tensor));
    return make_constant("'" + tensor.name + "'", std::move(shape), elements);
  }
  const auto& [element, offset] = *type;
  ALGEAN_ASSIGN(const auto codes, integer_elements(tensor));
  Quantisation quantisation = *tensor.quantisation;
  for (std::int32_t& zero_point : quantisation.zero_points) zero_point -= static_cast<std::int32_t>(offset);
  auto result = std::make_shared<Tensor>(TensorType{element.with(std::move(quantisation)), std::move(shape)});
  if (element.bytes() == 4) {
    std::ranges::transform(codes, result->elements<std::int32_t>().begin(),
                           [](std::int64_t code) { return static_cast<std::int32_t>(code); });
  } else {
    std::ranges::transform(codes, result->elements<std::int8_t>().begin(),
                           [&](std::int64_t code) { return static_cast<std::int8_t>(code - offset); });
  }
  return std::shared_ptr<const Tensor>(std::move(result));
}

Result<OnnxTensor> beside(OnnxConverter& converter, const OnnxTensor& tensor, const PlacedValue& value) {
  const std::size_t rank = value.order.size();
  Extents extents = tensor.extents;
  if (extents.size() == rank + 1 && extents.front() == 1) extents.erase(extents.begin());
  if (extents.size() > rank) {
    return bad_input("'{}' of shape {} has an extent for the batch, or more axes than the other operand", tensor.name,
                     text(tensor.extents));
  }
  extents.insert(extents.begin(), rank - extents.size(), 1);
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  ALGEAN_ASSIGN(const std::vector<float> elements, weights(tensor));
  return permuted(converter, float_tensor(tensor.name, std::move(extents), elements), value.order);
}

}  // namespace algean::partitioner::operators
