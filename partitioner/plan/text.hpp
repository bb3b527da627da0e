// plan.json, and the graph file beside it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "partitioner/plan/plan.hpp"

namespace algean::partitioner {

inline constexpr int plan_version = 1;

std::string to_text(const Plan& plan);
// Strict: unknown, doubled and missing keys and wrong types are errors with `where` (a file name), line and column. Not
// yet verified: that takes the graph.
Result<Plan> parse_plan(std::string_view text, const std::string& where);

struct PlanFile {
  Plan plan;
  kernels::Graph graph;
};

// plan.json with its graph: the graph's size and hash are those that the plan names, the graph is verified, and the
// plan for it.
Result<PlanFile> read_plan(const std::filesystem::path& file, kernels::Families families);

// Writes FILE ("plan.json") and the graph beside it ("plan.graph"), each whole or not at all, the plan last. The plan
// then names the graph. Returns the graph's path. bad_input where that name is taken by something else than a graph
// file, or by `source`, the file that the user's network came from, unless it holds this graph already; and for names
// that JSON cannot carry.
Result<std::filesystem::path> write_plan(const std::filesystem::path& file, Plan& plan, const kernels::Graph& graph,
                                         const std::filesystem::path& source = {});

}  // namespace algean::partitioner
