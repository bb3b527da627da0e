// What follows from kernels and graph: edges, links, the client's nodes. Made from them, and verified against them.
// Inside this room only.
#pragma once

#include <optional>
#include <set>
#include <unordered_map>

#include "partitioner/plan/plan.hpp"

namespace algean::partitioner {

using ValueIds = std::unordered_map<std::string, kernels::ValueId>;
[[nodiscard]] ValueIds value_ids(const kernels::Graph& graph);

// For each tensor that leaves a kernel or the client. Kernels' tensors are values of the graph, their ports at most
// max_ports. Inputs of the deployment come first, then kernels in order.
[[nodiscard]] std::vector<PlanEdge> edges_of(const std::vector<PlanKernel>& kernels, const kernels::Graph& graph);

// Pairs of nodes (lower one first) that need a link.
[[nodiscard]] std::set<std::pair<std::uint16_t, std::uint16_t>> linked(const Plan& plan);
// The node that is home: of the first kernel that takes the first input.
[[nodiscard]] std::optional<std::uint16_t> home_of(const Plan& plan);
[[nodiscard]] std::vector<std::uint16_t> client_nodes_of(const Plan& plan);

// Bytes in memory of the inputs of the node's kernels.
[[nodiscard]] std::size_t input_bytes(const Plan& plan, const kernels::Graph& graph, const ValueIds& ids,
                                      std::size_t node);

}  // namespace algean::partitioner
