#pragma once

#include "cluster/cli/command.hpp"
#include "cluster/deploy/bring_up.hpp"

namespace algean::cluster {

// Stays in front of a deployment that this process has brought up: until a signal comes or somebody else stops it
// (nothing is left then), or until a node dies: failed, with the end of that node's log; the rest is stopped.
Result<> stay_in_front(Deployed& deployed, Interrupts& interrupts, Context& context);

}  // namespace algean::cluster
