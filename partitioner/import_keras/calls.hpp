// The calls of a layer as they stand in a topology: `inbound_nodes` of Keras 1 to 3.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "partitioner/import_keras/keras_json.hpp"

namespace algean::partitioner {

// A reference to a tensor as it stands in the file: ["name", call, tensor], perhaps with {kwargs} behind.
struct KerasReference {
  std::string layer;
  std::size_t call = 0;
  std::size_t tensor = 0;
};

struct KerasNode {
  std::vector<KerasReference> inputs;
  Json arguments;  // as of KerasCall
  bool is_keras_3 = false;
};

// The reference, or nothing where `json` has another form or an index above 100,000.
std::optional<KerasReference> as_reference(const Json& json);
// One element of `inbound_nodes`; nothing for an unknown form.
std::optional<KerasNode> read_node(const Json& json);
// Names of the arguments that change what a layer computes besides its tensors ("training, a constant"); "" as a rule.
std::string other_arguments(const Json& arguments);

}  // namespace algean::partitioner
