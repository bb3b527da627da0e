// What a graph is made of, for people.
#pragma once

#include <cstdint>

#include "cluster/cli/json.hpp"
#include "cluster/cli/table.hpp"
#include "kernels/graph/graph.hpp"

namespace algean::cluster {

// Elements of the layer's weights: its constants `weight` and `bias`.
[[nodiscard]] std::int64_t weights(const kernels::Layer& layer);
// Multiplications of one inference: each weight once for each row of outputs; 0 without a weight.
[[nodiscard]] std::int64_t multiplications(const kernels::Graph& graph, const kernels::Layer& layer);

Table layer_table(const kernels::Graph& graph);
Json layers_json(const kernels::Graph& graph);
// "12 layers, 399084 weights, 396520 MACs, int8[276] -> int8[276]"
std::string summary(const kernels::Graph& graph);

}  // namespace algean::cluster
