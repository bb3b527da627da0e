#include <fmt/ranges.h>

#include "cluster/cli/build.hpp"
#include "cluster/cli/command.hpp"
#include "kernels/program/instruction_set.hpp"

namespace algean::cluster {
namespace {

Result<Outcome> run(Context& context) {
  std::vector<std::string> sets;
  for (const auto set : kernels::usable_instruction_sets()) sets.emplace_back(kernels::to_text(set));
  context.console.text("algean {}", build_version);
  context.console.text("built as {} by {}", build_type, build_compiler);
  context.console.text("instruction sets of this CPU: {}", fmt::join(sets, ", "));
  return Outcome{
      0, {{"version", build_version}, {"build", build_type}, {"compiler", build_compiler}, {"instruction_sets", sets}}};
}

}  // namespace

void add_version(Commands& commands) {
  Command& command = commands.add("version", "print the version, this CPU's instruction sets and how this was built",
                                  "algean version --json");
  command.on(run);
}

}  // namespace algean::cluster
