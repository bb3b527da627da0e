// Which array of a weight file is which variable of which layer: the three layouts of Keras, and TensorFlow.js'.
#pragma once

#include <map>
#include <vector>

#include "partitioner/import_common/problems.hpp"
#include "partitioner/import_keras/examine.hpp"
#include "partitioner/import_keras/weight_file.hpp"

namespace algean::partitioner {

// For each layer with variables its arrays, in their order, of the expected shapes and of a float type; nullptr for
// those that are not used.
using ModelWeights = std::map<const KerasLayer*, std::vector<const WeightArray*>>;

// Missing, superfluous and misshapen weights go to `problems`, all of them. bad_input, naming `where`, for a file that
// has none of the layouts: `layer_names` at the root (Keras 2's _weights.h5) or at model_weights (a whole model),
// layers/KEY/vars/N (.weights.h5 and .keras), or LAYER/VARIABLE (TensorFlow.js).
Result<ModelWeights> find_weights(const KerasModel& model, const ModelFacts& facts, const WeightFile& file,
                                  std::string_view where, Problems& problems);

// Keras' class name as it stands in a path: Conv2D conv2d, PReLU p_re_lu, BatchNormalization batch_normalization.
std::string snake_case(std::string_view class_name);

}  // namespace algean::partitioner
