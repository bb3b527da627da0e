// The integer form: made, and verified.
#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/family/checks.hpp"
#include "kernels/numeric/tflite.hpp"
#include "kernels/reduce/integer.hpp"
#include "kernels/reduce/reduce.hpp"

namespace algean::kernels {
namespace {

using reduce::Kind;
using reduce::Reduction;

template <class T>
std::shared_ptr<const Tensor> constant(ElementType type, Shape shape, const std::vector<T>& elements) {
  return std::make_shared<const Tensor>(TensorType{std::move(type), std::move(shape)}, std::span<const T>(elements));
}

Quantisation quantisation(const TensorType& type) { return *type.element.quantisation(); }

// TensorFlow Lite's mean: its multiplier is that of the scales' ratio, divided by the count of elements.
Result<> add_tflite_mean(LayerSpec& layer, double ratio, std::int64_t count) {
  tflite::Scale scale{};
  if (!tflite::derive_scale(ratio, scale))
    return bad_input("the ratio {} of input to output scale is too large", ratio);
  const int floor_log2 = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count))) - 1;
  const int k = std::min({floor_log2, 32, 31 + scale.shift});
  const std::int64_t multiplier = (std::int64_t{scale.multiplier} << k) / count;
  layer.constants["multiplier"] =
      constant<std::int32_t>(ElementType::int32(), Shape{1}, {static_cast<std::int32_t>(multiplier)});
  layer.constants["shift"] =
      constant<std::int8_t>(ElementType::int8(), Shape{1}, {static_cast<std::int8_t>(scale.shift - k)});
  return {};
}

Result<> add_sum(LayerSpec& layer, Arithmetic arithmetic, Kind kind, const Quantisation& x, const Quantisation& y,
                 std::int64_t count) {
  if (count > reduce::max_count) {
    return bad_input("{} elements make one result, at most {} are summed up", count, reduce::max_count);
  }
  const bool is_scaled = arithmetic == Arithmetic::scaled;
  if (kind == Kind::mean && !is_scaled) return add_tflite_mean(layer, x.scale() / y.scale(), count);
  const double parts = kind == Kind::mean ? static_cast<double>(count) : 1;
  const double ratio = x.scale() / (y.scale() * parts);
  return add_requantisation(layer, is_scaled ? arithmetic : Arithmetic::tflite, {&ratio, 1});
}

Result<> add_score(LayerSpec& layer, Kind kind, const Quantisation& a, const Quantisation& b, std::int64_t count) {
  if (kind == Kind::squared_error) {
    const auto rule = reduce::derive_squared_error(a, b, count);
    if (!rule) return bad_input("mean_squared_error over {} elements of these scales leaves 63 bits", count);
    layer.constants = {{"multiplier", constant<std::int32_t>(ElementType::int32(), Shape{2}, {rule->m0, rule->m1})},
                       {"shift", constant<std::uint8_t>(ElementType::integer(8, false), Shape{1},
                                                        {static_cast<std::uint8_t>(rule->shift)})}};
    return {};
  }
  const auto scale = reduce::derive_divergence(a, b, count);
  if (!scale) return bad_input("kl_divergence: scale {} of the log variance is too large", b.scale());
  layer.constants = {
      {"table", constant(ElementType::int32(), Shape{2, 256}, reduce::make_divergence_tables(a, b, *scale))}};
  return {};
}

// The constants of a kind's rule. The types have been checked.
Result<> add_constants(LayerSpec& layer, std::span<const TensorType> inputs, const TensorType& output) {
  const Kind kind = reduce::kind_of(layer);
  ALGEAN_ASSIGN(const Reduction reduction, reduce::make_reduction(layer, inputs[0].shape));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  switch (kind) {
    case Kind::mean:
    case Kind::sum:
      return add_sum(layer, arithmetic, kind, quantisation(inputs[0]), quantisation(output), reduction.count);
    case Kind::squared_error:
    case Kind::divergence:
      return add_score(layer, kind, quantisation(inputs[0]), quantisation(inputs[1]), reduction.count);
    default:
      return {};
  }
}

// Up to what two machines' exponentials may differ in.
bool is_near(const ElementType& given, const ElementType& wanted) {
  const auto& q = given.quantisation();
  return given.name() == wanted.name() && q && q->axis < 0 && q->zero_points == wanted.quantisation()->zero_points &&
         q->scales.size() == 1 && std::abs(q->scale() - wanted.quantisation()->scale()) < 1e-9 * q->scale();
}

// The output's type is what the operation makes of the inputs' types.
Result<> check_types(const Reduce& family, const LayerSpec& layer, std::span<const TensorType> inputs,
                     const TensorType& output) {
  for (const TensorType& input : inputs) ALGEAN_TRY(check_quantised_int8("input", input));
  const Kind kind = reduce::kind_of(layer);
  if (kind == Kind::mean || kind == Kind::sum) return check_quantised_int8("output", output);
  if (kind == Kind::arg_max && output.element == ElementType::int32()) return {};
  const auto fixed = family.fixed_output(layer, inputs);
  if (!fixed) {
    LayerSpec unused = layer;  // add_score() says why
    ALGEAN_ASSIGN(const Reduction reduction, reduce::make_reduction(layer, inputs[0].shape));
    ALGEAN_TRY(add_score(unused, kind, quantisation(inputs[0]), quantisation(inputs[1]), reduction.count));
    return bad_input("{} has no integer form between these types", layer.operation);
  }
  if (output.element == *fixed || (kind == Kind::divergence && is_near(output.element, *fixed))) return {};
  return bad_input("output is {}, must be {} of scale {} and zero point {}", output.element.name(), fixed->name(),
                   fixed->quantisation()->scale(), fixed->quantisation()->zero_point());
}

// Tables of exponentials need not be the same everywhere, but their sums must have 32 bits.
Result<> check_tables(const Tensor& tensor, std::int64_t count) {
  const auto entries = tensor.elements<std::int32_t>();
  const auto [low, high] = std::ranges::minmax(entries.first(256));
  const auto [low_other, high_other] = std::ranges::minmax(entries.last(256));
  if (low >= 0 && low_other >= 0 && (std::int64_t{high} + high_other) <= (std::int64_t{1} << 31) / count - 1) return {};
  return bad_input("constant 'table': entries must be at least 0, and {} of them add up to less than 2^31", count);
}

Result<> check_same(const LayerSpec& layer, const LayerSpec& wanted, std::int64_t count) {
  for (const auto& [role, tensor] : wanted.constants) {
    ALGEAN_ASSIGN(const Tensor* given, check_constant(layer, role, tensor->type().element, tensor->shape()));
    if (role == "table") return check_tables(*given, count);
    for (std::size_t i = 0; i < static_cast<std::size_t>(tensor->shape().elements()); ++i) {
      if (given->integer_at(i) == tensor->integer_at(i)) continue;
      return bad_input("constant '{}': element {} is {}, the scales give {}", role, i, given->integer_at(i),
                       tensor->integer_at(i));
    }
  }
  return {};
}

}  // namespace

std::optional<ElementType> Reduce::fixed_output(const LayerSpec& layer, std::span<const TensorType> inputs) const {
  if (inputs.empty()) return std::nullopt;
  const Kind kind = reduce::kind_of(layer);
  if (kind == Kind::largest || kind == Kind::smallest) return inputs[0].element;
  const auto is_quantised = [](const TensorType& type) { return type.element.quantisation().has_value(); };
  if (!std::ranges::all_of(inputs, is_quantised) || kind == Kind::mean || kind == Kind::sum) return std::nullopt;
  if (kind == Kind::arg_max) return ElementType::int32(Quantisation::per_tensor(1, 0));
  const auto reduction = reduce::make_reduction(layer, inputs[0].shape);
  if (!reduction || inputs.size() != 2) return std::nullopt;
  std::optional<double> scale;
  if (kind == Kind::squared_error) {
    const auto rule = reduce::derive_squared_error(quantisation(inputs[0]), quantisation(inputs[1]), reduction->count);
    if (rule) scale = rule->scale;
  } else {
    scale = reduce::derive_divergence(quantisation(inputs[0]), quantisation(inputs[1]), reduction->count);
  }
  if (!scale) return std::nullopt;
  return ElementType::int32(Quantisation::per_tensor(*scale, 0));
}

Result<> Reduce::verify(const LayerSpec& layer, std::span<const TensorType> inputs,
                        std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_ASSIGN(const bool is_float, all_float(inputs, outputs));
  if (is_float) {
    ALGEAN_TRY(check_attributes(layer, {"axes", "keep_axes"}));
    return check_constants(layer, {});
  }
  ALGEAN_TRY(check_attributes(layer, {"axes", "keep_axes", "arithmetic"}));
  ALGEAN_TRY(arithmetic_of(layer));
  ALGEAN_TRY(check_types(*this, layer, inputs, outputs[0]));
  ALGEAN_TRY(check_constants(layer, {"multiplier", "shift", "table"}));
  LayerSpec wanted{layer.name, layer.operation, layer.attributes, {}};
  ALGEAN_TRY(add_constants(wanted, inputs, outputs[0]));
  return check_same(layer, wanted, reduce::make_reduction(layer, inputs[0].shape).value().count);
}

Result<LayerSpec> Reduce::quantise(const LayerSpec& layer, std::span<const TensorType> inputs,
                                   std::span<const TensorType> outputs) const {
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, infer(layer, inputs));
  if (outputs.size() != 1 || outputs[0].shape != shapes[0]) {
    return bad_input("must have one output of shape {}", shapes[0].text());
  }
  ALGEAN_TRY(check_constants(layer, {}));
  ALGEAN_ASSIGN(const Arithmetic arithmetic, arithmetic_of(layer));
  ALGEAN_TRY(check_types(*this, layer, inputs, outputs[0]));
  LayerSpec result = layer;
  ALGEAN_TRY(add_constants(result, inputs, outputs[0]));
  result.attributes.set("arithmetic", std::string(to_text(arithmetic)));
  ALGEAN_TRY(verify(result, inputs, outputs));
  return result;
}

}  // namespace algean::kernels
