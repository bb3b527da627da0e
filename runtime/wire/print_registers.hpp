#pragma once

#include <string>

namespace algean::wire {

// Text of REGISTERS.md and of kernels/stream/rtl/algean_registers.sv, from the table of registers.hpp. The files in the
// tree must equal them; ALGEAN_REWRITE=1 with the test of runtime/wire writes them anew.
std::string print_registers();
std::string print_registers_module();

}  // namespace algean::wire
