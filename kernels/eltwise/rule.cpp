#include "kernels/eltwise/rule.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/family/checks.hpp"
#include "kernels/numeric/tflite.hpp"

namespace algean::kernels::eltwise {
namespace {

constexpr int tflite_left_shift = 20;

bool is_extreme(const LayerSpec& layer) { return layer.operation == "maximum" || layer.operation == "minimum"; }

template <class T>
std::shared_ptr<const Tensor> constant(ElementType type, Shape shape, const std::vector<T>& elements) {
  return std::make_shared<const Tensor>(TensorType{std::move(type), std::move(shape)}, std::span<const T>(elements));
}

// multiplier * 2^-shift of each operand (sum), or of the product.
Result<> add_scaled(LayerSpec& layer, const Codes& codes) {
  double a = codes.a.scale() / codes.y.scale();
  double b = codes.b.scale() / codes.y.scale();
  if (layer.operation == "multiply") {
    a = codes.a.scale() * codes.b.scale() / codes.y.scale();
    b = 0;
  } else if (layer.operation == "subtract") {
    b = -b;
  } else if (layer.operation == "average") {
    a /= 2;
    b /= 2;
  }
  joint::Scale scale{};
  if (!joint::derive_scale(a, b, scale)) {
    return bad_input("the ratios {} and {} of operand scales to output scale must lie below 2^14", a, std::abs(b));
  }
  std::vector<std::int32_t> multiplier{scale.m0};
  if (layer.operation != "multiply") multiplier.push_back(scale.m1);
  const auto count = static_cast<std::int64_t>(multiplier.size());
  layer.constants["multiplier"] = constant(ElementType::int32(), Shape{count}, multiplier);
  layer.constants["shift"] =
      constant<std::uint8_t>(ElementType::integer(8, false), Shape{1}, {static_cast<std::uint8_t>(scale.shift)});
  return {};
}

// The reference kernels' ratios: scales as binary32 numbers, products in binary32, sums in binary64.
Result<> add_tflite(LayerSpec& layer, const Codes& codes) {
  std::vector<double> ratios;
  if (layer.operation == "multiply") {
    const float product = static_cast<float>(codes.a.scale()) * static_cast<float>(codes.b.scale());
    ratios = {static_cast<double>(product / static_cast<float>(codes.y.scale()))};
  } else {
    const double twice = 2 * std::max(codes.a.scale(), codes.b.scale());
    ratios = {codes.a.scale() / twice, codes.b.scale() / twice,
              twice / (std::ldexp(codes.y.scale(), tflite_left_shift))};
  }
  return add_requantisation(layer, Arithmetic::tflite, ratios);
}

// One operand's codes in the output's type, clamped: the larger of two is then the larger of the two reals.
Result<> add_table(Arithmetic arithmetic, const Quantisation& from, const Quantisation& to, const CodeRange& range,
                   std::vector<std::int8_t>& tables) {
  tflite::Scale scale{};
  if (!tflite::derive_scale(from.scale() / to.scale(), scale)) {
    return bad_input("the ratio {} of operand scale to output scale is out of range", from.scale() / to.scale());
  }
  for (int x = -128; x <= 127; ++x) {
    const int centred = x - from.zero_point();
    double y = std::floor(centred * from.scale() / to.scale() + 0.5);
    if (arithmetic != Arithmetic::scaled) y = tflite::mbqm(centred, scale.multiplier, scale.shift);
    if (from == to) y = centred;
    tables.push_back(static_cast<std::int8_t>(
        std::clamp(y + to.zero_point(), static_cast<double>(range.low), static_cast<double>(range.high))));
  }
  return {};
}

Result<> add_tables(LayerSpec& layer, Arithmetic arithmetic, const Codes& codes) {
  const CodeRange range = activation_codes(layer, codes.y);
  std::vector<std::int8_t> tables;
  ALGEAN_TRY(add_table(arithmetic, codes.a, codes.y, range, tables));
  ALGEAN_TRY(add_table(arithmetic, codes.b, codes.y, range, tables));
  layer.constants["tables"] = constant(ElementType::int8(), Shape{2, 256}, tables);
  return {};
}

}  // namespace

Result<> add_constants(LayerSpec& layer, Arithmetic arithmetic, const Codes& codes) {
  if (layer.operation == "average" && arithmetic != Arithmetic::scaled) {
    return bad_input("average has no arithmetic '{}'", to_text(arithmetic));
  }
  layer.attributes.set("arithmetic", std::string(to_text(arithmetic)));
  if (is_extreme(layer)) return add_tables(layer, arithmetic, codes);
  if (arithmetic == Arithmetic::scaled) return add_scaled(layer, codes);
  ALGEAN_TRY(add_tflite(layer, codes));
  layer.attributes.set("arithmetic", std::string(to_text(arithmetic)));
  return {};
}

Result<> check_rule(const LayerSpec& layer, Arithmetic arithmetic, const Codes& codes) {
  if (is_extreme(layer)) {
    ALGEAN_TRY(check_constant(layer, "tables", ElementType::int8(), Shape{2, 256}));
    return {};
  }
  LayerSpec wanted{layer.name, layer.operation, layer.attributes, {}};
  ALGEAN_TRY(add_constants(wanted, arithmetic, codes));
  for (const auto& [role, tensor] : wanted.constants) {
    ALGEAN_ASSIGN(const Tensor* given, check_constant(layer, role, tensor->type().element, tensor->shape()));
    for (std::size_t i = 0; i < static_cast<std::size_t>(tensor->shape().elements()); ++i) {
      if (given->integer_at(i) == tensor->integer_at(i)) continue;
      return bad_input("constant '{}': element {} is {}, the scales give {}", role, i, given->integer_at(i),
                       tensor->integer_at(i));
    }
  }
  return {};
}

Rule::Rule(const LayerSpec& layer, const Codes& codes)
    : zero_a_(codes.a.zero_point()),
      zero_b_(codes.b.zero_point()),
      zero_y_(codes.y.zero_point()),
      is_difference_(layer.operation == "subtract"),
      range_(activation_codes(layer, codes.y)) {
  if (is_extreme(layer)) {
    kind_ = layer.operation == "maximum" ? Kind::largest : Kind::smallest;
    tables_ = layer.required("tables").elements<std::int8_t>();
    return;
  }
  const bool is_product = layer.operation == "multiply";
  multiplier_ = layer.required("multiplier").elements<std::int32_t>();
  if (arithmetic_of(layer).value() == Arithmetic::scaled) {
    kind_ = is_product ? Kind::product : Kind::sum;
    const auto shift = static_cast<std::int32_t>(layer.required("shift").integer_at(0));
    scale_ = {multiplier_[0], is_product ? 0 : multiplier_[1], shift};
  } else {
    kind_ = is_product ? Kind::tflite_product : Kind::tflite_sum;
    shift_ = layer.required("shift").elements<std::int8_t>();
  }
}

bool Rule::is_plain() const {
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    if (tables_[i] != static_cast<std::int8_t>(static_cast<int>(i % 256) - 128)) return false;
  }
  return true;
}

std::int32_t Rule::tflite_operand(std::int32_t centred, std::size_t operand) const {
  return tflite::mbqm(centred * (1 << tflite_left_shift), multiplier_[operand], shift_[operand]);
}

std::int8_t Rule::operator()(std::int8_t a, std::int8_t b) const {
  const std::int32_t left = a - zero_a_;
  const std::int32_t right = b - zero_b_;
  const auto finish = [&](std::int32_t y) {
    const std::int64_t value = std::int64_t{y} + zero_y_;
    return static_cast<std::int8_t>(std::clamp<std::int64_t>(value, range_.low, range_.high));
  };
  const auto looked_up = [&](std::int8_t x, std::size_t table) {
    return tables_[256 * table + static_cast<std::size_t>(x + 128)];
  };
  switch (kind_) {
    case Kind::sum:
      return static_cast<std::int8_t>(
          joint::requantise(left * scale_.m0 + right * scale_.m1, scale_.shift, zero_y_, range_.low, range_.high));
    case Kind::product:
      return static_cast<std::int8_t>(
          joint::requantise(left * right * scale_.m0, scale_.shift, zero_y_, range_.low, range_.high));
    case Kind::tflite_product:
      return finish(tflite::mbqm(left * right, multiplier_[0], shift_[0]));
    case Kind::tflite_sum: {
      const std::int32_t other = tflite_operand(right, 1);
      const std::int32_t sum = tflite_operand(left, 0) + (is_difference_ ? -other : other);
      return finish(tflite::mbqm(sum, multiplier_[2], shift_[2]));
    }
    case Kind::largest:
      return std::max(looked_up(a, 0), looked_up(b, 1));
    case Kind::smallest:
      return std::min(looked_up(a, 0), looked_up(b, 1));
  }
  return 0;
}

}  // namespace algean::kernels::eltwise
