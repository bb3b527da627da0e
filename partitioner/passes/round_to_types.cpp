#include <algorithm>
#include <utility>

#include "partitioner/passes/quantise.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::ValueId;

// True for a layer that only moves numbers: its output is of its input's type, whichever that is.
bool moves(const Layer& layer, const Graph& graph, kernels::Families families) {
  if (layer.inputs.size() != 1) return false;
  const ElementType any = ElementType::int8(Quantisation::per_tensor(0.375, 11));
  const std::vector<TensorType> inputs{{any, graph.values[layer.inputs[0]].type.shape}};
  return kernels::find_family(families, layer.spec.operation)->fixed_output(layer.spec, inputs) == any;
}

class Rounder {
 public:
  Rounder(const Graph& graph, kernels::Families families, const ValueTypes& types)
      : families_(families), types_(types), result_(graph) {
    for (ValueId value = 0; value < graph.values.size(); ++value) read_.push_back(value);
  }

  Graph run() {
    const std::vector<Layer> layers = std::exchange(result_.layers, {});
    for (const auto& port : result_.inputs) round(port.value);
    for (Layer layer : layers) {
      const bool is_rounded = moves(layer, result_, families_) && same_type(layer.inputs[0], layer.outputs[0]);
      for (ValueId& input : layer.inputs) input = read_[input];
      const std::vector<ValueId> outputs = layer.outputs;
      result_.layers.push_back(std::move(layer));
      for (const ValueId output : outputs) {
        if (!is_rounded) round(output);
      }
    }
    for (auto& port : result_.outputs) port.value = read_[port.value];
    return std::move(result_);
  }

 private:
  [[nodiscard]] const ElementType* type(ValueId value) const {
    const auto found = types_.find(result_.values[value].name);
    return found == types_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool same_type(ValueId left, ValueId right) const {
    return type(left) != nullptr && type(right) != nullptr && *type(left) == *type(right);
  }

  // scale * (the nearest whole number to x / scale, halves to even, that the type has a code for)
  void round(ValueId value) {
    const ElementType* element = type(value);
    if (element == nullptr) return;
    const double scale = element->quantisation()->scale();
    const double zero_point = element->quantisation()->zero_point();
    const auto low = static_cast<double>(element->lowest()) - zero_point;
    const auto high = static_cast<double>(element->highest()) - zero_point;
    read_[value] = append(value, value, "steps", {"affine", {{"scale", 1 / scale}, {"offset", 0.0}}});
    read_[value] = append(value, read_[value], "whole", {"round", {}});
    read_[value] = append(value, read_[value], "cut", {"clip", {{"low", low}, {"high", high}}});
    read_[value] = append(value, read_[value], "rounded", {"affine", {{"scale", scale}, {"offset", 0.0}}});
  }

  struct What {
    std::string operation;
    kernels::Attributes attributes;
  };
  ValueId append(ValueId named, ValueId input, const char* suffix, What what) {
    const std::string name = result_.values[named].name + "/" + suffix;
    const ValueId output = result_.add_value(name, result_.values[named].type);
    result_.layers.push_back({{name, std::move(what.operation), std::move(what.attributes), {}}, {input}, {output}});
    return output;
  }

  kernels::Families families_;
  const ValueTypes& types_;
  Graph result_;
  std::vector<ValueId> read_;  // of each of the first graph's values: what its readers read
};

}  // namespace

Result<> round_to_types(Graph& graph, kernels::Families families, const ValueTypes& types) {
  Graph rounded = Rounder(graph, families, types).run();
  ALGEAN_TRY(kernels::verify(rounded, families));
  graph = std::move(rounded);
  return {};
}

}  // namespace algean::partitioner
