// What a vendor's tool measured, in place of predictions.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "kernels/family/resources.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels {

// Resources by module name ("layer_conv1_3fa2"); all DSPs are in dsp_multiply.
using Measured = std::map<std::string, Resources>;

// The table of Vivado's `report_utilization -hierarchical` (columns Instance, Module, Total LUTs, FFs, RAMB36, RAMB18,
// DSP48 or DSP Blocks, and URAM where the part has it), added to `measured`; of a module that is there
// several times the largest. bad_input where no such table is, and for a row that is none, with its line.
Result<> read_utilisation(std::string_view text, Measured& measured);

}  // namespace algean::kernels
