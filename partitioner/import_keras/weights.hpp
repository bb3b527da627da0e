// Which dataset of a weight file is which variable of which layer: the three layouts of Keras.
#pragma once

#include <map>
#include <vector>

#include "partitioner/import_common/problems.hpp"
#include "partitioner/import_keras/hdf5_file.hpp"
#include "partitioner/import_keras/shapes.hpp"

namespace algean::partitioner {

// For each layer with variables its datasets, in their order, of the expected shapes and of a float type.
using ModelWeights = std::map<const KerasLayer*, std::vector<const Hdf5Dataset*>>;

// Missing, superfluous and misshapen weights go to `problems`, all of them. bad_input, naming `where`, for a file that
// has none of the layouts: `layer_names` at the root (Keras 2's _weights.h5) or at model_weights (a whole model), or
// layers/KEY/vars/N
// (.weights.h5).
Result<ModelWeights> find_weights(const KerasModel& model, const ModelFacts& facts, const Hdf5File& file,
                                  std::string_view where, Problems& problems);

// Keras' class name as it stands in a path: Conv2D conv2d, PReLU p_re_lu, BatchNormalization batch_normalization.
std::string snake_case(std::string_view class_name);

}  // namespace algean::partitioner
