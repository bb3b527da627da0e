#include "kernels/circuit/fold.hpp"

#include <algorithm>
#include <limits>

#include "kernels/circuit/join.hpp"

namespace algean::kernels {
namespace {

constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

// Cycles an inference that the layer may take.
Result<std::int64_t> allowed_cycles(const FoldingGoal& goal, const Layer& layer, const Graph& graph) {
  const auto reuse = goal.reuse_factors.find(layer.spec.name);
  if (reuse == goal.reuse_factors.end()) return goal.interval_cycles.value_or(any);
  const Shape& shape = graph.values[layer.outputs.front()].type.shape;
  const std::int64_t rows = shape.elements() / shape.channels();
  if (reuse->second < 1 || reuse->second > any / rows) {
    return bad_input("layer '{}': reuse factor {} is out of range", layer.spec.name, reuse->second);
  }
  return reuse->second * rows;
}

Result<LayerHardware> choose(const Graph& graph, Families families, const FoldingGoal& goal, const Layer& layer) {
  ALGEAN_ASSIGN(const Hardware* hardware, hardware_of(layer.spec, families));
  ALGEAN_ASSIGN(const std::int64_t allowed, allowed_cycles(goal, layer, graph));
  const auto inputs = graph.types(layer.inputs);
  const auto outputs = graph.types(layer.outputs);
  const auto where = [&](const Error& error) { return error.within(fmt::format("layer '{}'", layer.spec.name)); };
  const auto foldings = hardware->foldings(layer.spec, inputs, outputs, goal.options);
  if (!foldings) return std::unexpected(where(foldings.error()));
  ALGEAN_INVARIANT(!foldings->empty());
  const auto interval = [&](const Folding& folding) {
    return hardware->cycles(layer.spec, inputs, outputs, folding, goal.options).interval;
  };
  // Fewest multipliers first, each faster than the one before.
  const auto found =
      std::ranges::partition_point(*foldings, [&](const Folding& folding) { return interval(folding) > allowed; });
  if (found != foldings->end()) return LayerHardware{*found, goal.options};
  return bad_input("layer '{}': {} cycles an inference at its fastest (SIMD {}, PE {}), more than the {} wanted",
                   layer.spec.name, interval(foldings->back()), foldings->back().simd, foldings->back().pe, allowed);
}

}  // namespace

Result<std::vector<LayerHardware>> choose_foldings(const Graph& graph, Families families, const FoldingGoal& goal) {
  if (!graph.is_integer()) return bad_input("'{}' computes in floats: hardware takes integers", graph.name);
  if (goal.interval_cycles && *goal.interval_cycles < 1) return bad_input("an interval is at least 1 cycle");
  for (const auto& [name, reuse] : goal.reuse_factors) {
    const auto is_it = [&wanted = name](const Layer& layer) { return layer.spec.name == wanted; };
    if (std::ranges::none_of(graph.layers, is_it)) {
      return bad_input("reuse factor {} for layer '{}', which the network does not have", reuse, name);
    }
  }
  std::vector<LayerHardware> chosen;
  for (const Layer& layer : graph.layers) {
    ALGEAN_ASSIGN(const LayerHardware hardware, choose(graph, families, goal, layer));
    chosen.push_back(hardware);
  }
  return chosen;
}

}  // namespace algean::kernels
