// What a search decides on: numbers, without names or files.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "kernels/graph/graph.hpp"
#include "partitioner/net/net.hpp"
#include "partitioner/target/target.hpp"

namespace algean::partitioner {

struct Problem {
  // A tensor that one layer makes and another reads.
  struct Edge {
    std::size_t from = 0, to = 0;  // layers
    std::size_t bytes = 0;         // on the wire, if they lie on different nodes
    bool operator==(const Edge&) const = default;
  };
  std::vector<double> work;                      // of each layer in topological order: MACs of one inference
  std::vector<bool> live;                        // of each layer: some output depends on it
  std::vector<std::optional<std::size_t>> pins;  // of each layer: the node it must be on
  std::vector<Edge> edges;                       // between live layers, each tensor once for each reader
  std::vector<double> speeds_gmacs;              // of each node, above 0
  std::optional<double> inferences_per_s;        // that are asked for; none: as many as possible
};

// The node of each layer of `runnable` that a line of net.json's `layers` demands. `imported` is the graph in which the
// lines' layers are: one that passes fused into another is followed to it, by the value that it made. bad_input with
// file:line:column for a node that is not in the target, a layer that left no trace, one that no output needs, and two
// lines that want the same layer on different nodes.
Result<std::vector<std::optional<std::size_t>>> follow_pins(const std::vector<Net::LayerHint>& lines,
                                                            const kernels::Graph& imported,
                                                            const kernels::Graph& runnable, const Target& target);

// Inferences per second that net.json's `target` asks for; none where it says nothing that a CPU has (cycles without a
// clock).
std::optional<double> wanted_rate(const std::optional<Net::Target>& target);

// Without pins and rate, which the caller sets. `graph` is verified.
Problem make_problem(const kernels::Graph& graph, kernels::Families families, std::vector<double> speeds_gmacs);

}  // namespace algean::partitioner
