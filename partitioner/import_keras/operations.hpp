// Arithmetic on tensors between the layers: Keras 3's operation nodes, and TFOpLambda and SlicingOpLambda of Keras 2.
#pragma once

#include <string>
#include <vector>

#include "partitioner/import_keras/model.hpp"
#include "partitioner/import_keras/recipe.hpp"

namespace algean::partitioner {

bool is_operation(const KerasLayer& layer);
// "operation 'keras.ops.NAME' not supported" for one that is not in the list; what is wrong with a call's arguments
// comes with the recipe. The plan refers to the layer.
Result<Plan> plan_operation(const KerasLayer& layer);

}  // namespace algean::partitioner
