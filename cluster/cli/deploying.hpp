// From [CLUSTER] NET to what bring_up() takes: what deploy and compare do before anything is started.
#pragma once

#include <string>
#include <vector>

#include "cluster/cli/command.hpp"
#include "cluster/cli/planning.hpp"
#include "cluster/deploy/bring_up.hpp"

namespace algean::cluster {

// Plans with the speeds that agents elsewhere measured, where the cluster's file does not say how fast their nodes are.
Result<Planned> plan_to_deploy(const std::vector<std::string>& files, Context& context);

// All but the inferences to check and `replace`. `planned` and `context` outlive it. deadline_s from now; 0: the
// plan's.
Result<BringUp> prepare(const Planned& planned, const std::string& name, double deadline_s, Context& context);

}  // namespace algean::cluster
