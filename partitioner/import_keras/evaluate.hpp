// One walk over a model's calls, for whatever flows along its wires: shapes first, then values of a graph.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "partitioner/import_keras/model.hpp"

namespace algean::partitioner {

// What flows; nothing behind a layer that is not supported.
template <class T>
using Flow = std::vector<std::optional<T>>;

// apply(layer, call's index, its inputs) gives a Result<Flow<T>> of its outputs and is called for every call but those
// of InputLayers, which take `inputs` in the order of model.inputs. Returns what arrives at model.outputs.
template <class T, class Apply>
Result<Flow<T>> evaluate(const KerasModel& model, const Flow<T>& inputs, const Apply& apply) {
  std::vector<std::vector<Flow<T>>> done(model.layers.size());
  for (std::size_t i = 0; i < model.layers.size(); ++i) done[i].resize(model.layers[i].calls.size());
  const auto read = [&](const KerasTensor& tensor) {
    const Flow<T>& from = done[tensor.layer][tensor.call];
    return tensor.tensor < from.size() ? from[tensor.tensor] : std::nullopt;
  };
  for (const auto& [index, call] : model.order) {
    const KerasLayer& layer = model.layers[index];
    Flow<T>& outputs = done[index][call];
    if (layer.class_name == "InputLayer") {
      const auto found = std::ranges::find(model.inputs, KerasTensor{index, call, 0});
      const auto position = static_cast<std::size_t>(found - model.inputs.begin());
      outputs = {position < inputs.size() ? inputs[position] : std::nullopt};
      continue;
    }
    Flow<T> arguments;
    for (const KerasTensor& input : layer.calls[call].inputs) arguments.push_back(read(input));
    ALGEAN_ASSIGN(outputs, apply(layer, call, arguments));
  }
  Flow<T> result;
  for (const KerasTensor& output : model.outputs) result.push_back(read(output));
  return result;
}

}  // namespace algean::partitioner
