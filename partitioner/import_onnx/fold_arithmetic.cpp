// Arithmetic on constants, as exporters leave it in their graphs. Integers stay exact, as int64; real numbers are
// computed in binary64 and kept as float32.
#include <algorithm>
#include <cmath>

#include "partitioner/import_onnx/fold.hpp"

namespace algean::partitioner::operators {
namespace {

bool is_real(const OnnxTensor& tensor) {
  return tensor.type == "float" || tensor.type == "double" || tensor.type == "float16";
}

// Numbers that arithmetic may meet: no product of two of them overflows.
constexpr std::int64_t most = std::int64_t{1} << 31;

Result<Extents> small_integers(const OnnxTensor& tensor) {
  ALGEAN_ASSIGN(Extents elements, integer_elements(tensor));
  if (std::ranges::find(elements, onnx_batch) != elements.end()) {
    return bad_input("computes with the extent of the batch, which is not supported");
  }
  if (std::ranges::any_of(elements, [](std::int64_t x) { return x < -most || x > most; })) {
    return bad_input("'{}' has elements beyond 2^31", tensor.name);
  }
  return elements;
}

Result<std::int64_t> compute(const std::string& operation, std::int64_t a, std::int64_t b) {
  if (operation == "Add") return a + b;
  if (operation == "Sub") return a - b;
  if (operation == "Mul") return a * b;
  if (b == 0) return bad_input("division by 0");
  if (operation == "Div") return a / b;
  const std::int64_t rest = a % b;  // Mod: of the divisor's sign
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

double compute(const std::string& operation, double a, double b) {
  if (operation == "Add") return a + b;
  if (operation == "Sub") return a - b;
  if (operation == "Mul") return a * b;
  return operation == "Div" ? a / b : a - b * std::floor(a / b);
}

struct Channels {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  std::string type;  // of the integers
  int axis = -1;     // -1: one for all
};

// Scale, zero point and axis of QuantizeLinear and DequantizeLinear on a constant.
Result<Channels> channels_of(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  ALGEAN_TRY(only(node, {"axis", "saturate", "block_size", "output_dtype"}));
  ALGEAN_TRY(must_be(node, "block_size", 0));
  const OnnxTensor& tensor = *inputs[0];
  Channels channels;
  ALGEAN_TRY(converter.spend(inputs[1]->bytes.size()));
  ALGEAN_ASSIGN(channels.scales, weights(*inputs[1]));
  channels.zero_points.assign(channels.scales.size(), 0);
  channels.type = node.operation == "QuantizeLinear" ? "uint8" : tensor.type;
  if (inputs.size() > 2 && inputs[2]) {
    ALGEAN_ASSIGN(channels.zero_points, small_integers(*inputs[2]));
    channels.type = inputs[2]->type;
  }
  if (channels.zero_points.size() != channels.scales.size()) return bad_input("as many zero points as scales expected");
  for (const float scale : channels.scales) {
    if (!(scale > 0)) return bad_input("scale {} must be above 0", scale);
  }
  if (channels.scales.size() == 1 && inputs[1]->extents.size() <= 1) return channels;
  const auto rank = static_cast<std::int64_t>(tensor.extents.size());
  ALGEAN_ASSIGN(const std::int64_t written, integer(node, "axis", 1));
  const std::int64_t axis = written < 0 ? written + rank : written;
  if (axis < 0 || axis >= rank || inputs[1]->extents != Extents{tensor.extents[static_cast<std::size_t>(axis)]}) {
    return bad_input("scale of shape {} along axis {} of a constant of shape {}", text(inputs[1]->extents), written,
                     text(tensor.extents));
  }
  channels.axis = static_cast<int>(axis);
  return channels;
}

struct IntegerRange {
  std::int64_t low;
  std::int64_t high;
};

std::optional<IntegerRange> range_of(const std::string& type) {
  if (type == "int8") return IntegerRange{-128, 127};
  if (type == "uint8") return IntegerRange{0, 255};
  if (type == "int4") return IntegerRange{-8, 7};
  if (type == "uint4") return IntegerRange{0, 15};
  return std::nullopt;
}

}  // namespace

Result<Outputs> fold_binary(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const auto& [left, right] = std::tie(*inputs[0], *inputs[1]);
  ALGEAN_ASSIGN(const Extents extents, broadcast(left.extents, right.extents));
  ALGEAN_ASSIGN(const std::size_t count, count_elements(converter, extents, 2 * sizeof(double)));
  const auto a = broadcast_indices(left.extents, extents);
  const auto b = broadcast_indices(right.extents, extents);
  if (node.operation == "Equal") {
    ALGEAN_ASSIGN(const Extents x, integer_elements(left));
    ALGEAN_ASSIGN(const Extents y, integer_elements(right));
    OnnxTensor result = integer_tensor(node.outputs[0], extents, {});
    result.type = "bool";
    for (std::size_t i = 0; i < count; ++i) result.bytes.push_back(std::byte{x[a[i]] == y[b[i]]});
    return one(std::move(result));
  }
  if (is_real(left) && is_real(right)) {
    ALGEAN_ASSIGN(const std::vector<float> x, float_elements(left));
    ALGEAN_ASSIGN(const std::vector<float> y, float_elements(right));
    std::vector<float> reals(count);
    for (std::size_t i = 0; i < count; ++i) {
      reals[i] =
          static_cast<float>(compute(node.operation, static_cast<double>(x[a[i]]), static_cast<double>(y[b[i]])));
    }
    return one(float_tensor(node.outputs[0], extents, reals));
  }
  ALGEAN_ASSIGN(const Extents x, small_integers(left));
  ALGEAN_ASSIGN(const Extents y, small_integers(right));
  Extents integers(count);
  for (std::size_t i = 0; i < count; ++i) {
    ALGEAN_ASSIGN(integers[i], compute(node.operation, x[a[i]], y[b[i]]));
  }
  return one(integer_tensor(node.outputs[0], extents, integers));
}

Result<Outputs> fold_unary(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const OnnxTensor& tensor = *inputs[0];
  ALGEAN_TRY(count_elements(converter, tensor.extents, 2 * sizeof(double)));
  if (!is_real(tensor) && (node.operation == "Neg" || node.operation == "Abs")) {
    ALGEAN_ASSIGN(Extents integers, small_integers(tensor));
    for (std::int64_t& x : integers) x = node.operation == "Neg" ? -x : std::abs(x);
    return one(integer_tensor(node.outputs[0], tensor.extents, integers));
  }
  ALGEAN_ASSIGN(std::vector<float> reals, float_elements(tensor));
  const std::string& operation = node.operation;
  for (float& x : reals) {
    const auto wide = static_cast<double>(x);
    x = static_cast<float>(operation == "Sqrt"    ? std::sqrt(wide)
                           : operation == "Neg"   ? -wide
                           : operation == "Exp"   ? std::exp(wide)
                           : operation == "Abs"   ? std::abs(wide)
                           : operation == "Floor" ? std::floor(wide)
                           : operation == "Ceil"  ? std::ceil(wide)
                                                  : 1 / wide);
  }
  return one(float_tensor(node.outputs[0], tensor.extents, reals));
}

// To float, or to integers of any width, which are held as int64; the batch's extent passes among these.
Result<Outputs> fold_cast(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const OnnxTensor& tensor = *inputs[0];
  ALGEAN_ASSIGN(const std::int64_t to, integer(node, "to", 0));
  ALGEAN_TRY(count_elements(converter, tensor.extents, 2 * sizeof(double)));
  const bool to_real = to == 1 || to == 10 || to == 11;
  const bool to_integer = to == 6 || to == 7 || to == 12 || to == 13;  // 32 and 64 bits
  if (is_real(tensor) && to_real) return one(tensor);
  if (!is_real(tensor) && to_integer) {
    ALGEAN_ASSIGN(const Extents integers, integer_elements(tensor));
    return one(integer_tensor(node.outputs[0], tensor.extents, integers));
  }
  if (!is_real(tensor) && to_real) {
    ALGEAN_ASSIGN(const Extents integers, small_integers(tensor));
    const std::vector<float> reals(integers.begin(), integers.end());
    return one(float_tensor(node.outputs[0], tensor.extents, reals));
  }
  if (!to_integer) return bad_input("of a constant to type {}, which is not supported", to);
  ALGEAN_ASSIGN(const std::vector<float> reals, float_elements(tensor));
  Extents integers;
  for (const float x : reals) {
    if (!(std::abs(x) <= 0x1p31F)) return bad_input("'{}' holds {}, which is no 32 bit integer", tensor.name, x);
    integers.push_back(static_cast<std::int64_t>(x));
  }
  return one(integer_tensor(node.outputs[0], tensor.extents, integers));
}

Result<Outputs> fold_where(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  const auto& [condition, yes, no] = std::tie(*inputs[0], *inputs[1], *inputs[2]);
  if (yes.type != no.type) return bad_input("operands of types {} and {}", yes.type, no.type);
  ALGEAN_ASSIGN(Extents extents, broadcast(yes.extents, no.extents));
  ALGEAN_ASSIGN(extents, broadcast(extents, condition.extents));
  ALGEAN_ASSIGN(const std::size_t count, count_elements(converter, extents, 4 * sizeof(double)));
  ALGEAN_ASSIGN(const Extents chosen, integer_elements(condition));
  const auto c = broadcast_indices(condition.extents, extents);
  OnnxTensor result = picked(yes, extents, broadcast_indices(yes.extents, extents));
  const OnnxTensor other = picked(no, extents, broadcast_indices(no.extents, extents));
  const std::size_t size = onnx_element_bytes(yes.type);
  for (std::size_t i = 0; i < count; ++i) {
    if (chosen[c[i]] != 0) continue;
    std::copy_n(other.bytes.begin() + static_cast<std::ptrdiff_t>(i * size), size,
                result.bytes.begin() + static_cast<std::ptrdiff_t>(i * size));
  }
  result.name = node.outputs[0];
  return one(std::move(result));
}

Result<Outputs> fold_range(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  std::array<std::int64_t, 3> bounds{};  // first, end, step
  for (std::size_t i = 0; i < 3; ++i) {
    ALGEAN_ASSIGN(const Extents number, small_integers(*inputs[i]));
    if (number.size() != 1) return bad_input("input {} must be one number", i);
    bounds.at(i) = number[0];
  }
  const auto& [first, end, step] = bounds;
  if (step == 0) return bad_input("a step of 0");
  const std::int64_t count = std::max<std::int64_t>(0, (end - first + step - (step > 0 ? 1 : -1)) / step);
  ALGEAN_TRY(count_elements(converter, {count}, sizeof(std::int64_t)));
  Extents elements;
  for (std::int64_t i = 0; i < count; ++i) elements.push_back(first + i * step);
  return one(integer_tensor(node.outputs[0], {count}, elements));
}

// saturate(round(x / scale) + zero point), halves to even, the quotient in float32.
Result<Outputs> fold_quantize(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  ALGEAN_ASSIGN(const Channels channels, channels_of(converter, node, inputs));
  const auto range = range_of(channels.type);
  if (!range) return bad_input("a constant to {}, which is not supported", channels.type);
  const OnnxTensor& tensor = *inputs[0];
  ALGEAN_TRY(converter.spend(2 * tensor.bytes.size()));
  ALGEAN_ASSIGN(const std::vector<float> reals, weights(tensor));
  std::size_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(std::max(channels.axis, 0)) + 1; i < tensor.extents.size(); ++i) {
    inner *= static_cast<std::size_t>(tensor.extents[i]);
  }
  OnnxTensor result = reshaped(picked(tensor, {0}, {}), tensor.extents);
  result.type = channels.type;
  for (std::size_t i = 0; i < reals.size(); ++i) {
    const std::size_t channel = channels.axis < 0 ? 0 : i / inner % channels.scales.size();
    const double steps = std::nearbyint(static_cast<double>(reals[i] / channels.scales[channel]));
    const double code = steps + static_cast<double>(channels.zero_points[channel]);
    const auto cut = std::clamp(code, static_cast<double>(range->low), static_cast<double>(range->high));
    result.bytes.push_back(static_cast<std::byte>(static_cast<std::int64_t>(cut) & 0xff));
  }
  return one(std::move(result));
}

// The integers stay: what they stand for goes with them.
Result<Outputs> fold_dequantize(OnnxConverter& converter, const OnnxNode& node, const Constants& inputs) {
  ALGEAN_ASSIGN(const Channels channels, channels_of(converter, node, inputs));
  const OnnxTensor& tensor = *inputs[0];
  if (!range_of(tensor.type) && tensor.type != "int32") {
    return bad_input("of a constant of type {}, which is not supported", tensor.type);
  }
  ALGEAN_TRY(converter.spend(tensor.bytes.size()));
  OnnxTensor result = tensor;
  Quantisation quantisation;
  quantisation.scales.assign(channels.scales.begin(), channels.scales.end());
  const IntegerRange range = range_of(tensor.type).value_or(IntegerRange{0, 0});  // int32: biases
  for (const std::int64_t zero_point : channels.zero_points) {
    if (zero_point < range.low || zero_point > range.high) {
      return bad_input("zero point {} of {} not supported", zero_point, tensor.type);
    }
    quantisation.zero_points.push_back(static_cast<std::int32_t>(zero_point));
  }
  quantisation.axis = channels.axis;
  result.quantisation = std::move(quantisation);
  return one(std::move(result));
}

}  // namespace algean::partitioner::operators
