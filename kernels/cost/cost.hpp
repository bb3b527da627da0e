// What circuits take of an UltraScale+ FPGA, predicted: no tool runs. README.md says what the predictions are held to.
#pragma once

#include "kernels/family/netlist.hpp"
#include "kernels/family/resources.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels {

// Of a module of the library. bad_input names a module that has no model.
Result<Resources> resources(const ModuleInstance& instance);

// Of all modules together.
Result<Resources> resources(const Netlist& netlist);

}  // namespace algean::kernels
