#include "partitioner/import_keras/operations.hpp"

#include <map>

#include "partitioner/import_keras/activations.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/import_keras/operation_forms.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;
using Handlers = std::map<std::string, OperationForm, std::less<>>;

OperationForm function(Applied applied) {
  return [applied = std::move(applied)](Recipe& recipe, const Arguments& arguments) -> Result<> {
    ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "features", "input", "tensor", "logits"}));
    ALGEAN_ASSIGN(const Wire y, applied(recipe, x));
    recipe.set_outputs({y});
    return {};
  };
}

OperationForm named(const char* activation) { return function(*activation_by_name(activation, 3)); }
OperationForm one_step(const char* operation) { return function(elementwise(operation)); }

OperationForm with_parameter(const char* operation, const char* attribute, std::initializer_list<const char*> names,
                             double fallback) {
  return [=, names = std::vector<const char*>(names)](Recipe& recipe, const Arguments& arguments) -> Result<> {
    ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "features"}));
    ALGEAN_ASSIGN(const double value, arguments.real(1, {names.front(), names.back()}, fallback));
    recipe.set_outputs({recipe.add(operation, {{attribute, value}}, {x}, recipe.shape(x))});
    return {};
  };
}

OperationForm softmax_form(const char* operation) {
  return [operation](Recipe& recipe, const Arguments& arguments) -> Result<> {
    ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "logits"}));
    std::vector<std::int64_t> axis{-1};
    if (arguments.find(1, {"axis"}) != nullptr) {
      ALGEAN_ASSIGN(axis, arguments.integers(1, {"axis"}));
    }
    if (axis.size() != 1) return bad_input("softmax over several axes not supported");
    ALGEAN_ASSIGN(const Wire y, over_axis(operation, axis[0])(recipe, x));
    recipe.set_outputs({y});
    return {};
  };
}

// keras.ops' default is the tanh form, TensorFlow's the exact one.
OperationForm gelu_form(bool approximate) {
  return [approximate](Recipe& recipe, const Arguments& arguments) -> Result<> {
    ALGEAN_ASSIGN(const Wire x, arguments.tensor(0, {"x", "features"}));
    ALGEAN_ASSIGN(const bool wanted, arguments.flag(1, {"approximate"}, approximate));
    recipe.set_outputs(
        {recipe.add("gelu", {{"approximate", std::string(wanted ? "tanh" : "none")}}, {x}, recipe.shape(x))});
    return {};
  };
}

Result<Wire> inverse_root(Recipe& recipe, Wire x) {
  const Wire root = recipe.add("square_root", {}, {x}, recipe.shape(x));
  return recipe.add("reciprocal", {}, {root}, recipe.shape(x));
}

// Operation nodes of Keras 3, by class. A new one is one row here.
const Handlers& keras_3_operations() {
  static const Handlers handlers{
      {"Abs", one_step("absolute")},
      {"Absolute", one_step("absolute")},
      {"Add", binary_form("add")},
      {"Amax", reduce_form("reduce_max")},
      {"Amin", reduce_form("reduce_min")},
      {"Arccos", one_step("arc_cosine")},
      {"Arccosh", one_step("area_cosine")},
      {"Arcsin", one_step("arc_sine")},
      {"Arcsinh", one_step("area_sine")},
      {"Arctan", one_step("arc_tangent")},
      {"Arctanh", one_step("area_tangent")},
      {"Ceil", one_step("ceil")},
      {"Celu", with_parameter("celu", "alpha", {"alpha"}, 1)},
      {"Clip", clip_form},
      {"Concatenate", concatenate_form},
      {"Cos", one_step("cosine")},
      {"Cosh", one_step("hyperbolic_cosine")},
      {"Divide", divide_form},
      {"Elu", with_parameter("elu", "alpha", {"alpha"}, 1)},
      {"Erf", one_step("erf")},
      {"Exp", one_step("exponential")},
      {"ExpandDims", expand_form},
      {"Flip", flip_form},
      {"Floor", one_step("floor")},
      {"Gelu", gelu_form(true)},
      {"GetItem", index_form},
      {"HardSigmoid", named("hard_sigmoid")},
      {"HardSilu", named("hard_silu")},
      {"HardTanh", named("hard_tanh")},
      {"LeakyRelu", with_parameter("leaky_relu", "slope", {"negative_slope"}, 0.2)},
      {"Log", one_step("logarithm")},
      {"LogSigmoid", named("log_sigmoid")},
      {"LogSoftmax", softmax_form("log_softmax")},
      {"Matmul", matmul_form},
      {"Max", reduce_form("reduce_max")},
      {"Maximum", binary_form("maximum")},
      {"Mean", reduce_form("reduce_mean")},
      {"Min", reduce_form("reduce_min")},
      {"Minimum", binary_form("minimum")},
      {"Mish", named("mish")},
      {"Multiply", binary_form("multiply")},
      {"Negative", one_step("negate")},
      {"Pad", pad_form},
      {"Power", power_form},
      {"Reciprocal", one_step("reciprocal")},
      {"Relu", named("relu")},
      {"Relu6", named("relu6")},
      {"Reshape", reshape_form},
      {"Round", one_step("round")},
      {"Rsqrt", function(inverse_root)},
      {"Selu", named("selu")},
      {"Sigmoid", named("sigmoid")},
      {"Sign", one_step("sign")},
      {"Silu", named("silu")},
      {"Sin", one_step("sine")},
      {"Sinh", one_step("hyperbolic_sine")},
      {"SoftShrink", named("soft_shrink")},
      {"Softmax", softmax_form("softmax")},
      {"Softplus", named("softplus")},
      {"Softsign", named("softsign")},
      {"Split", split_form},
      {"Sqrt", one_step("square_root")},
      {"Square", one_step("square")},
      {"Squeeze", squeeze_form},
      {"Subtract", binary_form("subtract")},
      {"Sum", reduce_form("reduce_sum")},
      {"Tan", one_step("tangent")},
      {"Tanh", named("tanh")},
      {"Transpose", transpose_form},
      {"TrueDivide", divide_form},
  };
  return handlers;
}

// Functions of TFOpLambda and SlicingOpLambda (Keras 2), without "compat.v1.". A new one is one row here.
const Handlers& keras_2_operations() {
  static const Handlers handlers{
      {"__operators__.add", binary_form("add")},
      {"__operators__.getitem", index_form},
      {"clip_by_value", clip_form},
      {"concat", concatenate_form},
      {"expand_dims", expand_form},
      {"linalg.matmul", matmul_form},
      {"math.abs", one_step("absolute")},
      {"math.acos", one_step("arc_cosine")},
      {"math.add", binary_form("add")},
      {"math.asin", one_step("arc_sine")},
      {"math.atan", one_step("arc_tangent")},
      {"math.ceil", one_step("ceil")},
      {"math.cos", one_step("cosine")},
      {"math.divide", divide_form},
      {"math.erf", one_step("erf")},
      {"math.exp", one_step("exponential")},
      {"math.floor", one_step("floor")},
      {"math.log", one_step("logarithm")},
      {"math.maximum", binary_form("maximum")},
      {"math.minimum", binary_form("minimum")},
      {"math.multiply", binary_form("multiply")},
      {"math.negative", one_step("negate")},
      {"math.pow", power_form},
      {"math.reciprocal", one_step("reciprocal")},
      {"math.reduce_max", reduce_form("reduce_max")},
      {"math.reduce_mean", reduce_form("reduce_mean")},
      {"math.reduce_min", reduce_form("reduce_min")},
      {"math.reduce_sum", reduce_form("reduce_sum")},
      {"math.round", one_step("round")},
      {"math.rsqrt", function(inverse_root)},
      {"math.sigmoid", named("sigmoid")},
      {"math.sign", one_step("sign")},
      {"math.sin", one_step("sine")},
      {"math.softplus", named("softplus")},
      {"math.sqrt", one_step("square_root")},
      {"math.square", one_step("square")},
      {"math.subtract", binary_form("subtract")},
      {"math.tan", one_step("tangent")},
      {"math.tanh", named("tanh")},
      {"math.truediv", divide_form},
      {"nn.elu", with_parameter("elu", "alpha", {"alpha"}, 1)},
      {"nn.gelu", gelu_form(false)},
      {"nn.leaky_relu", with_parameter("leaky_relu", "slope", {"alpha"}, 0.2)},
      {"nn.log_softmax", softmax_form("log_softmax")},
      {"nn.relu", named("relu")},
      {"nn.relu6", named("relu6")},
      {"nn.selu", named("selu")},
      {"nn.silu", named("silu")},
      {"nn.softmax", softmax_form("softmax")},
      {"nn.softplus", named("softplus")},
      {"nn.softsign", named("softsign")},
      {"nn.swish", named("silu")},
      {"pad", pad_form},
      {"reshape", reshape_form},
      {"reverse", flip_form},
      {"split", split_form},
      {"squeeze", squeeze_form},
      {"transpose", transpose_form},
  };
  return handlers;
}

}  // namespace

std::vector<std::string> keras_operations() {
  std::vector<std::string> names;
  for (const auto& [name, form] : keras_3_operations()) names.push_back("keras.ops." + name);
  for (const auto& [name, form] : keras_2_operations()) names.push_back("tf." + name);
  return names;
}

bool is_operation(const KerasLayer& layer) {
  return layer.is_operation || layer.class_name == "TFOpLambda" || layer.class_name == "SlicingOpLambda";
}

Result<Plan> plan_operation(const KerasLayer& layer) {
  std::string name = layer.is_operation ? layer.class_name : text_member(layer.config, "function");
  if (name.starts_with("compat.v1.")) name.erase(0, std::string_view("compat.v1.").size());
  const Handlers& handlers = layer.is_operation ? keras_3_operations() : keras_2_operations();
  const auto found = handlers.find(name);
  if (found == handlers.end()) {
    return bad_input("operation '{}{}' not supported", layer.is_operation ? "keras.ops." : "tf.", name);
  }
  return [&form = found->second, &config = layer.config](Recipe& recipe) {
    return form(recipe, Arguments(recipe, config));
  };
}

}  // namespace algean::partitioner
