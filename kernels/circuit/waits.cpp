#include "kernels/circuit/waits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

namespace algean::kernels {
namespace {

// x waits for y, and what it adds to the length of a ring.
struct Wait {
  std::size_t x = 0;
  std::size_t y = 0;
  double length = 0;
};

constexpr double rounding = 1e-9;

// The nodes of a ring of negative length (Bellman and Ford); empty where there is none.
std::vector<std::size_t> negative_ring(std::size_t nodes, const std::vector<Wait>& waits) {
  std::vector<double> distance(nodes, 0);
  std::vector<std::size_t> before(nodes, nodes);
  std::optional<std::size_t> changed;
  for (std::size_t round = 0; round <= nodes; ++round) {
    changed.reset();
    for (const Wait& wait : waits) {
      if (distance[wait.x] + wait.length >= distance[wait.y] - rounding) continue;
      distance[wait.y] = distance[wait.x] + wait.length;
      before[wait.y] = wait.x;
      changed = wait.y;
    }
    if (!changed) return {};
  }
  std::size_t node = *changed;
  for (std::size_t i = 0; i < nodes; ++i) node = before[node];  // now certainly on the ring
  std::vector<std::size_t> ring{node};
  for (std::size_t at = before[node]; at != node; at = before[at]) ring.push_back(at);
  return ring;
}

double latest_input(const Layer& layer, const std::vector<double>& start) {
  double latest = 0;
  for (const ValueId input : layer.inputs) latest = std::max(latest, start[input]);
  return latest;
}

}  // namespace

Result<> check_no_deadlock(std::span<const std::string> nodes, std::span<const Channel> channels) {
  std::vector<Wait> waits;
  for (const Channel& channel : channels) {
    waits.push_back({channel.to, channel.from, -channel.lag});
    waits.push_back({channel.from, channel.to, channel.lag + channel.capacity});
  }
  const auto ring = negative_ring(nodes.size(), waits);
  if (ring.empty()) return {};
  std::string names;
  for (const std::size_t node : ring) names += fmt::format("{}'{}'", names.empty() ? "" : ", ", nodes[node]);
  return failed("{} can wait for each other for ever: a FIFO between them is too short", names);
}

LayerTiming timing_of(const Cycles& cycles, const Stream& input, const Stream& output, std::int64_t interval) {
  const double lag = std::min(1.0, static_cast<double>(cycles.lag_beats) / static_cast<double>(input.beats()));
  const auto own = static_cast<double>(cycles.interval);
  // Alone, outputs come evenly over an interval, the last one at the latency.
  const double first = static_cast<double>(cycles.latency) - own + own / static_cast<double>(output.rows);
  const double computing = std::max(0.0, first - lag * own);
  return {lag, lag * static_cast<double>(interval) + computing};
}

namespace {

// Cycle of each value's first beat, where a layer's first output is so many cycles behind its first input.
std::vector<double> starts(const Graph& graph, const std::vector<double>& delays) {
  std::vector<double> start(graph.values.size(), 0);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (const ValueId output : graph.layers[i].outputs)
      start[output] = latest_input(graph.layers[i], start) + delays[i];
  }
  return start;
}

}  // namespace

Schedule schedule(const Graph& graph, std::span<const Stream> streams, std::span<const LayerTiming> timings,
                  std::int64_t interval) {
  std::vector<double> delays, lags;
  for (const LayerTiming& timing : timings) {
    delays.push_back(timing.delay);
    lags.push_back(timing.lag * static_cast<double>(interval));
  }
  const std::vector<double> start = starts(graph, delays);
  // With what layers take in alone: nothing that computes the while may make a FIFO shorter than check_no_deadlock()
  // wants it.
  const std::vector<double> least = starts(graph, lags);
  Schedule result;
  auto& beats = result.waiting_beats;
  beats.resize(graph.values.size());
  // Inputs of the graph that a value comes from: only paths that part somewhere wait for each other. (Two inputs of the
  // graph are offered by someone who waits.)
  std::vector<std::set<std::size_t>> origins(graph.values.size());
  for (const GraphPort& port : graph.inputs) origins[port.value].insert(port.value);
  for (const Layer& layer : graph.layers) {
    for (std::size_t a = 0; a < layer.inputs.size(); ++a) {
      const ValueId value = layer.inputs[a];
      const bool parted = std::ranges::any_of(layer.inputs, [&](const ValueId& other) {
        return &other != &layer.inputs[a] &&
               std::ranges::any_of(origins[other], [&](std::size_t origin) { return origins[value].contains(origin); });
      });
      const Stream& stream = streams[value];
      const double wait =
          std::max(latest_input(layer, start) - start[value], latest_input(layer, least) - least[value]);
      const double held = wait / static_cast<double>(interval) * static_cast<double>(stream.beats());
      // A row or two more: rows come in bursts.
      const std::int64_t bursts = 2 * stream.beats_per_row() + 4;
      beats[value].push_back(parted && wait > 0 ? static_cast<std::int64_t>(std::ceil(held)) + bursts : 0);
    }
    for (const ValueId output : layer.outputs) {
      for (const ValueId input : layer.inputs) origins[output].insert(origins[input].begin(), origins[input].end());
    }
  }
  for (const GraphPort& port : graph.outputs) {
    const auto rows = static_cast<double>(streams[port.value].rows);
    const double end = start[port.value] + static_cast<double>(interval) * (rows - 1) / rows;
    result.longest = std::max(result.longest, static_cast<std::int64_t>(end));
  }
  return result;
}

}  // namespace algean::kernels
