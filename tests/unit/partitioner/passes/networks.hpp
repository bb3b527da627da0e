// Random networks for tests of passes.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "runtime/base/random.hpp"

namespace algean::partitioner::testing {

using kernels::AttributeValue;
using kernels::Graph;
using kernels::Layer;
using kernels::LayerSpec;
using kernels::library;
using kernels::ValueId;

inline std::shared_ptr<const Tensor> floats(const Shape& shape, const std::vector<float>& values) {
  return std::make_shared<Tensor>(TensorType{ElementType::float32(), shape}, std::span<const float>(values));
}

// A chain of layers with random weights; `at` is the value that the next layer reads. A layer "fc1" makes the value
// "fc1".
class Network {
 public:
  Network(std::uint64_t seed, const Shape& input) : random(seed) {
    graph.name = "random";
    at = graph.add_value("x", {ElementType::float32(), input});
    graph.inputs = {{"x", at, ExternalForm::float32}};
  }

  ValueId add(LayerSpec spec) {
    const TensorType input = graph.values[at].type;
    const auto shapes = kernels::find_family(library(), spec.operation)->infer(spec, {&input, 1});
    EXPECT_TRUE(shapes.has_value()) << spec.name;
    const ValueId to = graph.add_value(spec.name, {ElementType::float32(), shapes->at(0)});
    graph.layers.push_back({std::move(spec), {at}, {to}});
    return at = to;
  }
  ValueId dense(const std::string& name, std::int64_t n_out, bool with_bias = true) {
    const std::int64_t n_in = graph.values[at].type.shape.channels();
    LayerSpec spec{name, "dense", {}, {{"weight", uniform({n_out, n_in}, std::sqrt(3.0 / static_cast<double>(n_in)))}}};
    if (with_bias) spec.constants["bias"] = uniform({n_out}, 0.5);
    return add(std::move(spec));
  }
  ValueId batch_norm(const std::string& name) {
    const Shape channels{graph.values[at].type.shape.channels()};
    return add({name,
                "batch_norm",
                {{"epsilon", 0.001}},
                {{"gamma", uniform(channels, 1.5)},
                 {"beta", uniform(channels, 0.5)},
                 {"mean", uniform(channels, 0.5)},
                 {"variance", uniform(channels, 0.9, 1)}}});
  }
  ValueId layer(const std::string& name, const std::string& operation, kernels::Attributes attributes = {}) {
    return add({name, operation, std::move(attributes), {}});
  }
  ValueId reshape(const std::string& name, std::vector<std::int64_t> shape) {
    return layer(name, "reshape", {{"shape", std::move(shape)}});
  }
  Graph finish() {
    output("y", at);
    return graph;
  }
  void output(const std::string& name, ValueId id) { graph.outputs.push_back({name, id, ExternalForm::float32}); }

  // Uniform in centre +- spread.
  std::shared_ptr<const Tensor> uniform(const Shape& shape, double spread, double centre = 0) {
    std::vector<float> values(static_cast<std::size_t>(shape.elements()));
    for (float& value : values) value = static_cast<float>(centre + spread * (2 * random.unit() - 1));
    return floats(shape, values);
  }

  Random random;
  Graph graph;
  ValueId at = 0;
};

// [batch, extents of the graph's only input...], roughly standard normal.
inline Tensor sample_inputs(const Graph& graph, std::int64_t batch, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int64_t> extents = {batch};
  for (const std::int64_t extent : graph.values[graph.inputs[0].value].type.shape.extents()) extents.push_back(extent);
  Tensor tensor({ElementType::float32(), *Shape::make(extents)});
  for (float& value : tensor.elements<float>()) {
    double sum = -6;  // twelve uniforms: variance 1
    for (int i = 0; i < 12; ++i) sum += random.unit();
    value = static_cast<float>(sum);
  }
  return tensor;
}

inline std::vector<std::string> layer_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Layer& layer : graph.layers) names.push_back(layer.spec.name);
  return names;
}

inline std::vector<std::string> value_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const kernels::Value& value : graph.values) names.push_back(value.name);
  return names;
}

inline const LayerSpec& spec_of(const Graph& graph, std::string_view name) {
  for (const Layer& layer : graph.layers) {
    if (layer.spec.name == name) return layer.spec;
  }
  ADD_FAILURE() << "no layer " << name;
  return graph.layers.at(0).spec;
}

}  // namespace algean::partitioner::testing
