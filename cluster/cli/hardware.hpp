// A NET as hardware: the options that choose its folding, and the design that follows.
#pragma once

#include <string>
#include <vector>

#include "cluster/cli/command.hpp"
#include "kernels/circuit/design.hpp"
#include "kernels/circuit/fold.hpp"
#include "kernels/circuit/project.hpp"
#include "partitioner/pipeline/pipeline.hpp"

namespace algean::cluster {

struct HardwareArguments {
  std::size_t interval = 0;  // cycles an inference; 0: net.json's target, else as small as can be
  bool loadable = false;
  bool ultra = false;
  bool unpacked = false;
  std::vector<std::string> layers;  // only these, as one circuit; empty: all
};

// --interval, --layers, --loadable, --uram, --unpacked
void add_hardware_options(Command& command, HardwareArguments& arguments);

struct NetPart {
  partitioner::Loaded loaded;
  kernels::Graph graph;  // loaded.runnable(), or the part of it that was asked for
  kernels::FoldingGoal goal;
};
struct InHardware : NetPart {
  kernels::Design design;
};

// Loads NET, which must be of integers, and takes the layers that were asked for.
Result<NetPart> part_of_net(const std::string& net, const HardwareArguments& arguments, Context& context);

// The same; chooses foldings, and joins the layers. Errors name layer and rule.
Result<InHardware> hardware_of_net(const std::string& net, const HardwareArguments& arguments, Context& context);

// `count` inferences of the network, of its own data where it has some: what goes into the graph that is in hardware,
// and what the program of this CPU makes of it.
Result<kernels::Vectors> test_vectors(const NetPart& made, std::size_t count, Context& context);

}  // namespace algean::cluster
