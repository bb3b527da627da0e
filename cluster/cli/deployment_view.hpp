// What deploy shows of a deployment.
#pragma once

#include "cluster/cli/command.hpp"
#include "cluster/deploy/bring_up.hpp"
#include "kernels/graph/graph.hpp"

namespace algean::cluster {

// What would be shipped where.
Outcome show_dry_run(const BringUp& plan, const kernels::Graph& graph, Console& console);

// What runs where; the document of --json.
Json show_deployed(const Deployed& deployed, const BringUp& plan, const kernels::Graph& graph, Context& context);

}  // namespace algean::cluster
