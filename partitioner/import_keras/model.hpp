// A Keras topology, whichever version of Keras wrote it: layers, their calls, and which tensor goes where.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "partitioner/import_keras/keras_json.hpp"
#include "runtime/base/result.hpp"

namespace algean::partitioner {

// Output `tensor` of call `call` of layer `layer` (an index into KerasModel::layers).
struct KerasTensor {
  std::size_t layer = 0;
  std::size_t call = 0;
  std::size_t tensor = 0;
  auto operator<=>(const KerasTensor&) const = default;
};

// What a layer is called with: `arguments` is {"args": [...], "kwargs": {...}} in which each tensor stands as
// {"$tensor": its index in `inputs`}.
struct KerasCall {
  std::vector<KerasTensor> inputs;
  Json arguments;
};

struct KerasModel;

struct KerasLayer {
  std::string name;
  std::string class_name;
  Json config;
  bool is_operation = false;  // a node of Keras 3's arithmetic, not a layer: it has no weights and no number
  std::vector<KerasCall> calls;
  std::shared_ptr<const KerasModel> nested = nullptr;  // of a Sequential or Functional
};

// A Sequential is read as the chain that it is. An InputLayer has one call without inputs.
struct KerasModel {
  std::string name;
  std::vector<KerasLayer> layers;  // in the order of the file: that of the weights
  std::vector<KerasTensor> inputs;
  std::vector<KerasTensor> outputs;
  std::vector<std::string> input_names;   // as long as inputs: the key of a dict, else the layer's name
  std::vector<std::string> output_names;  // the same of outputs
  std::vector<std::pair<std::size_t, std::size_t>> order;  // every (layer, call), each after those that it reads
  bool has_implied_input = false;                          // a Sequential whose file lists no InputLayer
  int keras = 2;                                           // major version of the Keras that wrote the file
};

// Reads model.to_json() of Keras 1.2 to 3, or the model_config of a whole-model file. Errors carry `where`, and for
// text that is no JSON line and column. `version` is the Keras that wrote it ("2.15.0"), "" where only the text says
// it. Layer types and their configs are not looked at here.
Result<KerasModel> parse_keras_model(std::string_view text, std::string_view where, std::string_view version = {});
// The same of parsed JSON.
Result<KerasModel> read_keras_model(const Json& json, std::string_view where, std::string_view version = {});

}  // namespace algean::partitioner
