// Activation functions by Keras' names, as steps of a recipe.
#pragma once

#include <string>

#include "partitioner/import_keras/config.hpp"
#include "partitioner/import_keras/recipe.hpp"

namespace algean::partitioner {

// Of a name with Keras' default parameters; linear adds no step. bad_input "activation 'x' not supported".
Result<Applied> activation_by_name(const std::string& name, int keras);
// Of a layer's attribute 'activation': a name, a function object, one of the activation layers as an object, or absent.
Result<Applied> activation_of(const LayerConfig& config);

// One operation on each element, of the input's shape.
Applied elementwise(std::string operation, kernels::Attributes attributes = {});
// softmax or log_softmax over an axis, counted with the batch axis where it is not negative.
Applied over_axis(std::string operation, std::int64_t axis);

// Of the configs of the layers of these names.
Result<Applied> relu_of(const Json& config);
Result<Applied> leaky_relu_of(const Json& config);
Result<Applied> elu_of(const Json& config);
Result<Applied> softmax_of(const Json& config);

}  // namespace algean::partitioner
