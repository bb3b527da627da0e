// What operators read: tensors of the graph, and constants of the file.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "partitioner/import_tflite/converter.hpp"

namespace algean::partitioner::tflite {
namespace {

// Repeated use of a constant must not let a small file ask for any amount of memory: this on top of eight times the
// file (whose int8 may become float32).
constexpr std::size_t spendable_bytes = std::size_t{64} << 20U;

std::size_t element_bytes(TfliteType type) {
  switch (type) {
    case TfliteType::int8:
    case TfliteType::uint8:
      return 1;
    case TfliteType::float16:
      return 2;
    case TfliteType::int64:
      return 8;
    default:
      return 4;
  }
}

float from_half(std::uint16_t half) {
  const int exponent = (half / 1024) % 32;
  const int fraction = half % 1024;
  const float sign = (half & 0x8000U) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) return fraction == 0 ? sign * HUGE_VALF : NAN;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

// The constant's shape, whose elements are all there.
Result<Shape> constant_shape(const TfliteTensor& tensor) {
  ALGEAN_ASSIGN(Shape shape, Shape::make(tensor.dims));
  const std::size_t expected = static_cast<std::size_t>(shape.elements()) * element_bytes(tensor.type);
  if (tensor.data.size() == expected) return shape;
  return bad_input("{}{} has {} bytes, must have {}", tensor.type_name, shape.text(), tensor.data.size(), expected);
}

Result<> check_quantisation(const Quantisation& q, std::int64_t low, std::int64_t high) {
  for (std::size_t i = 0; i < q.scales.size(); ++i) {
    if (!(q.scales[i] > 0) || !std::isfinite(q.scales[i])) return bad_input("scale {} is {}", i, q.scales[i]);
    if (q.zero_points[i] < low || q.zero_points[i] > high) return bad_input("zero point {} is {}", i, q.zero_points[i]);
  }
  return {};
}

template <class T>
Constant tensor_of(ElementType type, Shape shape, std::span<const std::byte> data) {
  auto tensor = std::make_shared<Tensor>(TensorType{std::move(type), std::move(shape)});
  std::memcpy(tensor->bytes().data(), data.data(), data.size());
  return tensor;
}

}  // namespace

Extents TfliteConverter::dims(TfliteValue value) const {
  const auto inner = shape(value).extents();
  Extents result;
  if (value.batched) result.push_back(batch_);
  result.insert(result.end(), inner.begin(), inner.end());
  return result;
}

Result<const TfliteTensor*> TfliteConverter::input(const TfliteOperator& op, std::size_t i) const {
  if (!has_input(op, i)) return bad_input("input {} is missing", i);
  const TfliteTensor& tensor = model_.tensors[static_cast<std::size_t>(op.inputs[i])];
  if (!tensor.refusal.empty()) return bad_input("input {} ('{:.100}'): {}", i, tensor.name, tensor.refusal);
  return &tensor;
}

Result<> TfliteConverter::check_outputs(const TfliteOperator& op) const {
  for (const std::size_t i : op.outputs) {
    const TfliteTensor& tensor = model_.tensors[i];
    if (!tensor.refusal.empty()) return bad_input("output '{:.100}': {}", tensor.name, tensor.refusal);
    if (tensor.is_constant) return bad_input("output '{:.100}' is a constant", tensor.name);
    if (values_[i]) return bad_input("output '{:.100}' is made a second time", tensor.name);
  }
  return {};
}

bool TfliteConverter::is_constant(const TfliteOperator& op, std::size_t i) const {
  if (!has_input(op, i)) return false;
  const auto tensor = static_cast<std::size_t>(op.inputs[i]);
  return model_.tensors[tensor].is_constant || (tensor < constants_.size() && constants_[tensor] != nullptr);
}

Result<TfliteValue> TfliteConverter::value(const TfliteOperator& op, std::size_t i) const {
  ALGEAN_ASSIGN(const TfliteTensor* tensor, input(op, i));
  if (is_constant(op, i)) return bad_input("input {} ('{:.100}') is a constant", i, tensor->name);
  const auto& known = values_[static_cast<std::size_t>(op.inputs[i])];
  if (!known) return silent();
  return *known;
}

Result<TfliteValue> TfliteConverter::whole(const TfliteOperator& op, TfliteValue value) {
  if (!value.batched) return value;
  if (batch_ != 1) return bad_input("mixes the batch of {} with other axes", batch_);
  ALGEAN_ASSIGN(value.id, reshaped(op, value.id, dims(value), builder_.name(value.id) + "/whole"));
  value.batched = false;
  return value;
}

Result<TfliteValue> TfliteConverter::sample(const TfliteOperator& op, std::size_t i, std::size_t rank) {
  ALGEAN_ASSIGN(TfliteValue x, value(op, i));
  const Extents all = dims(x);
  if (all.size() != rank + 1 || all[0] != batch_) {
    return bad_input("input {} is [{}], must have {} axes, first the batch ({})", i, fmt::join(all, ","), rank + 1,
                     batch_);
  }
  if (x.batched) return x;
  ALGEAN_ASSIGN(x.id, reshaped(op, x.id, {all.begin() + 1, all.end()}, builder_.name(x.id) + "/sample"));
  x.batched = true;
  return x;
}

Result<> TfliteConverter::spend(std::size_t bytes) {
  spent_bytes_ += bytes;
  const std::size_t most = spendable_bytes + 8 * model_.file_bytes;
  if (spent_bytes_ <= most) return {};
  return bad_input("constants and names are used over and over and take more than {} bytes", most);
}

Result<Extents> TfliteConverter::integers(const TfliteOperator& op, std::size_t i) {
  ALGEAN_ASSIGN(const TfliteTensor* tensor, input(op, i));
  if (!tensor->is_constant) return bad_input("input {} ('{:.100}') must be a constant", i, tensor->name);
  if (tensor->type != TfliteType::int32 && tensor->type != TfliteType::int64) {
    return bad_input("input {} is {}, must be int32 or int64", i, tensor->type_name);
  }
  ALGEAN_ASSIGN(const Shape shape, constant_shape(*tensor));
  const auto count = static_cast<std::size_t>(shape.elements());
  ALGEAN_TRY(spend(8 * count));
  Extents result(count);
  for (std::size_t k = 0; k < count; ++k) {
    if (tensor->type == TfliteType::int64) {
      std::memcpy(&result[k], &tensor->data[8 * k], 8);
    } else {
      std::int32_t number = 0;
      std::memcpy(&number, &tensor->data[4 * k], 4);
      result[k] = number;
    }
  }
  return result;
}

Result<Constant> TfliteConverter::constant(const TfliteOperator& op, std::size_t i) {
  ALGEAN_ASSIGN(const TfliteTensor* tensor, input(op, i));
  const auto index = static_cast<std::size_t>(op.inputs[i]);
  if (index < constants_.size() && constants_[index] != nullptr) return constants_[index];
  const auto within = [&](const Error& error) {
    return std::unexpected(error.within(fmt::format("constant '{:.100}'", tensor->name)));
  };
  if (!tensor->is_constant) return bad_input("input {} ('{:.100}') must be a constant", i, tensor->name);
  auto shape = constant_shape(*tensor);
  if (!shape) return within(shape.error());
  const auto count = static_cast<std::size_t>(shape->elements());
  ALGEAN_TRY(spend(count * (tensor->type == TfliteType::float16 ? 4 : element_bytes(tensor->type))));
  const bool is_unsigned = tensor->type == TfliteType::uint8;
  if (tensor->type == TfliteType::float32) {
    std::vector<float> elements(count);
    std::memcpy(elements.data(), tensor->data.data(), 4 * count);
    return make_constant(tensor->name, *shape, elements);
  }
  if (tensor->type == TfliteType::float16) {
    std::vector<float> elements(count);
    for (std::size_t k = 0; k < count; ++k) {
      std::uint16_t half = 0;
      std::memcpy(&half, &tensor->data[2 * k], 2);
      elements[k] = from_half(half);
    }
    return make_constant(tensor->name, *shape, elements);
  }
  if (tensor->type == TfliteType::int32) return tensor_of<std::int32_t>(ElementType::int32(), *shape, tensor->data);
  if (tensor->type != TfliteType::int8 && !is_unsigned) {
    return bad_input("constant '{:.100}' is {}", tensor->name, tensor->type_name);
  }
  if (!tensor->quantisation) return bad_input("constant '{:.100}' has no scale", tensor->name);
  Quantisation q = *tensor->quantisation;
  if (auto good = check_quantisation(q, is_unsigned ? 0 : -128, is_unsigned ? 255 : 127); !good) {
    return within(good.error());
  }
  if (q.axis >= 0 && (static_cast<std::size_t>(q.axis) >= shape->rank() ||
                      (*shape)[static_cast<std::size_t>(q.axis)] != std::ssize(q.scales))) {
    return bad_input("constant '{:.100}': {} scales along axis {} of {}", tensor->name, q.scales.size(), q.axis,
                     shape->text());
  }
  if (is_unsigned) {
    for (std::int32_t& zero : q.zero_points) zero -= 128;
  }
  auto codes = std::make_shared<Tensor>(TensorType{ElementType::int8(std::move(q)), *std::move(shape)});
  const std::byte flip{is_unsigned ? std::uint8_t{0x80} : std::uint8_t{0}};
  std::ranges::transform(tensor->data, codes->bytes().begin(), [&](std::byte code) { return code ^ flip; });
  return codes;
}

Result<ElementType> TfliteConverter::element(const TfliteTensor& tensor) const {
  if (!tensor.refusal.empty()) return bad_input("'{:.100}': {}", tensor.name, tensor.refusal);
  if (tensor.type == TfliteType::int32 || tensor.type == TfliteType::int64) return ElementType::int32();
  if (!is_integer_) {
    if (tensor.type == TfliteType::float32) return ElementType::float32();
    return bad_input("'{:.100}' is {}, must be float32", tensor.name, tensor.type_name);
  }
  const bool is_unsigned = tensor.type == TfliteType::uint8;
  if (tensor.type != TfliteType::int8 && !is_unsigned) {
    return bad_input("'{:.100}' is {}, in a network of integers it must be int8 or uint8", tensor.name,
                     tensor.type_name);
  }
  const auto& q = tensor.quantisation;
  if (!q || q->scales.size() != 1) {
    return bad_input("'{:.100}' is {} and must have one scale and one zero point", tensor.name, tensor.type_name);
  }
  if (auto good = check_quantisation(*q, is_unsigned ? 0 : -128, is_unsigned ? 255 : 127); !good) {
    return std::unexpected(good.error().within(fmt::format("'{:.100}'", tensor.name)));
  }
  return ElementType::int8(Quantisation::per_tensor(q->scale(), q->zero_point() - (is_unsigned ? 128 : 0)));
}

Result<> TfliteConverter::check_same_type(const TfliteOperator& op, TfliteValue value) const {
  ALGEAN_ASSIGN(const ElementType declared, element(output(op)));
  if (declared == builder_.type(value.id).element) return {};
  return bad_input("its output has another type or scale than its input");
}

}  // namespace algean::partitioner::tflite
