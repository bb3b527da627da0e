#include "partitioner/import_keras/activations.hpp"
#include "partitioner/import_keras/layers.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

Result<Plan> as_plan(Result<Applied> applied) {
  if (!applied) return std::unexpected(std::move(applied).error());
  return unary(*std::move(applied));
}

}  // namespace

Result<Plan> plan_activation(const LayerConfig& config) { return as_plan(activation_of(config)); }
Result<Plan> plan_relu(const LayerConfig& config) { return as_plan(relu_of(config.json)); }
Result<Plan> plan_leaky_relu(const LayerConfig& config) { return as_plan(leaky_relu_of(config.json)); }
Result<Plan> plan_elu(const LayerConfig& config) { return as_plan(elu_of(config.json)); }
Result<Plan> plan_softmax(const LayerConfig& config) { return as_plan(softmax_of(config.json)); }

// Keras 2: x where x > theta.
Result<Plan> plan_thresholded_relu(const LayerConfig& config) {
  ALGEAN_ASSIGN(const double theta, real(config.json, "theta", 1));
  return unary(elementwise("thresholded_relu", {{"threshold", theta}}));
}

// A slope for each element; axes in 'shared_axes' (which count the batch axis) have one for all.
Result<Plan> plan_prelu(const LayerConfig& config) {
  std::vector<std::int64_t> shared;
  if (const Json* axes = given(config.json, "shared_axes")) {
    ALGEAN_ASSIGN(shared, integers(*axes, "shared_axes"));
  }
  return unary([shared](Recipe& recipe, Wire x) -> Result<Wire> {
    auto extents = extents_of(recipe.shape(x));
    for (const std::int64_t axis : shared) {
      ALGEAN_ASSIGN(const std::size_t index, axis_index(axis, recipe.shape(x)));
      extents[index] = 1;
    }
    ALGEAN_ASSIGN(const Shape slopes, Shape::make(std::move(extents)));
    const std::size_t alpha = recipe.add_variable({"alpha", slopes});
    return recipe.add("prelu", {}, {x}, recipe.shape(x), {{"slope", alpha, {}, slopes, nullptr, {}}});
  });
}

}  // namespace algean::partitioner
