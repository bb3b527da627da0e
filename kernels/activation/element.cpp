#include "kernels/activation/element.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace algean::kernels::activation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// slope * x, but 0 for slope 0 even where x is infinite.
double below(double slope, double x) { return slope == 0 ? 0.0 : slope * x; }
double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }
// ln(1 + e^x), which does not overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double cut(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

// As Keras' ReLU: max_value, negative_slope, threshold.
double relu(double x, const Values& v) { return x >= v[0] ? v[0] : x >= v[2] ? x : below(v[1], x - v[2]); }
double leaky_relu(double x, const Values& v) { return x < 0 ? below(v[0], x) : x; }
double thresholded_relu(double x, const Values& v) { return x > v[0] ? x : 0; }
double elu(double x, const Values& v) { return x < 0 ? v[0] * std::expm1(x) : x; }
double celu(double x, const Values& v) { return x < 0 ? v[0] * std::expm1(x / v[0]) : x; }
double selu(double x, const Values& v) { return v[1] * (x < 0 ? v[0] * std::expm1(x) : x); }
double sigmoid(double x, const Values&) { return logistic(x); }
double log_sigmoid(double x, const Values&) { return -softplus(-x); }
double tanh(double x, const Values&) { return std::tanh(x); }
double hard_sigmoid(double x, const Values& v) { return cut(v[0] * x + v[1], 0, 1); }
double hard_swish(double x, const Values&) { return x <= -3 ? 0 : x * std::min((x + 3) / 6, 1.0); }
double swish(double x, const Values&) { return x == -infinity ? 0 : x * logistic(x); }
double mish(double x, const Values&) { return x == -infinity ? 0 : x * std::tanh(softplus(x)); }
// v[0]: 1 for the approximation by tanh.
double gelu(double x, const Values& v) {
  if (x == -infinity) return 0;
  if (v[0] == 0) return x / 2 * std::erfc(-x / std::numbers::sqrt2);
  return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}
double softplus_of(double x, const Values&) { return softplus(x); }
double softsign(double x, const Values&) { return std::isinf(x) ? std::copysign(1.0, x) : x / (1 + std::abs(x)); }
double shrink(double x, const Values& v) { return x < -v[1] ? x + v[0] : x > v[1] ? x - v[0] : 0; }
double exponential(double x, const Values&) { return std::exp(x); }
double logarithm(double x, const Values&) { return std::log(x); }
double absolute(double x, const Values&) { return std::abs(x); }
double negate(double x, const Values&) { return -x; }
double sign(double x, const Values&) { return x > 0 ? 1 : x < 0 ? -1 : x; }
double square(double x, const Values&) { return x * x; }
double square_root(double x, const Values&) { return std::sqrt(x); }
double reciprocal(double x, const Values&) { return 1 / x; }
double erf(double x, const Values&) { return std::erf(x); }
double power(double x, const Values& v) { return std::pow(x, v[0]); }
double clip(double x, const Values& v) { return cut(x, v[0], v[1]); }
double affine(double x, const Values& v) { return v[0] * x + v[1]; }
double requantise(double x, const Values&) { return x; }
double floor(double x, const Values&) { return std::floor(x); }
double ceil(double x, const Values&) { return std::ceil(x); }
double round(double x, const Values&) { return std::nearbyint(x); }  // halves to even, as in every process of ours
double sine(double x, const Values&) { return std::sin(x); }
double cosine(double x, const Values&) { return std::cos(x); }
double tangent(double x, const Values&) { return std::tan(x); }
double arc_sine(double x, const Values&) { return std::asin(x); }
double arc_cosine(double x, const Values&) { return std::acos(x); }
double arc_tangent(double x, const Values&) { return std::atan(x); }
double hyperbolic_sine(double x, const Values&) { return std::sinh(x); }
double hyperbolic_cosine(double x, const Values&) { return std::cosh(x); }
double area_sine(double x, const Values&) { return std::asinh(x); }
double area_cosine(double x, const Values&) { return std::acosh(x); }
double area_tangent(double x, const Values&) { return std::atanh(x); }

constexpr double selu_alpha = 1.67326319217681884765625;  // as ONNX and Keras state them
constexpr double selu_gamma = 1.05070102214813232421875;

constexpr auto table = std::to_array<Function>({
    {"relu",
     relu,
     {{{"max_value", infinity, false, false}, {"negative_slope", 0, false, false}, {"threshold", 0, false, false}}}},
    {"leaky_relu", leaky_relu, {{{"slope", 0, true}}}},
    {"thresholded_relu", thresholded_relu, {{{"threshold", 1}}}},
    {"elu", elu, {{{"alpha", 1}}}},
    {"celu", celu, {{{"alpha", 1, false, false}}}},
    {"selu", selu, {{{"alpha", selu_alpha}, {"gamma", selu_gamma}}}},
    {"sigmoid", sigmoid},
    {"log_sigmoid", log_sigmoid},
    {"tanh", tanh},
    {"hard_sigmoid", hard_sigmoid, {{{"slope", 0.2}, {"offset", 0.5}}}},
    {"hard_swish", hard_swish},
    {"swish", swish},
    {"mish", mish},
    {"gelu", gelu},
    {"softplus", softplus_of},
    {"softsign", softsign},
    {"shrink", shrink, {{{"bias", 0}, {"threshold", 0.5}}}},
    {"exponential", exponential},
    {"logarithm", logarithm},
    {"absolute", absolute},
    {"negate", negate},
    {"sign", sign},
    {"square", square},
    {"square_root", square_root},
    {"reciprocal", reciprocal},
    {"erf", erf},
    {"power", power, {{{"exponent", 1, true}}}},
    {"clip", clip, {{{"low", -infinity}, {"high", infinity}}}},
    {"affine", affine, {{{"scale", 1}, {"offset", 0}}}},
    {"requantise", requantise},
    {"floor", floor},
    {"ceil", ceil},
    {"round", round},
    {"sine", sine},
    {"cosine", cosine},
    {"tangent", tangent},
    {"arc_sine", arc_sine},
    {"arc_cosine", arc_cosine},
    {"arc_tangent", arc_tangent},
    {"hyperbolic_sine", hyperbolic_sine},
    {"hyperbolic_cosine", hyperbolic_cosine},
    {"area_sine", area_sine},
    {"area_cosine", area_cosine},
    {"area_tangent", area_tangent},
});

Result<double> value_of(const LayerSpec& layer, const Parameter& parameter) {
  const std::string name(parameter.name);
  if (!layer.attributes.has(name)) {
    if (parameter.is_required) return bad_input("attribute '{}' is missing", name);
    return parameter.fallback;
  }
  ALGEAN_ASSIGN(const double value, layer.attributes.real(name));
  if (std::isfinite(value) && (parameter.is_negative_allowed || value >= 0)) return value;
  return bad_input("attribute '{}' is {}, must be finite{}", name, value,
                   parameter.is_negative_allowed ? "" : " and at least 0");
}

Result<> check_known(const LayerSpec& layer, const Function& function) {
  std::vector<std::string_view> known;
  if (layer.operation == "gelu") known.emplace_back("approximate");
  for (std::size_t i = 0; i < function.count(); ++i) known.push_back(function.parameters[i].name);
  for (const auto& [name, value] : layer.attributes.all()) {
    if (name == "arithmetic" || std::ranges::find(known, name) != known.end()) continue;
    return bad_input("attribute '{}' is unknown to '{}', which takes [{}]", name, layer.operation,
                     fmt::join(known, ", "));
  }
  return {};
}

}  // namespace

std::size_t Function::count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(parameters, [](const Parameter& p) { return !p.name.empty(); }));
}

std::span<const Function> functions() { return table; }

const Function* find_function(std::string_view operation) {
  const auto* found = std::ranges::find(table, operation, &Function::operation);
  return found == table.end() ? nullptr : found;
}

Result<Element> Element::make(const LayerSpec& layer) {
  const Function* function = find_function(layer.operation);
  ALGEAN_INVARIANT(function != nullptr);
  ALGEAN_TRY(check_known(layer, *function));
  Element element;
  element.compute_ = function->compute;
  for (std::size_t i = 0; i < function->count(); ++i) {
    ALGEAN_ASSIGN(element.values_[i], value_of(layer, function->parameters[i]));
  }
  if (layer.operation == "gelu" && layer.attributes.has("approximate")) {
    const std::string text = layer.attributes.text_or("approximate", "");
    if (text != "none" && text != "tanh") {
      return bad_input("attribute 'approximate' is '{}', must be 'none' or 'tanh'", text);
    }
    element.values_[0] = text == "tanh" ? 1 : 0;
  }
  if (layer.operation == "celu" && element.values_[0] == 0) return bad_input("attribute 'alpha' must be above 0");
  if (layer.operation == "clip" && element.values_[0] > element.values_[1]) {
    return bad_input("attribute 'low' {} must be at most attribute 'high' {}", element.values_[0], element.values_[1]);
  }
  return element;
}

}  // namespace algean::kernels::activation
