#include <optional>

#include "cluster/cli/command.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::vector<std::string> names;
  bool all = false;
  double grace_s = 5;
};

std::string_view to_text(Ending ending) {
  switch (ending) {
    case Ending::was_dead:
      return "was dead";
    case Ending::terminated:
      return "stopped";
    case Ending::killed:
      return "killed";
  }
  return "";
}

// The record of a deployment; where it is damaged, the error says what a user can do.
Result<Deployment> read(const std::string& name, const Context& context) {
  auto deployment = context.states.read(name);
  if (deployment || !context.states.exists(name)) return deployment;
  return std::unexpected(Error{deployment.error().kind,
                               fmt::format("{}; nothing says which process it is: end its `algean serve --name {}` by "
                                           "hand, then remove {}",
                                           deployment.error().message, name, context.states.folder(name).string())});
}

// Ends the node process, then removes the folder: a deployment that cannot be stopped stays visible.
Result<Ending> stop_one(const std::string& name, const Options& options, Context& context) {
  const auto deployment = read(name, context);
  if (!deployment) return std::unexpected(deployment.error());
  context.console.progress("stopping " + name, 0, 0);
  ALGEAN_ASSIGN(const Ending ending, terminate(deployment->process, static_cast<std::int64_t>(options.grace_s * 1e9)));
  ALGEAN_TRY(context.states.remove(name, deployment->process));
  return ending;
}

Result<Outcome> run(const Options& options, Context& context) {
  if (options.names.empty() != options.all) return bad_input("stop: give names of deployments, or --all");
  const auto names = options.all ? context.states.names() : options.names;
  for (const std::string& name : options.names) ALGEAN_TRY(read(name, context));  // all exist, or none is stopped
  Json stopped = Json::array();
  std::optional<Error> problem;  // the first one; the other deployments are stopped all the same
  for (const std::string& name : names) {
    const auto ending = stop_one(name, options, context);
    if (!ending) {
      const bool gone = options.all && !context.states.exists(name);  // its own deploy stopped it meanwhile
      if (!gone && !problem) problem = ending.error();
      continue;
    }
    if (*ending == Ending::killed) {
      context.console.warn(fmt::format("{} did not end within {} s of SIGTERM and was killed", name, options.grace_s));
    }
    context.console.text("{}: {}", name, to_text(*ending));
    stopped.push_back({{"name", name}, {"ending", to_text(*ending)}});
  }
  context.states.remove_abandoned();
  if (problem) return std::unexpected(*problem);
  if (names.empty()) context.console.text("no deployments in {}", context.states.path().string());
  return Outcome{0, {{"stopped", std::move(stopped)}}};
}

}  // namespace

void add_stop(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command =
      commands.add("stop", "end deployments: SIGTERM, then SIGKILL; their state folders go too", "algean stop jet");
  command.option("N", options->names, "names of deployments");
  command.flag("--all", options->all, "every deployment");
  command.option("--grace", options->grace_s, "seconds between SIGTERM and SIGKILL", {.high = 3600.0});
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
