#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "kernels/graph/graph.hpp"

namespace algean::kernels {
namespace {

Result<> verify_per_axis(const Quantisation& q, const Shape& shape) {
  if (q.axis < 0) {
    if (q.scales.size() != 1) return bad_input("{} scales, a tensor without an axis has 1", q.scales.size());
    return {};
  }
  const auto axis = static_cast<std::size_t>(q.axis);
  if (axis >= shape.rank()) return bad_input("quantised along axis {} of a tensor {}", q.axis, shape.text());
  if (q.scales.size() != static_cast<std::size_t>(shape[axis])) {
    return bad_input("{} scales for {} channels of axis {}", q.scales.size(), shape[axis], q.axis);
  }
  return {};
}

Result<> verify_quantisation(const TensorType& type) {
  if (!type.element.quantisation()) return {};
  if (type.element.is_float()) return bad_input("float32 with a quantisation, which only integers have");
  const Quantisation& q = *type.element.quantisation();
  if (q.zero_points.size() != q.scales.size()) {
    return bad_input("{} zero points for {} scales", q.zero_points.size(), q.scales.size());
  }
  ALGEAN_TRY(verify_per_axis(q, type.shape));
  for (std::size_t i = 0; i < q.scales.size(); ++i) {
    if (!std::isfinite(q.scales[i]) || q.scales[i] <= 0) {
      return bad_input("scale {} is {}, must be finite and above 0", i, q.scales[i]);
    }
    if (!std::isfinite(1 / q.scales[i])) {
      return bad_input("scale {} is {}, so small that 1 / scale is not finite", i, q.scales[i]);
    }
    if (q.zero_points[i] < type.element.lowest() || q.zero_points[i] > type.element.highest()) {
      return bad_input("zero point {} is {}, outside {}", i, q.zero_points[i], type.element.name());
    }
  }
  return {};
}

// Integers of fewer bits than their storage has may not use the others.
Result<> verify_elements(const Tensor& tensor) {
  const ElementType& element = tensor.type().element;
  if (element.is_float() || static_cast<std::size_t>(element.bits()) == 8 * element.bytes()) return {};
  for (std::size_t i = 0; i < tensor.bytes().size() / element.bytes(); ++i) {
    const std::int64_t value = tensor.integer_at(i);
    if (value < element.lowest() || value > element.highest()) {
      return bad_input("element {} is {}, outside {}", i, value, element.name());
    }
  }
  return {};
}

Result<> verify_constants(const LayerSpec& spec) {
  for (const auto& [role, tensor] : spec.constants) {
    if (tensor == nullptr) return bad_input("constant '{}' has no tensor", role);
    auto good = verify_quantisation(tensor->type());
    if (good) good = verify_elements(*tensor);
    if (!good) return std::unexpected(good.error().within(fmt::format("constant '{}'", role)));
  }
  return {};
}

Result<> verify_names(const Graph& graph) {
  std::unordered_set<std::string_view> values;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    const Value& value = graph.values[i];
    if (value.name.empty()) return bad_input("value {} has no name", i);
    if (!values.insert(value.name).second) return bad_input("two values are named '{}'", value.name);
  }
  std::unordered_set<std::string_view> layers;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const std::string& name = graph.layers[i].spec.name;
    if (name.empty()) return bad_input("layer {} ({}) has no name", i, graph.layers[i].spec.operation);
    if (!layers.insert(name).second) return bad_input("two layers are named '{}'", name);
  }
  return {};
}

Result<> verify_port(const Graph& graph, const GraphPort& port, std::string_view kind) {
  if (port.name.empty()) return bad_input("an {} has no name", kind);
  if (port.value >= graph.values.size()) {
    return bad_input("{} '{}': value {} of {} does not exist", kind, port.name, port.value, graph.values.size());
  }
  const ElementType& element = graph.values[port.value].type.element;
  if (element.is_float() && port.form == ExternalForm::integer) {
    return bad_input("{} '{}': form integer, but the tensor is float32", kind, port.name);
  }
  const auto& quantisation = element.quantisation();
  if (element.is_integer() && port.form == ExternalForm::float32 && !(quantisation && quantisation->axis < 0)) {
    return bad_input("{} '{}': form float32 needs an integer tensor with one scale", kind, port.name);
  }
  return {};
}

Result<> verify_ports(const Graph& graph) {
  if (graph.inputs.empty()) return bad_input("no input");
  if (graph.outputs.empty()) return bad_input("no output");
  for (const bool is_input : {true, false}) {
    const std::string_view kind = is_input ? "input" : "output";
    std::unordered_set<std::string_view> names;
    for (const GraphPort& port : is_input ? graph.inputs : graph.outputs) {
      ALGEAN_TRY(verify_port(graph, port, kind));
      if (!names.insert(port.name).second) return bad_input("two {}s are named '{}'", kind, port.name);
    }
  }
  return {};
}

// Each value is produced once, before its use.
Result<> verify_order(const Graph& graph) {
  std::vector<bool> known(graph.values.size(), false);
  for (const GraphPort& port : graph.inputs) {
    if (known[port.value])
      return bad_input("input '{}': value '{}' is another input too", port.name, graph.values[port.value].name);
    known[port.value] = true;
  }
  for (const Layer& layer : graph.layers) {
    const std::string& name = layer.spec.name;
    for (const ValueId id : layer.inputs) {
      if (id >= known.size()) return bad_input("layer '{}': input value {} does not exist", name, id);
      if (!known[id])
        return bad_input("layer '{}': reads value '{}' before it is produced", name, graph.values[id].name);
    }
    if (layer.outputs.empty()) return bad_input("layer '{}': has no output", name);
    for (const ValueId id : layer.outputs) {
      if (id >= known.size()) return bad_input("layer '{}': output value {} does not exist", name, id);
      if (known[id]) return bad_input("layer '{}': value '{}' is produced a second time", name, graph.values[id].name);
      known[id] = true;
    }
  }
  const auto missing = std::ranges::find(known, false);
  if (missing != known.end()) {
    return bad_input("value '{}' is neither an input nor produced by a layer",
                     graph.values[static_cast<std::size_t>(missing - known.begin())].name);
  }
  return {};
}

Result<> verify_operations(const Graph& graph, Families families) {
  std::vector<std::string> unsupported;
  for (const Layer& layer : graph.layers) {
    if (find_family(families, layer.spec.operation) == nullptr) {
      unsupported.push_back(fmt::format("'{}' of layer '{}'", layer.spec.operation, layer.spec.name));
    }
  }
  if (unsupported.empty()) return {};
  return bad_input("unsupported operation{} {}", unsupported.size() > 1 ? "s" : "", fmt::join(unsupported, ", "));
}

Result<> verify_layer(const Graph& graph, const Layer& layer, Families families) {
  ALGEAN_TRY(verify_constants(layer.spec));
  const Family& family = *find_family(families, layer.spec.operation);
  const auto inputs = graph.types(layer.inputs);
  const auto outputs = graph.types(layer.outputs);
  const auto is_float = [](const TensorType& type) { return type.element.is_float(); };
  const auto floats = std::ranges::count_if(inputs, is_float) + std::ranges::count_if(outputs, is_float);
  if (floats != 0 && static_cast<std::size_t>(floats) != inputs.size() + outputs.size()) {
    return bad_input("mixes float32 and integer tensors");
  }
  ALGEAN_ASSIGN(const std::vector<Shape> shapes, family.infer(layer.spec, inputs));
  if (shapes.size() != outputs.size()) {
    return bad_input("{} outputs, {} has {}", outputs.size(), layer.spec.operation, shapes.size());
  }
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i] == outputs[i].shape) continue;
    return bad_input("output '{}' is {}, {} makes {}", graph.values[layer.outputs[i]].name, outputs[i].shape.text(),
                     layer.spec.operation, shapes[i].text());
  }
  return family.verify(layer.spec, inputs, outputs);
}

}  // namespace

Result<> verify(const Graph& graph, Families families) {
  ALGEAN_TRY(verify_names(graph));
  for (const Value& value : graph.values) {
    if (auto good = verify_quantisation(value.type); !good) {
      return std::unexpected(good.error().within(fmt::format("value '{}'", value.name)));
    }
  }
  ALGEAN_TRY(verify_ports(graph));
  ALGEAN_TRY(verify_order(graph));
  ALGEAN_TRY(verify_operations(graph, families));
  for (const Layer& layer : graph.layers) {
    if (auto good = verify_layer(graph, layer, families); !good) {
      return std::unexpected(good.error().within(fmt::format("layer '{}'", layer.spec.name)));
    }
  }
  return {};
}

}  // namespace algean::kernels
