// What of a memory's contents synthesis keeps: bits that never change are no memory, and equal logic is made once.
#pragma once

#include <string>

#include "kernels/cost/memory.hpp"
#include "kernels/family/netlist.hpp"

namespace algean::kernels::cost {

// The instance with what its images are like as further parameters, for rom_of(): NAME_BITS bits of a word that change,
// NAME_DISTINCT of these unlike each other, and NAME_LUTS these take as logic.
ModuleInstance with_images(const ModuleInstance& instance, const Netlist& netlist);

// rom() of the file that is the instance's parameter `name`: by its contents where they are known, else as if random.
Memory rom_of(const ModuleInstance& instance, const std::string& name, std::int64_t bits, std::int64_t words);

}  // namespace algean::kernels::cost
