#include "kernels/program/instruction_set.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace algean::kernels {

std::vector<InstructionSet> usable_instruction_sets() {
  std::vector<InstructionSet> result{InstructionSet::portable};
#ifdef __x86_64__
  // The compiler's own test looks at what the operating system saves (XGETBV), too.
  __builtin_cpu_init();
  const auto supports_avx512 = [] {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vnni");
  };
  if (__builtin_cpu_supports("avx2")) result.push_back(InstructionSet::avx2);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("avxvnni")) result.push_back(InstructionSet::avx_vnni);
  if (supports_avx512()) result.push_back(InstructionSet::avx512_vnni);
#endif
  return result;
}

InstructionSet best_instruction_set() { return usable_instruction_sets().back(); }

std::string_view to_text(InstructionSet instructions) {
  switch (instructions) {
    case InstructionSet::portable:
      return "portable";
    case InstructionSet::avx2:
      return "avx2";
    case InstructionSet::avx_vnni:
      return "avx_vnni";
    case InstructionSet::avx512_vnni:
      return "avx512_vnni";
  }
  ALGEAN_INVARIANT(false && "an instruction set without a name");
}

Result<InstructionSet> parse_instruction_set(std::string_view text) {
  const auto usable = usable_instruction_sets();
  const auto found = std::ranges::find(usable, text, to_text);
  if (found != usable.end()) return *found;
  std::vector<std::string_view> names;
  for (const InstructionSet instructions : usable) names.push_back(to_text(instructions));
  return bad_input("'{}' is no instruction set of this CPU, which has {}", text, fmt::join(names, ", "));
}

}  // namespace algean::kernels
