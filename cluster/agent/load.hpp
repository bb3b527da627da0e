// What the controller's messages say of a part, checked.
#pragma once

#include "cluster/agent/compilation.hpp"
#include "cluster/control/message.hpp"

namespace algean::cluster {

// The bundle of a load request and its files, which are moved out of it. bad_input: more than max_bytes in all, a
// bundle that breaks a rule, is another part's, or names other files than came. Hashes are left to compile_bundle().
Result<LoadedBundle> read_load(control::Load& load, std::size_t max_bytes);

}  // namespace algean::cluster
