// A NET as the commands want it: loaded with progress, its warnings shown.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cluster/cli/command.hpp"
#include "partitioner/pipeline/pipeline.hpp"

namespace algean::cluster {

Result<partitioner::Loaded> load_net(const std::string& net, Context& context,
                                     const partitioner::LoadOptions& options = {});

// "auto": the integers if there are any, else the floats; "float" and "integer" say which. bad_input where there is
// none.
Result<const kernels::Graph*> choose_precision(const partitioner::Loaded& loaded, const std::string& precision);

// Inferences for a deployment's self-check, in the ports' user form: the net's check inputs, else the first of its
// calibration inputs, at most `count`; random ones where it has neither, or takes integers.
Result<std::vector<std::vector<Tensor>>> self_check_inputs(const partitioner::Loaded& loaded,
                                                           std::span<const Port> ports, std::size_t count);

// The options --poll and --timeout of commands that are clients.
void add_poll(Command& command, std::string& poll);
void add_timeout(Command& command, double& timeout_s);

}  // namespace algean::cluster
