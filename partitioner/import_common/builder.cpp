#include "partitioner/import_common/builder.hpp"

#include <algorithm>
#include <cmath>
#include <ranges>

namespace algean::partitioner {

using kernels::Graph;
using kernels::Layer;
using kernels::LayerSpec;
using kernels::ValueId;

std::string index_text(const Shape& shape, std::size_t element) {
  std::vector<std::int64_t> index(shape.rank());
  auto rest = static_cast<std::int64_t>(element);
  for (std::size_t axis = shape.rank(); axis-- > 0;) {
    index[axis] = rest % shape[axis];
    rest /= shape[axis];
  }
  return fmt::format("[{}]", fmt::join(index, ","));
}

Result<Constant> make_constant(const std::string& what, Shape shape, std::span<const float> elements) {
  const auto wrong = std::ranges::find_if(elements, [](float x) { return !std::isfinite(x); });
  if (wrong != elements.end()) {
    return bad_input("{}{} is {}", what, index_text(shape, static_cast<std::size_t>(wrong - elements.begin())),
                     std::isnan(*wrong) ? "NaN" : "infinite");
  }
  return std::make_shared<const Tensor>(TensorType{ElementType::float32(), std::move(shape)}, elements);
}

std::string GraphBuilder::unique(Names& taken, const std::string& name) {
  std::string result = name;
  for (int& next = taken.next[name]; !taken.all.insert(result).second; ++next) {
    result = fmt::format("{}:{}", name, next + 1);
  }
  return result;
}

ValueId GraphBuilder::add_input(const std::string& name, Shape shape) {
  return add_input(name, {ElementType::float32(), std::move(shape)}, ExternalForm::float32);
}

ValueId GraphBuilder::add_input(const std::string& name, TensorType type, ExternalForm form) {
  const ValueId value = graph_.add_value(unique(value_names_, name), std::move(type));
  graph_.inputs.push_back({unique(port_names_, name), value, form});
  return value;
}

void GraphBuilder::add_output(const std::string& name, ValueId value, ExternalForm form) {
  graph_.outputs.push_back({unique(port_names_, name), value, form});
}

Result<std::pair<const kernels::Family*, std::vector<Shape>>> GraphBuilder::prepare(LayerSpec& spec,
                                                                                    std::span<const TensorType> inputs,
                                                                                    std::size_t outputs) {
  spec.name = unique(layer_names_, spec.name);
  const kernels::Family* family = kernels::find_family(families_, spec.operation);
  if (family == nullptr) return bad_input("{}: no family computes '{}'", spec.name, spec.operation);
  auto shapes = family->infer(spec, inputs);
  if (!shapes) return std::unexpected(shapes.error().within(spec.name));
  if (shapes->size() != outputs) {
    return bad_input("{}: {} makes {} tensors, {} are expected", spec.name, spec.operation, shapes->size(), outputs);
  }
  return std::pair{family, *std::move(shapes)};
}

std::vector<ValueId> GraphBuilder::append(LayerSpec spec, std::span<const ValueId> inputs,
                                          std::span<const std::string> value_names, std::vector<TensorType> outputs) {
  std::vector<ValueId> values;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    values.push_back(graph_.add_value(unique(value_names_, value_names[i]), std::move(outputs[i])));
    producers_.emplace(values.back(), graph_.layers.size());
  }
  graph_.layers.push_back(Layer{std::move(spec), {inputs.begin(), inputs.end()}, values});
  return values;
}

Result<std::vector<ValueId>> GraphBuilder::add_layer(LayerSpec spec, std::span<const ValueId> inputs,
                                                     std::span<const std::string> value_names) {
  const std::vector<TensorType> types = graph_.types(inputs);
  ALGEAN_ASSIGN(auto prepared, prepare(spec, types, value_names.size()));
  std::vector<TensorType> outputs;
  for (Shape& shape : prepared.second) outputs.push_back({ElementType::float32(), std::move(shape)});
  return append(std::move(spec), inputs, value_names, std::move(outputs));
}

Result<ValueId> GraphBuilder::add_layer(LayerSpec spec, ValueId input, const std::string& value_name) {
  ALGEAN_ASSIGN(const auto values, add_layer(std::move(spec), std::span(&input, 1), std::span(&value_name, 1)));
  return values.front();
}

Result<std::vector<ValueId>> GraphBuilder::add_quantised_layer(LayerSpec spec, std::span<const ValueId> inputs,
                                                               std::span<const std::string> value_names,
                                                               std::span<const ElementType> outputs) {
  ALGEAN_INVARIANT(outputs.size() == value_names.size());
  const std::vector<TensorType> types = graph_.types(inputs);
  ALGEAN_ASSIGN(auto prepared, prepare(spec, types, value_names.size()));
  auto& [family, shapes] = prepared;
  std::vector<TensorType> output_types;
  for (std::size_t i = 0; i < shapes.size(); ++i) output_types.push_back({outputs[i], std::move(shapes[i])});
  auto integers = family->quantise(spec, types, output_types);
  if (!integers) return std::unexpected(integers.error().within(spec.name));
  if (auto good = family->verify(*integers, types, output_types); !good) {
    return std::unexpected(good.error().within(spec.name));
  }
  return append(*std::move(integers), inputs, value_names, std::move(output_types));
}

Result<ValueId> GraphBuilder::add_dense(const std::string& name, ValueId input, DenseConstants constants,
                                        const std::string& value_name) {
  LayerSpec spec{name, "dense", {}, {{"weight", std::move(constants.weight)}}};
  if (constants.bias) spec.constants["bias"] = std::move(constants.bias);
  return add_layer(std::move(spec), input, value_name);
}

Result<ValueId> GraphBuilder::add_reshape(const std::string& name, ValueId input, const Shape& shape,
                                          const std::string& value_name) {
  const auto extents = shape.extents();
  return add_layer({name, "reshape", {{"shape", std::vector<std::int64_t>(extents.begin(), extents.end())}}, {}}, input,
                   value_name);
}

Result<ValueId> GraphBuilder::add_batch_norm(const std::string& name, ValueId input, std::size_t axis,
                                             const BatchNormConstants& constants, const std::string& value_name) {
  const Shape whole = shape(input);
  ALGEAN_INVARIANT(axis < whole.rank());
  std::vector<std::int64_t> extents(whole.extents().begin(), whole.extents().end());
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < extents.size(); ++i) inner *= extents[i];
  extents.resize(axis + 1);
  extents.back() *= inner;

  norm_elements_ += 4 * extents.back();
  if (norm_elements_ > max_norm_elements) {
    return bad_input("{}: batch normalisations take more than {} constants", name, max_norm_elements);
  }
  LayerSpec spec{name, "batch_norm", {{"epsilon", constants.epsilon}}, {}};
  const std::pair<const char*, const std::vector<float>*> roles[] = {{"gamma", &constants.gamma},
                                                                     {"beta", &constants.beta},
                                                                     {"mean", &constants.mean},
                                                                     {"variance", &constants.variance}};
  for (const auto& [role, channels] : roles) {
    std::vector<float> repeated;
    for (const float value : *channels) repeated.insert(repeated.end(), static_cast<std::size_t>(inner), value);
    ALGEAN_ASSIGN(const Shape channel_shape, Shape::make({static_cast<std::int64_t>(repeated.size())}));
    ALGEAN_ASSIGN(spec.constants[role], make_constant(name + ": " + role, channel_shape, repeated));
  }
  if (axis + 1 == whole.rank()) return add_layer(std::move(spec), input, value_name);
  ALGEAN_ASSIGN(const Shape folded, Shape::make(extents));
  ALGEAN_ASSIGN(const ValueId flat, add_reshape(name + "/fold", input, folded, name + "/folded"));
  ALGEAN_ASSIGN(const ValueId normal, add_layer(std::move(spec), flat, name + "/normal"));
  return add_reshape(name + "/unfold", normal, whole, value_name);
}

Result<Graph> GraphBuilder::finish() {
  std::vector<bool> used(graph_.values.size(), false);
  for (const auto& port : graph_.outputs) used[port.value] = true;
  std::vector<Layer> kept;
  for (Layer& layer : graph_.layers | std::views::reverse) {
    if (std::ranges::none_of(layer.outputs, [&](ValueId value) { return used[value]; })) continue;
    for (const ValueId value : layer.inputs) used[value] = true;
    kept.push_back(std::move(layer));
  }
  std::ranges::reverse(kept);
  graph_.layers = std::move(kept);
  Graph graph = kernels::compact(graph_);
  ALGEAN_TRY(kernels::verify(graph, families_));
  return graph;
}

}  // namespace algean::partitioner
