#include <optional>

#include "cluster/cli/build.hpp"
#include "cluster/cli/command.hpp"
#include "cluster/deploy/end.hpp"

namespace algean::cluster {
namespace {

struct Options {
  std::vector<std::string> names;
  bool all = false;
  bool force = false;
  double grace_s = 5;
  double timeout_s = 5;
};

// The record of a deployment; where it is damaged, the error says what a user can do.
Result<Deployment> read(const std::string& name, const Context& context) {
  auto deployment = context.states.read(name);
  if (deployment || !context.states.exists(name)) return deployment;
  return std::unexpected(Error{deployment.error().kind,
                               fmt::format("{}; nothing says which processes it has: end its `algean node` by hand, "
                                           "then remove {}",
                                           deployment.error().message, context.states.folder(name).string())});
}

Json to_json(const std::string& name, const TakenDown& down) {
  Json nodes = Json::array();
  for (const NodeEnding& node : down.nodes) {
    Json entry{{"name", node.name}};
    if (node.ending) {
      entry["ending"] = to_text(*node.ending);
    } else {
      entry["message"] = node.ending.error().message;
    }
    nodes.push_back(std::move(entry));
  }
  return {{"name", name}, {"ending", down.how()}, {"removed", down.removed}, {"nodes", std::move(nodes)}};
}

// Ends the nodes, then removes the folder: a deployment that cannot be stopped stays visible.
Result<Json> stop_one(const std::string& name, const Options& options, Context& context) {
  ALGEAN_ASSIGN(const Deployment deployment, read(name, context));
  context.console.progress("stopping " + name, 0, 0);
  EndOptions end;
  end.software = build_version;
  end.grace_ns = static_cast<std::int64_t>(options.grace_s * 1e9);
  end.agent_timeout_ns = static_cast<std::int64_t>(options.timeout_s * 1e9);
  ALGEAN_ASSIGN(const TakenDown down, take_down(deployment, context.states, end, options.force, context.clock));
  context.console.clear_progress();
  for (const NodeEnding& node : down.nodes) {
    if (!node.ending || *node.ending != Ending::killed) continue;
    context.console.warn(
        fmt::format("{}: node {} did not end within {} s of SIGTERM and was killed", name, node.name, options.grace_s));
  }
  if (!down.removed) {
    return failed("{}: {}; its folder stays, so that you can try again (--force removes it)", name, down.problems());
  }
  if (!down.problems().empty()) context.console.warn(fmt::format("{}: {}", name, down.problems()));
  context.console.text("{}: {}", name, down.how());
  return to_json(name, down);
}

Result<Outcome> run(const Options& options, Context& context) {
  if (options.names.empty() != options.all) return bad_input("stop: give names of deployments, or --all");
  const auto names = options.all ? context.states.names() : options.names;
  for (const std::string& name : options.names) ALGEAN_TRY(read(name, context));  // all exist, or none is stopped
  Json stopped = Json::array();
  std::optional<Error> problem;  // the first one; the other deployments are stopped all the same
  for (const std::string& name : names) {
    auto ending = stop_one(name, options, context);
    if (ending) {
      stopped.push_back(*std::move(ending));
      continue;
    }
    const bool gone = options.all && !context.states.exists(name);  // its own deploy stopped it meanwhile
    if (gone) continue;
    if (problem) context.console.warn(problem->message);
    problem = ending.error();
  }
  EndOptions end;
  end.software = build_version;
  clear_abandoned(context.states, end, context.clock);
  if (problem) return std::unexpected(*problem);
  if (names.empty()) context.console.text("no deployments in {}", context.states.path().string());
  return Outcome{0, {{"stopped", std::move(stopped)}}};
}

}  // namespace

void add_stop(Commands& commands) {
  const auto options = std::make_shared<Options>();
  Command& command =
      commands.add("stop", "end deployments: their nodes everywhere, and their state folders", "algean stop jet");
  command.option("N", options->names, "names of deployments");
  command.flag("--all", options->all, "every deployment");
  command.option("--grace", options->grace_s, "seconds between SIGTERM and SIGKILL of nodes on this host",
                 {.high = 3600.0});
  command.option("--timeout", options->timeout_s, "seconds in which agents elsewhere must answer",
                 {.low = 0.001, .high = 3600.0});
  command.flag("--force", options->force, "remove the folder even where a node elsewhere did not answer");
  command.on([options](Context& context) { return run(*options, context); });
}

}  // namespace algean::cluster
