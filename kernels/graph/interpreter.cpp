#include "kernels/graph/interpreter.hpp"

namespace algean::kernels {
namespace {

// A tensor may come without the quantisation that its integers have in the graph, never with another.
bool agrees(const TensorType& given, const TensorType& wanted) {
  const bool same_kind =
      given.shape == wanted.shape && given.element.with(std::nullopt) == wanted.element.with(std::nullopt);
  return same_kind && (!given.element.quantisation() || given == wanted);
}

Result<> take_inputs(const Graph& graph, std::span<const Tensor> inputs, std::vector<Tensor>& tensors) {
  if (inputs.size() != graph.inputs.size()) {
    return bad_input("{} input tensors, the graph has {}", inputs.size(), graph.inputs.size());
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ValueId id = graph.inputs[i].value;
    const TensorType& wanted = graph.values.at(id).type;
    if (!agrees(inputs[i].type(), wanted)) {
      const bool same_text = inputs[i].type().text() == wanted.text();
      return bad_input("input '{}' is {}{}, must be {}", graph.inputs[i].name, inputs[i].type().text(),
                       same_text ? " of another quantisation" : "", wanted.text());
    }
    tensors[id] = inputs[i];
    tensors[id].retype(wanted);
  }
  return {};
}

// Of each value: the index of the last layer that reads it, or that makes it where none does; one past the last layer
// for an output of the graph.
std::vector<std::size_t> last_uses(const Graph& graph) {
  std::vector<std::size_t> last(graph.values.size(), 0);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (const ValueId id : graph.layers[i].inputs) last.at(id) = i;
    for (const ValueId id : graph.layers[i].outputs) last.at(id) = i;
  }
  for (const GraphPort& port : graph.outputs) last.at(port.value) = graph.layers.size();
  return last;
}

Result<> run(const Graph& graph, const Layer& layer, Families families, std::vector<Tensor>& tensors) {
  const Family* family = find_family(families, layer.spec.operation);
  if (family == nullptr) {
    return bad_input("layer '{}': unsupported operation '{}'", layer.spec.name, layer.spec.operation);
  }
  std::vector<const Tensor*> inputs;
  std::vector<Tensor*> outputs;
  bool is_float = true;
  for (const ValueId id : layer.inputs) {
    inputs.push_back(&tensors.at(id));
    is_float = is_float && graph.values[id].type.element.is_float();
  }
  for (const ValueId id : layer.outputs) {
    tensors.at(id) = Tensor(graph.values.at(id).type);
    outputs.push_back(&tensors[id]);
    is_float = is_float && graph.values[id].type.element.is_float();
  }
  if (is_float) {
    family->evaluate_float(layer.spec, inputs, outputs);
  } else {
    family->evaluate_integer(layer.spec, inputs, outputs);
  }
  return {};
}

}  // namespace

Result<std::vector<Tensor>> interpret(const Graph& graph, Families families, std::span<const Tensor> inputs,
                                      const Observer& observe) {
  std::vector<Tensor> tensors(graph.values.size());
  ALGEAN_TRY(take_inputs(graph, inputs, tensors));
  if (observe) {
    for (const GraphPort& port : graph.inputs) observe(port.value, tensors[port.value]);
  }
  const std::vector<std::size_t> last = last_uses(graph);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    ALGEAN_TRY(run(graph, layer, families, tensors));
    for (const ValueId id : layer.outputs) {
      if (observe) observe(id, tensors[id]);
      if (last[id] == i) tensors[id] = Tensor();
    }
    for (const ValueId id : layer.inputs) {
      if (last[id] == i) tensors[id] = Tensor();
    }
  }
  std::vector<Tensor> outputs;
  outputs.reserve(graph.outputs.size());
  for (const GraphPort& port : graph.outputs) outputs.push_back(tensors.at(port.value));
  return outputs;
}

}  // namespace algean::kernels
