// What each layer type of Keras becomes.
#pragma once

#include <optional>
#include <vector>

#include "partitioner/import_keras/config.hpp"
#include "partitioner/import_keras/model.hpp"
#include "partitioner/import_keras/recipe.hpp"

namespace algean::partitioner {

// The plan of a layer that is not nested, or what is not supported: "layer type not supported", "activation 'x' not
// supported". An InputLayer has none.
Result<Plan> plan_layer(const KerasLayer& layer, int keras);
// Shape of an InputLayer of the outermost model. bad_input for one with an open extent.
Result<Shape> input_shape(const KerasLayer& layer);

// The planners, by file; layers.cpp has the list.
Result<Plan> plan_dense(const LayerConfig& config);
template <std::size_t axes>  // 1 and 2
Result<Plan> plan_conv(const LayerConfig& config);
template <std::size_t axes>
Result<Plan> plan_depthwise(const LayerConfig& config);
template <std::size_t axes>
Result<Plan> plan_separable(const LayerConfig& config);
template <std::size_t axes>
Result<Plan> plan_conv_transpose(const LayerConfig& config);

enum class PoolKind : bool { max, average };
template <PoolKind kind, std::size_t axes>
Result<Plan> plan_pool(const LayerConfig& config);
template <PoolKind kind, std::size_t axes>
Result<Plan> plan_global_pool(const LayerConfig& config);
template <std::size_t axes>
Result<Plan> plan_upsampling(const LayerConfig& config);

Result<Plan> plan_add(const LayerConfig& config);
Result<Plan> plan_subtract(const LayerConfig& config);
Result<Plan> plan_multiply(const LayerConfig& config);
Result<Plan> plan_average(const LayerConfig& config);
Result<Plan> plan_maximum(const LayerConfig& config);
Result<Plan> plan_minimum(const LayerConfig& config);
Result<Plan> plan_concatenate(const LayerConfig& config);
Result<Plan> plan_dot(const LayerConfig& config);

Result<Plan> plan_batch_norm(const LayerConfig& config);
Result<Plan> plan_normalization(const LayerConfig& config);
Result<Plan> plan_rescaling(const LayerConfig& config);

Result<Plan> plan_activation(const LayerConfig& config);
Result<Plan> plan_relu(const LayerConfig& config);
Result<Plan> plan_leaky_relu(const LayerConfig& config);
Result<Plan> plan_thresholded_relu(const LayerConfig& config);
Result<Plan> plan_elu(const LayerConfig& config);
Result<Plan> plan_softmax(const LayerConfig& config);
Result<Plan> plan_prelu(const LayerConfig& config);

Result<Plan> plan_flatten(const LayerConfig& config);
Result<Plan> plan_reshape(const LayerConfig& config);
Result<Plan> plan_permute(const LayerConfig& config);
Result<Plan> plan_repeat_vector(const LayerConfig& config);
template <std::size_t axes>
Result<Plan> plan_zero_padding(const LayerConfig& config);
template <std::size_t axes>
Result<Plan> plan_cropping(const LayerConfig& config);

}  // namespace algean::partitioner
