// Keras models with their weights, as Keras 1.2 to 3 and TensorFlow.js saved them, become float graphs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

// Layers of a model, those of nested models too.
inline constexpr std::size_t max_keras_layers = 10'000;

struct KerasFiles {
  // model.to_json(), a whole-model .h5, a .keras archive, or model.json of TensorFlow.js with its shards beside it
  std::filesystem::path model;
  // .h5 in any of the three layouts; none: in the whole model or archive, or beside a .json
  std::optional<std::filesystem::path> weights;
};

// The model as a float graph that verify() accepts. Layers and values have the model's own names (of a nested model
// NAME/INNER), the ports those of Keras' inputs and outputs (a dict's keys), in their order; the batch axis is gone.
// The k-th further use of a shared layer is called NAME:k. Where a layer becomes several of ours, one has its name and
// the others are called NAME/OPERATION; the last one's output is called NAME. Without `weights` a .json takes the first
// there is of STEM_weights.h5, STEM.weights.h5 and STEM.h5 beside it. All that is not supported is named in one error;
// so is all that is wrong with the weights.
Result<kernels::Graph> import_keras(const KerasFiles& files, kernels::Families families);

struct KerasSources;  // sources.hpp
// The same of what was read from the files.
Result<kernels::Graph> import_keras(const KerasSources& sources, kernels::Families families);

// Class names of the layers that import_keras() takes, in order of the alphabet.
std::vector<std::string> keras_layer_types();
// Names of the operations between layers, in order of the alphabet: "keras.ops.Add", "tf.math.add".
std::vector<std::string> keras_operations();

}  // namespace algean::partitioner
