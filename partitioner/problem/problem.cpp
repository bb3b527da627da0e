#include "partitioner/problem/problem.hpp"

#include <algorithm>

#include "kernels/graph/extract.hpp"
#include "runtime/wire/elements.hpp"

namespace algean::partitioner {

Problem make_problem(const kernels::Graph& graph, kernels::Families families, std::vector<double> speeds_gmacs) {
  Problem problem;
  problem.live = kernels::live_layers(graph);
  problem.pins.resize(graph.layers.size());
  problem.speeds_gmacs = std::move(speeds_gmacs);
  std::vector<std::optional<std::size_t>> producers(graph.values.size());
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const kernels::Layer& layer = graph.layers[i];
    const kernels::Family* family = kernels::find_family(families, layer.spec.operation);
    const auto work = family->work(layer.spec, graph.types(layer.inputs), graph.types(layer.outputs));
    problem.work.push_back(problem.live[i] ? work : 0);
    for (const kernels::ValueId id : layer.inputs) {
      if (!problem.live[i] || !producers[id]) continue;
      const Problem::Edge edge{*producers[id], i, wire::wire_bytes(graph.values[id].type)};
      if (std::ranges::find(problem.edges, edge) == problem.edges.end()) problem.edges.push_back(edge);
    }
    for (const kernels::ValueId id : layer.outputs) producers[id] = i;
  }
  return problem;
}

std::optional<double> wanted_rate(const std::optional<Net::Target>& target) {
  if (!target) return std::nullopt;
  if (target->inferences_per_s) return target->inferences_per_s;
  if (!target->interval_cycles || !target->clock_mhz) return std::nullopt;
  return *target->clock_mhz * 1e6 / static_cast<double>(*target->interval_cycles);
}

}  // namespace algean::partitioner
