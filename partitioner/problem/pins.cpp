#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/graph/extract.hpp"
#include "partitioner/problem/problem.hpp"

namespace algean::partitioner {
namespace {

using kernels::Graph;
using kernels::Layer;

std::optional<std::size_t> find_layer(const Graph& graph, const std::string& name) {
  const auto found = std::ranges::find(graph.layers, name, [](const Layer& layer) { return layer.spec.name; });
  if (found == graph.layers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - graph.layers.begin());
}

// The layer that makes the value of that name.
std::optional<std::size_t> find_producer(const Graph& graph, const std::string& value) {
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (const kernels::ValueId id : graph.layers[i].outputs) {
      if (graph.values[id].name == value) return i;
    }
  }
  return std::nullopt;
}

// A layer of the imported graph in the one that runs: the same, or the one that now makes what it made.
std::optional<std::size_t> follow(const std::string& name, const Graph& imported, const Graph& runnable) {
  if (const auto same = find_layer(runnable, name)) return same;
  const auto before = find_layer(imported, name);
  if (!before) return std::nullopt;
  for (const kernels::ValueId id : imported.layers[*before].outputs) {
    if (const auto now = find_producer(runnable, imported.values[id].name)) return now;
  }
  return std::nullopt;
}

std::string names(const std::vector<TargetNode>& nodes) {
  std::vector<std::string> result;
  for (const TargetNode& node : nodes) result.push_back(fmt::format("'{}'", node.name));
  return fmt::format("{}", fmt::join(result, ", "));
}

}  // namespace

Result<std::vector<std::optional<std::size_t>>> follow_pins(const std::vector<Net::LayerHint>& lines,
                                                            const Graph& imported, const Graph& runnable,
                                                            const Target& target) {
  const std::vector<bool> live = kernels::live_layers(runnable);
  std::vector<std::optional<std::size_t>> pins(runnable.layers.size());
  std::vector<const Net::LayerHint*> by(runnable.layers.size());
  for (const Net::LayerHint& line : lines) {
    if (!line.node) continue;
    const auto node = target.find(*line.node);
    if (!node) {
      return bad_input("{}: 'layers.{}.node' names no node of the cluster: '{}'; it has {}", line.where, line.layer,
                       *line.node, names(target.nodes));
    }
    const auto layer = follow(line.layer, imported, runnable);
    if (!layer) {
      return bad_input(
          "{}: 'layers.{}.node': passes removed this layer or folded it into several others; `algean check` lists "
          "those that can have a node",
          line.where, line.layer);
    }
    const std::string& found = runnable.layers[*layer].spec.name;
    if (!live[*layer]) {
      return bad_input("{}: 'layers.{}.node': no output needs layer '{}'", line.where, line.layer, found);
    }
    if (pins[*layer] && *pins[*layer] != *node) {
      return bad_input("{}: 'layers.{}.node' is '{}', but layer '{}', which it is part of, is put on '{}' by {}",
                       line.where, line.layer, *line.node, found, *by[*layer]->node, by[*layer]->where);
    }
    pins[*layer] = node;
    by[*layer] = &line;
  }
  return pins;
}

}  // namespace algean::partitioner
