// A Keras model looked through before any weight is read: what every layer becomes, all shapes, all variables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "partitioner/import_common/problems.hpp"
#include "partitioner/import_keras/layers.hpp"
#include "partitioner/import_keras/model.hpp"

namespace algean::partitioner {

struct LayerFacts {
  Plan plan;
  std::string title;                     // "encoder/dense (Dense)"
  std::vector<KerasVariable> variables;  // once a call of the layer was seen; `trainable` is the layer's too
  bool trainable = true;
  bool seen = false;
};

// By the layer's address in its model, which must stay where it is. Nested models have none.
using ModelFacts = std::map<const KerasLayer*, LayerFacts>;

// Plans every layer, nested ones too, and passes shapes through. All that is not supported goes to `problems`.
Result<ModelFacts> examine(const KerasModel& model, Problems& problems);

// The recipe of one call of a layer.
Result<Recipe> make_recipe(const Plan& plan, const KerasCall& call, std::vector<Shape> inputs);

}  // namespace algean::partitioner
