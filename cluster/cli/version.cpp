#include "cluster/cli/command.hpp"

namespace algean::cluster {
namespace {

Result<Outcome> run(Context& context) {
  Outcome outcome;
  outcome.document = {{"version", ALGEAN_VERSION}, {"build", ALGEAN_BUILD_TYPE}, {"compiler", ALGEAN_COMPILER}};
  context.console.text("algean {}", ALGEAN_VERSION);
  context.console.text("built as {} by {}", ALGEAN_BUILD_TYPE, ALGEAN_COMPILER);
  return outcome;
}

}  // namespace

void add_version(Commands& commands) {
  CLI::App& command = commands.add("version", "print the version, this CPU's instruction sets and how this was built",
                                   "algean version --json");
  commands.on(command, run);
}

}  // namespace algean::cluster
