// [CLUSTER] NET as a plan: what plan, build and deploy do first.
//
//   ALGEAN_ASSIGN(const Planned planned, plan_net(options->files, context));   // {"cluster.yaml", "net.json"},
//   {"net.json"} ALGEAN_ASSIGN(const auto bundles, shell::make_bundles(planned.plan, planned.loaded.runnable(), name));
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/cli/command.hpp"
#include "cluster/cli/table.hpp"
#include "partitioner/pipeline/pipeline.hpp"
#include "partitioner/plan/plan.hpp"
#include "partitioner/target/target.hpp"

namespace algean::cluster {

struct Planned {
  partitioner::Loaded loaded;  // its runnable() graph is what the plan cuts
  partitioner::Plan plan;
  std::vector<std::string> unused;  // nodes of the cluster that got no layer
};

// Adds the positional arguments [CLUSTER] NET, which are filled into `files`.
void add_cluster_and_net(Command& command, std::vector<std::string>& files);

// Loads NET and the cluster (one local node, if there is none), places the layers, and cuts. A plan.json or a bundle as
// NET is taken as it is, and goes with no CLUSTER. `target`, where given, is what the cluster is for planning in place
// of what the file says (speeds that agents measured).
Result<Planned> plan_net(const std::vector<std::string>& files, Context& context,
                         const std::optional<partitioner::Target>& target = std::nullopt);

// A line for each node: layers, MACs, share of the busiest node's time, bytes out per inference, address.
Table plan_table(const partitioner::Plan& plan);
Json plan_json(const partitioner::Plan& plan);

}  // namespace algean::cluster
