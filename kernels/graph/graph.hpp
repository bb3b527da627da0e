// The layer graph: values (tensors on wires) and layers in an order in which each value is produced before it is used.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernels/family/family.hpp"
#include "runtime/engine/engine.hpp"

namespace algean::kernels {

using ValueId = std::size_t;  // index into Graph::values

struct Value {
  std::string name;  // unique in its graph; the model's own tensor name where it has one
  TensorType type;   // without the batch axis
};

struct Layer {
  LayerSpec spec;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
};

// An external tensor of the graph.
struct GraphPort {
  std::string name;  // the model's own name
  ValueId value = 0;
  ExternalForm form = ExternalForm::float32;
};

// A plain value: copied and compared by passes. verify() says whether it is a good one.
struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Layer> layers;
  std::vector<GraphPort> inputs;
  std::vector<GraphPort> outputs;

  ValueId add_value(std::string value_name, TensorType type) {
    values.push_back({std::move(value_name), std::move(type)});
    return values.size() - 1;
  }
  [[nodiscard]] std::vector<TensorType> types(std::span<const ValueId> ids) const;
  // The layer that produces a value, or nullptr for a graph input.
  [[nodiscard]] const Layer* producer(ValueId value) const;
  // The layers that read a value, in order.
  [[nodiscard]] std::vector<const Layer*> consumers(ValueId value) const;
  [[nodiscard]] bool is_output(ValueId value) const;
  // True if every external and internal tensor is of integers.
  [[nodiscard]] bool is_integer() const;
  // Inputs or outputs as a client and a node see them.
  [[nodiscard]] std::vector<Port> ports(std::span<const GraphPort> which) const;
};

// Every rule of a graph: ids in range; names unique and non-empty; each value produced once, before its use; each
// operation known to a family whose infer() and verify() accept the layer; each quantisation well formed. The error
// names the layer. Also: at least one input and one output; no layer mixes float32 and integer tensors; a port of form
// `integer` is of integers, and an integer one of form `float32` has one scale. All unsupported operations are named in
// one message.
Result<> verify(const Graph& graph, Families families);

// The same graph without values that no layer and no port uses; ids are renumbered in order.
Graph compact(const Graph& graph);

}  // namespace algean::kernels
