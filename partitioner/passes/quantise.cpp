#include "partitioner/passes/quantise.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "partitioner/passes/calibrate.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;
using kernels::Range;
using kernels::ValueId;

// Everything that keeps the graph from becoming one of integers before a family is asked.
Result<> check(const Graph& graph, kernels::Families families, std::span<const Range> ranges) {
  ALGEAN_TRY(check_finite_constants(graph));
  ALGEAN_TRY(kernels::verify(graph, families));
  for (const kernels::Value& value : graph.values) {
    if (!value.type.element.is_float()) return bad_input("value '{}' is of integers already", value.name);
  }
  ALGEAN_INVARIANT(ranges.size() == graph.values.size());
  for (ValueId id = 0; id < ranges.size(); ++id) {
    if (std::isfinite(ranges[id].low) && std::isfinite(ranges[id].high) && ranges[id].low <= ranges[id].high) continue;
    return bad_input("value '{}': range [{}, {}] must be finite", graph.values[id].name, ranges[id].low,
                     ranges[id].high);
  }
  return {};
}

void set_output_types(const Layer& layer, const kernels::Family& family, std::span<const Range> ranges, Graph& result) {
  for (const ValueId id : layer.outputs) result.values[id].type.element = activation_type(ranges[id]);
  const auto fixed = family.fixed_output(layer.spec, result.types(layer.inputs));
  if (fixed) result.values[layer.outputs[0]].type.element = *fixed;
}

Result<kernels::LayerSpec> quantise_layer(const Layer& layer, const kernels::Family& family, const Graph& result) {
  if (!family.hardware()) {
    return bad_input("{} has no integer form, and no pass could fold it into a layer beside it", layer.spec.operation);
  }
  return family.quantise(layer.spec, result.types(layer.inputs), result.types(layer.outputs));
}

}  // namespace

ElementType activation_type(Range range) {
  const double low = std::min(range.low, 0.0);
  const double high = std::max(range.high, 0.0);
  const double scale = (high - low) / 255;
  if (!(scale > 0x1p-126)) return ElementType::int8(Quantisation::per_tensor(1.0 / 128, 0));
  const double zero_point = std::clamp(std::floor(-128 - low / scale + 0.5), -128.0, 127.0);
  return ElementType::int8(Quantisation::per_tensor(scale, static_cast<std::int32_t>(zero_point)));
}

Result<Graph> quantise(const Graph& graph, kernels::Families families, std::span<const Range> ranges) {
  ALGEAN_TRY(check(graph, families, ranges));
  Graph result = graph;
  for (const kernels::GraphPort& port : graph.inputs) {
    result.values[port.value].type.element = activation_type(ranges[port.value]);
  }
  std::vector<std::string> problems;
  for (Layer& layer : result.layers) {
    const kernels::Family& family = *kernels::find_family(families, layer.spec.operation);
    set_output_types(layer, family, ranges, result);
    auto spec = quantise_layer(layer, family, result);
    if (spec) {
      layer.spec = *std::move(spec);
    } else {
      problems.push_back(fmt::format("layer '{}': {}", layer.spec.name, spec.error().message));
    }
  }
  if (!problems.empty()) return bad_input("cannot quantise {}", fmt::join(problems, "; "));
  if (auto good = kernels::verify(result, families); !good) {
    return failed("quantise left a graph that is not well formed: {}", good.error().message);
  }
  return result;
}

}  // namespace algean::partitioner
