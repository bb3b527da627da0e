// Where a Keras model and its weights come from: the forms in which Keras and TensorFlow.js save them.
#pragma once

#include <string>

#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/import_keras/keras_json.hpp"
#include "partitioner/import_keras/weight_file.hpp"

namespace algean::partitioner {

struct KerasSources {
  Json topology;
  std::string topology_name;  // of the file, for errors
  std::string version;        // of the Keras that wrote it; "" where only the topology may say
  WeightFile weights;
  std::string weights_name;
};

// Reads the topology and the weights that go with it, from one file or from several.
Result<KerasSources> read_keras_sources(const KerasFiles& files);

}  // namespace algean::partitioner
