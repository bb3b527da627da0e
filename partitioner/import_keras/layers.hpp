// What each layer type of Keras becomes, as far as its own config says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/family/attributes.hpp"
#include "partitioner/import_keras/model.hpp"

namespace algean::partitioner {

enum class KerasKind : std::uint8_t { input, nothing, dense, batch_norm, activation, flatten, reshape, model };

// An elementwise operation or softmax; no operation means linear.
struct KerasActivation {
  std::string operation;
  kernels::Attributes attributes;
  std::int64_t axis = -1;  // of softmax, counted with the batch axis where not negative
};

// A variable of a layer, in the order in which Keras stores them.
struct KerasVariable {
  std::string name;  // "kernel"
  bool trainable = true;
};

struct LayerPlan {
  KerasKind kind = KerasKind::nothing;
  std::vector<KerasVariable> variables;
  KerasActivation activation;                      // of dense and activation
  std::int64_t units = 0;                          // of dense
  double epsilon = 0;                              // of batch_norm
  std::int64_t axis = -1;                          // of batch_norm, counted with the batch axis where not negative
  std::vector<std::int64_t> target;                // of reshape; at most one -1
  bool channels_first = false;                     // of flatten
  std::vector<std::optional<std::int64_t>> input;  // of input: extents with the batch axis; none where open
};

// The plan, or what is not supported: "layer type not supported", "activation 'gelu' not supported".
Result<LayerPlan> plan_layer(const KerasLayer& layer);

}  // namespace algean::partitioner
