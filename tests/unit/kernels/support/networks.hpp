// Seeded integer networks with real requantisation parameters, for tests and benches.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels::testing {

// Appends a layer with one input and one output, and returns its output's id.
inline ValueId append(Graph& graph, Families families, LayerSpec layer, ValueId from, const ElementType& element) {
  const Family* family = find_family(families, layer.operation);
  const std::vector<TensorType> inputs{graph.values[from].type};
  const Shape shape = family->infer(layer, inputs).value().at(0);
  const TensorType output{element, shape};
  if (element.is_integer()) layer = family->quantise(layer, inputs, {&output, 1}).value();
  const ValueId to = graph.add_value(layer.name + "_out", output);
  graph.layers.push_back({std::move(layer), {from}, {to}});
  return to;
}

// Integer dense layers of the given widths, relu but for the last, weights uniform with variance 2 / n_in and biases in
// [-0.25, 0.25]: activations keep their size, and int8 scales of about 4 / 127 fit. `same_scales`: a channel's first
// weight is the largest, so that all channels of a layer have one scale.
inline Graph dense_network(Families families, const std::vector<std::int64_t>& widths, std::uint64_t seed,
                           bool same_scales = false) {
  Random random(seed);
  Graph graph{"network", {}, {}, {}, {}};
  ValueId at = graph.add_value("x", int8({widths.front()}, 4.0 / 255, 0));
  graph.inputs.push_back({"x", at, ExternalForm::integer});
  for (std::size_t i = 1; i < widths.size(); ++i) {
    const double limit = std::sqrt(6.0 / static_cast<double>(widths[i - 1]));
    const auto count = static_cast<std::size_t>(widths[i] * widths[i - 1]);
    auto weights = random_reals(random, count, -limit, limit);
    if (same_scales) {
      for (std::size_t o = 0; o < count; o += static_cast<std::size_t>(widths[i - 1])) {
        weights[o] = static_cast<float>(limit);
      }
    }
    LayerSpec layer = dense(widths[i], widths[i - 1], weights,
                            random_reals(random, static_cast<std::size_t>(widths[i]), -0.25, 0.25));
    const bool last = i + 1 == widths.size();
    layer.name = fmt::format("dense_{}", i);
    layer.attributes.set("activation", std::string(last ? "linear" : "relu"));
    at = append(graph, families, layer, at,
                ElementType::int8(Quantisation::per_tensor(last ? 8.0 / 255 : 4.0 / 255, last ? 0 : -128)));
  }
  graph.outputs.push_back({"y", at, ExternalForm::integer});
  return graph;
}

// One run of an engine with one input and one output.
inline Tensor run_engine(Engine& engine, const Tensor& x) {
  Tensor y(engine.outputs()[0].type);
  const std::byte* const inputs[] = {x.bytes().data()};
  std::byte* const outputs[] = {y.bytes().data()};
  engine.run(inputs, outputs);
  return y;
}

}  // namespace algean::kernels::testing
