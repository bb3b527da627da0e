#include "partitioner/import_keras/layers.hpp"

#include <map>

#include "partitioner/import_keras/calls.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/import_keras/operations.hpp"

namespace algean::partitioner {
namespace {

using Planner = Result<Plan> (*)(const LayerConfig&);

Result<Plan> plan_nothing(const LayerConfig&) {
  return unary([](Recipe&, Recipe::Wire input) { return input; });
}

// The layer types that we import. A new one is one row here.
const std::map<std::string, Planner>& all_planners() {
  static const std::map<std::string, Planner> planners{
      {"Activation", plan_activation},
      {"Add", plan_add},
      {"Average", plan_average},
      {"AveragePooling1D", plan_pool<PoolKind::average, 1>},
      {"AveragePooling2D", plan_pool<PoolKind::average, 2>},
      {"BatchNormalization", plan_batch_norm},
      {"BatchNormalizationV1", plan_batch_norm},
      {"Concatenate", plan_concatenate},
      {"Conv1D", plan_conv<1>},
      {"Conv1DTranspose", plan_conv_transpose<1>},
      {"Conv2D", plan_conv<2>},
      {"Conv2DTranspose", plan_conv_transpose<2>},
      {"Cropping1D", plan_cropping<1>},
      {"Cropping2D", plan_cropping<2>},
      {"Dense", plan_dense},
      {"DepthwiseConv1D", plan_depthwise<1>},
      {"DepthwiseConv2D", plan_depthwise<2>},
      {"Dot", plan_dot},
      {"ELU", plan_elu},
      {"Flatten", plan_flatten},
      {"GlobalAveragePooling1D", plan_global_pool<PoolKind::average, 1>},
      {"GlobalAveragePooling2D", plan_global_pool<PoolKind::average, 2>},
      {"GlobalMaxPooling1D", plan_global_pool<PoolKind::max, 1>},
      {"GlobalMaxPooling2D", plan_global_pool<PoolKind::max, 2>},
      {"InputLayer", plan_nothing},
      {"LeakyReLU", plan_leaky_relu},
      {"MaxPooling1D", plan_pool<PoolKind::max, 1>},
      {"MaxPooling2D", plan_pool<PoolKind::max, 2>},
      {"Maximum", plan_maximum},
      {"Minimum", plan_minimum},
      {"Multiply", plan_multiply},
      {"Normalization", plan_normalization},
      {"PReLU", plan_prelu},
      {"Permute", plan_permute},
      {"ReLU", plan_relu},
      {"RepeatVector", plan_repeat_vector},
      {"Rescaling", plan_rescaling},
      {"Reshape", plan_reshape},
      {"SeparableConv1D", plan_separable<1>},
      {"SeparableConv2D", plan_separable<2>},
      {"Softmax", plan_softmax},
      {"Subtract", plan_subtract},
      {"ThresholdedReLU", plan_thresholded_relu},
      {"UpSampling1D", plan_upsampling<1>},
      {"UpSampling2D", plan_upsampling<2>},
      {"ZeroPadding1D", plan_zero_padding<1>},
      {"ZeroPadding2D", plan_zero_padding<2>},
      // these do nothing when a network infers
      {"ActivityRegularization", plan_nothing},
      {"AlphaDropout", plan_nothing},
      {"Dropout", plan_nothing},
      {"GaussianDropout", plan_nothing},
      {"GaussianNoise", plan_nothing},
      {"SpatialDropout1D", plan_nothing},
      {"SpatialDropout2D", plan_nothing},
      {"SpatialDropout3D", plan_nothing},
  };
  return planners;
}

}  // namespace

std::vector<std::string> keras_layer_types() {
  std::vector<std::string> types;
  for (const auto& [type, planner] : all_planners()) types.push_back(type);
  return types;
}

Result<Plan> plan_layer(const KerasLayer& layer, int keras) {
  if (is_operation(layer)) return plan_operation(layer);
  const auto planner = all_planners().find(layer.class_name);
  if (planner == all_planners().end()) return bad_input("layer type not supported");
  for (const KerasCall& call : layer.calls) {
    const std::string other = other_arguments(call.arguments);
    if (!other.empty()) return bad_input("call with {} not supported", other);
  }
  if (!layer.config.is_object()) return bad_input("'config' must be an object");
  ALGEAN_TRY(
      refuse(layer.config, {"border_mode", "dim_ordering", "subsample", "subsample_length"}));  // Keras 1's words
  ALGEAN_TRY(check_type(layer.config));
  return planner->second({layer.config, keras});
}

Result<Shape> input_shape(const KerasLayer& layer) {
  const Json* shape = member(layer.config, "batch_shape", Json::value_t::array);
  if (shape == nullptr) shape = member(layer.config, "batch_input_shape", Json::value_t::array);
  if (shape == nullptr || shape->empty()) return bad_input("the shape of the input is not given");
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < shape->size(); ++i) {
    const Json& extent = (*shape)[i];
    if (!extent.is_null() && !extent.is_number_integer()) return bad_input("shape {} is none", shape->dump());
    if (i == 0) continue;
    if (extent.is_null()) return bad_input("axis {} of the input has no fixed extent, which is not supported", i);
    extents.push_back(extent.get<std::int64_t>());
  }
  return Shape::make(std::move(extents));
}

}  // namespace algean::partitioner
