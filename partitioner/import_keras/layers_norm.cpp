#include <algorithm>
#include <cmath>

#include "partitioner/import_keras/layers.hpp"

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

constexpr float least_deviation = 1e-7F;  // Keras' epsilon, below which Normalization takes no standard deviation

float at_least_variance(float variance) { return std::max(variance, least_deviation * least_deviation); }
float deviation(float variance) { return std::max(std::sqrt(std::max(variance, 0.0F)), least_deviation); }

RecipeConstant of_variable(const char* role, std::size_t variable, const Shape& shape, float (*map)(float) = nullptr) {
  return {role, variable, {}, shape, map, {}};
}

// One value for each channel, or one for all.
RecipeConstant of_values(const char* role, std::int64_t channels, std::vector<float> values) {
  return {role, std::nullopt, {}, Shape{channels}, nullptr, std::move(values)};
}

RecipeConstant all(const char* role, std::int64_t channels, float value) { return of_values(role, channels, {value}); }

// gamma (x - mean) / sqrt(variance + epsilon) + beta along an axis, which is brought last for it.
Wire batch_norm(Recipe& recipe, Wire x, std::size_t axis, std::vector<RecipeConstant> constants, double epsilon) {
  const std::size_t rank = recipe.shape(x).rank();
  const Wire last = recipe.transpose(x, moved_axis(rank, axis, rank - 1));
  const Wire y = recipe.add("batch_norm", {{"epsilon", epsilon}}, {last}, recipe.shape(last), std::move(constants));
  recipe.mark_main();
  return recipe.transpose(y, moved_axis(rank, rank - 1, axis));
}

struct BatchNormConfig {
  std::int64_t axis = -1;
  double epsilon = 0;
  bool scale = true, center = true;
};

Result<Wire> keras_batch_norm(Recipe& recipe, Wire x, const BatchNormConfig& config) {
  ALGEAN_ASSIGN(const std::size_t axis, axis_index(config.axis, recipe.shape(x)));
  const std::int64_t channels = recipe.shape(x)[axis];
  const Shape shape{channels};
  const auto variable = [&](const char* role, const char* name, bool trainable) {
    return of_variable(role, recipe.add_variable({name, shape, trainable}), shape);
  };
  std::vector<RecipeConstant> constants;
  constants.push_back(config.scale ? variable("gamma", "gamma", true) : all("gamma", channels, 1));
  constants.push_back(config.center ? variable("beta", "beta", true) : all("beta", channels, 0));
  constants.push_back(variable("mean", "moving_mean", false));
  constants.push_back(variable("variance", "moving_variance", false));
  return batch_norm(recipe, x, axis, std::move(constants), config.epsilon);
}

struct NormalizationConfig {
  std::int64_t axis = -1;
  bool invert = false;
  std::vector<float> mean, variance;  // where the config has them; else they are variables
};

// (x - mean) / max(sqrt(variance), 1e-7), or its inverse.
Result<Wire> normalization(Recipe& recipe, Wire x, const NormalizationConfig& config) {
  ALGEAN_ASSIGN(const std::size_t axis, axis_index(config.axis, recipe.shape(x)));
  const std::int64_t channels = recipe.shape(x)[axis];
  const Shape shape{channels};
  float (*const map)(float) = config.invert ? deviation : at_least_variance;
  const char* mean_role = config.invert ? "beta" : "mean";
  const char* variance_role = config.invert ? "gamma" : "variance";
  std::vector<RecipeConstant> constants;
  if (config.mean.empty()) {
    const std::size_t mean = recipe.add_variable({"mean", shape, false});
    const std::size_t variance = recipe.add_variable({"variance", shape, false});
    recipe.add_variable({"count", Shape{}, false, false});
    constants = {of_variable(mean_role, mean, shape), of_variable(variance_role, variance, shape, map)};
  } else {
    const auto fits = [&](const std::vector<float>& values) {
      return values.size() == 1 || static_cast<std::int64_t>(values.size()) == channels;
    };
    if (!fits(config.mean) || !fits(config.variance)) {
      return bad_input("'mean' and 'variance' must have an element for each of {} channels", channels);
    }
    auto variance = config.variance;
    std::ranges::transform(variance, variance.begin(), map);
    constants = {of_values(mean_role, channels, config.mean), of_values(variance_role, channels, std::move(variance))};
  }
  constants.push_back(all(config.invert ? "mean" : "gamma", channels, config.invert ? 0 : 1));
  constants.push_back(all(config.invert ? "variance" : "beta", channels, config.invert ? 1 : 0));
  return batch_norm(recipe, x, axis, std::move(constants), 0);
}

// scale * x + offset, each one number or one a channel.
Result<Wire> rescaling(Recipe& recipe, Wire x, const Numbers& scale, const Numbers& offset) {
  if (scale.values.size() == 1 && offset.values.size() == 1) {
    return recipe.affine(x, static_cast<double>(scale.values[0]), static_cast<double>(offset.values[0]));
  }
  const std::int64_t channels = recipe.shape(x).channels();
  std::vector<RecipeConstant> constants;
  for (const auto& [role, numbers] : {std::pair("gamma", &scale), std::pair("beta", &offset)}) {
    const auto size = static_cast<std::int64_t>(numbers->values.size());
    if (size != 1 && size != channels) {
      return bad_input("{} numbers for {} channels", size, channels);
    }
    constants.push_back(of_values(role, channels, numbers->values));
  }
  constants.push_back(all("mean", channels, 0));
  constants.push_back(all("variance", channels, 1));
  return batch_norm(recipe, x, recipe.shape(x).rank() - 1, std::move(constants), 0);
}

Result<Numbers> numbers_of(const Json& config, const char* key, float fallback) {
  const Json* found = given(config, key);
  if (found == nullptr) return Numbers{{}, {fallback}};
  return numbers(*found, key);
}

}  // namespace

Result<Plan> plan_batch_norm(const LayerConfig& config) {
  BatchNormConfig read;
  ALGEAN_ASSIGN(read.axis, single_axis(config.json));
  ALGEAN_ASSIGN(read.epsilon, real(config.json, "epsilon", 1e-3));
  if (read.epsilon < 0) return bad_input("attribute 'epsilon' must be at least 0");
  ALGEAN_ASSIGN(read.scale, flag(config.json, "scale", true));
  ALGEAN_ASSIGN(read.center, flag(config.json, "center", true));
  ALGEAN_TRY(refuse(config.json, {"renorm"}));
  if (const Json* mode = given(config.json, "mode"); mode != nullptr && *mode != 0) {  // Keras 1
    return bad_input("attribute 'mode' of {} not supported", mode->dump());
  }
  return unary([read](Recipe& recipe, Wire x) { return keras_batch_norm(recipe, x, read); });
}

Result<Plan> plan_normalization(const LayerConfig& config) {
  NormalizationConfig read;
  const Json* axis = given(config.json, "axis");
  if (axis == nullptr && config.json.contains("axis")) return bad_input("axis null not supported (one axis is)");
  ALGEAN_ASSIGN(read.axis, single_axis(config.json));
  ALGEAN_ASSIGN(read.invert, flag(config.json, "invert", false));
  const Json* mean = given(config.json, "mean");
  const Json* variance = given(config.json, "variance");
  if ((mean == nullptr) != (variance == nullptr)) return bad_input("'mean' and 'variance' must be given together");
  if (mean != nullptr) {
    ALGEAN_ASSIGN(Numbers means, numbers(*mean, "mean"));
    ALGEAN_ASSIGN(Numbers variances, numbers(*variance, "variance"));
    read.mean = std::move(means.values);
    read.variance = std::move(variances.values);
  }
  return unary([read](Recipe& recipe, Wire x) { return normalization(recipe, x, read); });
}

Result<Plan> plan_rescaling(const LayerConfig& config) {
  ALGEAN_ASSIGN(const Numbers scale, numbers_of(config.json, "scale", 1));
  ALGEAN_ASSIGN(const Numbers offset, numbers_of(config.json, "offset", 0));
  return unary([=](Recipe& recipe, Wire x) { return rescaling(recipe, x, scale, offset); });
}

}  // namespace algean::partitioner
