#include "partitioner/import_keras/layers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "partitioner/import_keras/import_keras.hpp"

namespace algean::partitioner {
namespace {

// A number where `config` has one (Keras also wraps it: {"class_name": "__numpy__", "config": {"value": 0.3}}), the
// fallback where it has nothing or null.
Result<double> real(const Json& config, const char* key, double fallback) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return fallback;
  const Json* value = &*found;
  if (const Json* inner = member(*value, "config", Json::value_t::object);
      inner != nullptr && inner->contains("value")) {
    value = &(*inner)["value"];
  }
  if (!value->is_number()) return bad_input("attribute '{}' must be a number", key);
  const double result = value->get<double>();
  if (!std::isfinite(result)) return bad_input("attribute '{}' must be finite", key);
  return result;
}

Result<bool> flag(const Json& config, const char* key, bool fallback) {
  const auto found = config.find(key);
  if (found == config.end()) return fallback;
  if (!found->is_boolean()) return bad_input("attribute '{}' must be true or false", key);
  return found->get<bool>();
}

// One axis, bare or as a list of one.
Result<std::int64_t> single_axis(const Json& config) {
  const auto found = config.find("axis");
  if (found == config.end() || found->is_null()) return -1;
  const Json& axis = found->is_array() && found->size() == 1 ? (*found)[0] : *found;
  if (!axis.is_number_integer()) return bad_input("axis {} not supported (one axis is)", found->dump());
  return axis.get<std::int64_t>();
}

bool is_float_policy(const std::string& name) {
  constexpr std::array names{"float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"};
  return std::ranges::find(names, name) != names.end();
}

// Keras 2: "float32". Keras 3: {"class_name": "DTypePolicy", "config": {"name": "float32"}}.
Result<> check_type(const Json& config) {
  const auto found = config.find("dtype");
  if (found == config.end() || found->is_null()) return {};
  std::string name = found->is_string() ? found->get<std::string>() : text_member(*found, "class_name");
  if (name == "DTypePolicy" || name == "Policy") {
    const Json* inner = member(*found, "config", Json::value_t::object);
    name = inner == nullptr ? name : text_member(*inner, "name");
  }
  if (!is_float_policy(name)) return bad_input("dtype '{}' not supported", name);
  return {};
}

// Of the ReLU layer (Keras 3 and 2).
Result<KerasActivation> relu(const Json& config) {
  KerasActivation result{"relu", {}};
  ALGEAN_ASSIGN(const double slope, real(config, "negative_slope", 0));
  ALGEAN_ASSIGN(const double threshold, real(config, "threshold", 0));
  if (slope != 0) result.attributes.set("negative_slope", slope);
  if (threshold != 0) result.attributes.set("threshold", threshold);
  if (const auto max = config.find("max_value"); max != config.end() && !max->is_null()) {
    ALGEAN_ASSIGN(const double max_value, real(config, "max_value", 0));
    result.attributes.set("max_value", max_value);
  }
  return result;
}

Result<KerasActivation> leaky_relu(const Json& config) {
  ALGEAN_ASSIGN(const double slope, real(config, config.contains("negative_slope") ? "negative_slope" : "alpha", 0.3));
  return KerasActivation{"leaky_relu", {{"slope", slope}}};
}

Result<KerasActivation> softmax(const Json& config) {
  ALGEAN_ASSIGN(const std::int64_t axis, single_axis(config));
  return KerasActivation{"softmax", {}, axis};
}

Result<KerasActivation> activation_by_name(const std::string& name) {
  if (name == "linear") return KerasActivation{};
  if (name == "relu" || name == "sigmoid" || name == "tanh" || name == "softmax") {
    return KerasActivation{name, {}};
  }
  if (name == "relu6") return KerasActivation{"relu", {{"max_value", 6.0}}};
  if (name == "leaky_relu") return KerasActivation{"leaky_relu", {{"slope", 0.2}}};
  return bad_input("activation '{}' not supported", name);
}

// A name, a function object, or one of the activation layers as an object.
Result<KerasActivation> activation(const Json& config) {
  const auto found = config.find("activation");
  if (found == config.end() || found->is_null()) return KerasActivation{};
  if (found->is_string()) return activation_by_name(found->get<std::string>());
  const std::string class_name = text_member(*found, "class_name");
  if (class_name == "function") return activation_by_name(text_member(*found, "config"));
  const Json* inner = member(*found, "config", Json::value_t::object);
  if (inner != nullptr && class_name == "ReLU") return relu(*inner);
  if (inner != nullptr && class_name == "LeakyReLU") return leaky_relu(*inner);
  if (inner != nullptr && class_name == "Softmax") return softmax(*inner);
  return bad_input("activation '{}' not supported", class_name.empty() ? found->dump() : class_name);
}

LayerPlan of_kind(KerasKind kind) {
  LayerPlan plan;
  plan.kind = kind;
  return plan;
}

Result<LayerPlan> plan_input(const Json& config) {
  LayerPlan plan = of_kind(KerasKind::input);
  const Json* shape = member(config, "batch_shape", Json::value_t::array);
  if (shape == nullptr) shape = member(config, "batch_input_shape", Json::value_t::array);
  if (shape == nullptr) return plan;  // of a nested model: whatever comes in
  for (const Json& extent : *shape) {
    if (!extent.is_null() && !extent.is_number_integer()) return bad_input("shape {} is none", shape->dump());
    plan.input.push_back(extent.is_null() ? std::nullopt : std::optional(extent.get<std::int64_t>()));
  }
  return plan;
}

Result<LayerPlan> plan_dense(const Json& config) {
  LayerPlan plan = of_kind(KerasKind::dense);
  const auto units = config.find("units");
  if (units == config.end() || !units->is_number_integer() || units->get<std::int64_t>() < 1) {
    return bad_input("attribute 'units' must be a positive integer");
  }
  plan.units = units->get<std::int64_t>();
  for (const char* key : {"quantization_config", "lora_rank"}) {
    if (const auto found = config.find(key); found != config.end() && !found->is_null()) {
      return bad_input("attribute '{}' not supported", key);
    }
  }
  ALGEAN_ASSIGN(plan.activation, activation(config));
  ALGEAN_ASSIGN(const bool use_bias, flag(config, "use_bias", true));
  plan.variables.push_back({"kernel"});
  if (use_bias) plan.variables.push_back({"bias"});
  return plan;
}

Result<LayerPlan> plan_batch_norm(const Json& config) {
  LayerPlan plan = of_kind(KerasKind::batch_norm);
  ALGEAN_ASSIGN(plan.axis, single_axis(config));
  ALGEAN_ASSIGN(plan.epsilon, real(config, "epsilon", 1e-3));
  ALGEAN_ASSIGN(const bool scale, flag(config, "scale", true));
  ALGEAN_ASSIGN(const bool center, flag(config, "center", true));
  if (scale) plan.variables.push_back({"gamma"});
  if (center) plan.variables.push_back({"beta"});
  plan.variables.push_back({"moving_mean", false});
  plan.variables.push_back({"moving_variance", false});
  return plan;
}

Result<LayerPlan> plan_reshape(const Json& config) {
  LayerPlan plan = of_kind(KerasKind::reshape);
  const Json* target = member(config, "target_shape", Json::value_t::array);
  if (target == nullptr) return bad_input("attribute 'target_shape' must be a list of integers");
  for (const Json& extent : *target) {
    if (!extent.is_number_integer()) return bad_input("attribute 'target_shape' must be a list of integers");
    plan.target.push_back(extent.get<std::int64_t>());
  }
  return plan;
}

Result<LayerPlan> plan_flatten(const Json& config) {
  LayerPlan plan = of_kind(KerasKind::flatten);
  plan.channels_first = text_member(config, "data_format") == "channels_first";
  return plan;
}

Result<LayerPlan> plan_nothing(const Json&) { return of_kind(KerasKind::nothing); }

Result<LayerPlan> plan_model(const Json&) { return of_kind(KerasKind::model); }

template <Result<KerasActivation> (*read)(const Json&)>
Result<LayerPlan> plan_activation(const Json& config) {
  LayerPlan plan = of_kind(KerasKind::activation);
  ALGEAN_ASSIGN(plan.activation, read(config));
  return plan;
}

using Planner = Result<LayerPlan> (*)(const Json&);

// The layer types that we import. A new one is one row here.
const std::map<std::string, Planner>& all_planners() {
  static const std::map<std::string, Planner> planners{
      {"InputLayer", plan_input},
      {"Dense", plan_dense},
      {"BatchNormalization", plan_batch_norm},
      {"BatchNormalizationV1", plan_batch_norm},
      {"Activation", plan_activation<activation>},
      {"ReLU", plan_activation<relu>},
      {"LeakyReLU", plan_activation<leaky_relu>},
      {"Softmax", plan_activation<softmax>},
      {"Flatten", plan_flatten},
      {"Reshape", plan_reshape},
      // these do nothing when a network infers
      {"Dropout", plan_nothing},
      {"SpatialDropout1D", plan_nothing},
      {"SpatialDropout2D", plan_nothing},
      {"SpatialDropout3D", plan_nothing},
      {"GaussianNoise", plan_nothing},
      {"GaussianDropout", plan_nothing},
      {"AlphaDropout", plan_nothing},
      {"ActivityRegularization", plan_nothing},
  };
  return planners;
}

Planner find_planner(const std::string& class_name) {
  const auto found = all_planners().find(class_name);
  return found == all_planners().end() ? nullptr : found->second;
}

}  // namespace

std::vector<std::string> keras_layer_types() {
  std::vector<std::string> types;
  for (const auto& [type, planner] : all_planners()) types.push_back(type);
  return types;
}

Result<LayerPlan> plan_layer(const KerasLayer& layer) {
  if (layer.is_operation) return bad_input("arithmetic on tensors not supported");
  const Planner planner = layer.nested == nullptr ? find_planner(layer.class_name) : plan_model;
  if (planner == nullptr) return bad_input("layer type not supported");
  for (const KerasCall& call : layer.calls) {
    if (!call.other_arguments.empty()) return bad_input("call with {} not supported", call.other_arguments);
  }
  if (layer.nested != nullptr) return planner(layer.config);
  if (!layer.config.is_object()) return bad_input("'config' must be an object");
  ALGEAN_TRY(check_type(layer.config));
  ALGEAN_ASSIGN(LayerPlan plan, planner(layer.config));
  ALGEAN_ASSIGN(const bool trainable, flag(layer.config, "trainable", true));
  for (KerasVariable& variable : plan.variables) variable.trainable = variable.trainable && trainable;
  return plan;
}

}  // namespace algean::partitioner
