#include "partitioner/import_keras/activations.hpp"

#include <map>

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

Wire step(Recipe& recipe, const char* operation, Wire x, kernels::Attributes attributes = {}) {
  return recipe.add(operation, std::move(attributes), {x}, recipe.shape(x));
}

Wire same_shape(Recipe& recipe, const char* operation, Wire x, Wire y) {
  return recipe.add(operation, {}, {x, y}, recipe.shape(x));
}

// a * sigmoid(b) of the two halves of the last axis.
Result<Wire> glu(Recipe& recipe, Wire x) {
  auto extents = extents_of(recipe.shape(x));
  if (extents.empty() || extents.back() % 2 != 0) {
    return bad_input("activation 'glu' needs an even last axis, not shape {}", recipe.shape(x).text());
  }
  extents.back() /= 2;
  ALGEAN_ASSIGN(const Shape half, Shape::make(extents));
  const auto axis = static_cast<std::int64_t>(extents.size()) - 1;
  const std::vector<std::int64_t> sizes{extents.back(), extents.back()};
  const auto halves = recipe.add_several("split", {{"axis", axis}, {"sizes", sizes}}, {x}, {half, half});
  return same_shape(recipe, "multiply", halves[0], step(recipe, "sigmoid", halves[1]));
}

Result<Wire> tanh_shrink(Recipe& recipe, Wire x) { return same_shape(recipe, "subtract", x, step(recipe, "tanh", x)); }

// 0 up to -1, (x + 1)^2 / 4 up to 1, x above: the middle part of a clipped x, and what is above 1.
Result<Wire> sparse_plus(Recipe& recipe, Wire x) {
  const Wire clipped = step(recipe, "clip", x, {{"low", -1.0}, {"high", 1.0}});
  const Wire middle = step(recipe, "square", recipe.affine(clipped, 0.5, 0.5));
  return same_shape(recipe, "add", middle, step(recipe, "relu", recipe.affine(x, 1, -1)));
}

// (x + sqrt(x^2 + 4)) / 2
Result<Wire> squareplus(Recipe& recipe, Wire x) {
  const Wire root = step(recipe, "square_root", recipe.affine(step(recipe, "square", x), 1, 4));
  return recipe.affine(same_shape(recipe, "add", x, root), 0.5, 0);
}

Result<Wire> linear(Recipe&, Wire x) { return x; }

const std::map<std::string, Applied>& all_activations() {
  static const std::map<std::string, Applied> activations{
      {"linear", linear},
      {"relu", elementwise("relu")},
      {"relu6", elementwise("relu", {{"max_value", 6.0}})},
      {"leaky_relu", elementwise("leaky_relu", {{"slope", 0.2}})},
      {"elu", elementwise("elu", {{"alpha", 1.0}})},
      {"celu", elementwise("celu", {{"alpha", 1.0}})},
      {"selu", elementwise("selu")},
      {"sigmoid", elementwise("sigmoid")},
      {"tanh", elementwise("tanh")},
      {"softplus", elementwise("softplus")},
      {"softsign", elementwise("softsign")},
      {"exponential", elementwise("exponential")},
      {"exp", elementwise("exponential")},
      {"silu", elementwise("swish")},
      {"swish", elementwise("swish")},
      {"hard_silu", elementwise("hard_swish")},
      {"hard_swish", elementwise("hard_swish")},
      {"hard_tanh", elementwise("clip", {{"low", -1.0}, {"high", 1.0}})},
      {"gelu", elementwise("gelu", {{"approximate", std::string("none")}})},
      {"softmax", over_axis("softmax", -1)},
      {"log_softmax", over_axis("log_softmax", -1)},
      {"sparse_sigmoid", elementwise("hard_sigmoid", {{"slope", 0.5}, {"offset", 0.5}})},
      {"glu", glu},
      {"hard_shrink", elementwise("shrink", {{"threshold", 0.5}, {"bias", 0.0}})},
      {"soft_shrink", elementwise("shrink", {{"threshold", 0.5}, {"bias", 0.5}})},
      {"tanh_shrink", tanh_shrink},
      {"log_sigmoid", elementwise("log_sigmoid")},
      {"mish", elementwise("mish")},
      {"sparse_plus", sparse_plus},
      {"squareplus", squareplus},
  };
  return activations;
}

}  // namespace

Applied elementwise(std::string operation, kernels::Attributes attributes) {
  return
      [operation = std::move(operation), attributes = std::move(attributes)](Recipe& recipe, Wire x) -> Result<Wire> {
        return recipe.add(operation, attributes, {x}, recipe.shape(x));
      };
}

Applied over_axis(std::string operation, std::int64_t axis) {
  return [operation = std::move(operation), axis](Recipe& recipe, Wire x) -> Result<Wire> {
    const std::size_t rank = recipe.shape(x).rank();
    ALGEAN_ASSIGN(const std::size_t index, axis_index(axis, recipe.shape(x)));
    const Wire last = recipe.transpose(x, moved_axis(rank, index, rank - 1));
    const Wire y = recipe.add(operation, {}, {last}, recipe.shape(last));
    recipe.mark_main();
    return recipe.transpose(y, moved_axis(rank, rank - 1, index));
  };
}

Result<Applied> activation_by_name(const std::string& name, int keras) {
  if (name == "hard_sigmoid") {
    return elementwise("hard_sigmoid", {{"slope", keras >= 3 ? 1.0 / 6 : 0.2}, {"offset", 0.5}});
  }
  const auto found = all_activations().find(name);
  if (found == all_activations().end()) return bad_input("activation '{}' not supported", name);
  return found->second;
}

Result<Applied> activation_of(const LayerConfig& config) {
  const Json* found = given(config.json, "activation");
  if (found == nullptr) return linear;
  if (found->is_string()) return activation_by_name(found->get<std::string>(), config.keras);
  const std::string class_name = text_member(*found, "class_name");
  if (class_name == "function") return activation_by_name(text_member(*found, "config"), config.keras);
  if (const Json* inner = member(*found, "config", Json::value_t::object)) {
    if (class_name == "ReLU") return relu_of(*inner);
    if (class_name == "LeakyReLU") return leaky_relu_of(*inner);
    if (class_name == "ELU") return elu_of(*inner);
    if (class_name == "Softmax") return softmax_of(*inner);
  }
  return bad_input("activation '{}' not supported", class_name.empty() ? found->dump() : class_name);
}

Result<Applied> relu_of(const Json& config) {
  kernels::Attributes attributes;
  ALGEAN_ASSIGN(const double slope, real(config, "negative_slope", 0));
  ALGEAN_ASSIGN(const double threshold, real(config, "threshold", 0));
  if (slope != 0) attributes.set("negative_slope", slope);
  if (threshold != 0) attributes.set("threshold", threshold);
  if (given(config, "max_value") != nullptr) {
    ALGEAN_ASSIGN(const double max_value, real(config, "max_value", 0));
    attributes.set("max_value", max_value);
  }
  return elementwise("relu", attributes);
}

Result<Applied> leaky_relu_of(const Json& config) {
  ALGEAN_ASSIGN(const double slope, real(config, config.contains("negative_slope") ? "negative_slope" : "alpha", 0.3));
  return elementwise("leaky_relu", {{"slope", slope}});
}

Result<Applied> elu_of(const Json& config) {
  ALGEAN_ASSIGN(const double alpha, real(config, "alpha", 1));
  return elementwise("elu", {{"alpha", alpha}});
}

Result<Applied> softmax_of(const Json& config) {
  ALGEAN_ASSIGN(const std::int64_t axis, single_axis(config));
  return over_axis("softmax", axis);
}

}  // namespace algean::partitioner
