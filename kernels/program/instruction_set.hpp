// Which instruction sets this CPU and its operating system can run.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/family/family.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels {

// The last of usable_instruction_sets().
[[nodiscard]] InstructionSet best_instruction_set();
// Every one that this CPU can run and this build has code for, portable first.
[[nodiscard]] std::vector<InstructionSet> usable_instruction_sets();

// "portable", "avx2", "avx_vnni", "avx512_vnni".
[[nodiscard]] std::string_view to_text(InstructionSet instructions);
// Inverse of to_text(); bad_input for another word, and for a set that this CPU cannot run.
[[nodiscard]] Result<InstructionSet> parse_instruction_set(std::string_view text);

}  // namespace algean::kernels
