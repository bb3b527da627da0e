#include "cluster/cli/front.hpp"

#include <poll.h>

#include <algorithm>
#include <optional>

#include "cluster/cli/build.hpp"
#include "cluster/deploy/end.hpp"
#include "cluster/deploy/journal.hpp"
#include "cluster/deploy/survey.hpp"

namespace algean::cluster {
namespace {

constexpr int look_ms = 1000;  // at nodes elsewhere
constexpr std::int64_t agent_timeout_ns = 2'000'000'000;
constexpr std::size_t log_lines = 5;

struct Death {
  std::size_t node = 0;
  std::string how;
  bool clean = false;  // it was told to end
};

// A local agent that has ended.
std::optional<Death> find_dead(std::vector<LocalAgent>& agents, std::span<const pollfd> ended) {
  for (std::size_t i = 0; i < agents.size(); ++i) {
    if (ended[i].revents == 0) continue;
    const NodeProcess::End end = agents[i].process.reap();
    return Death{agents[i].node, "the node process " + end.how, end.clean};
  }
  return std::nullopt;
}

// A part elsewhere that is gone, or has failed. One that does not answer may come back.
std::optional<Death> find_gone(const Deployment& deployment, const Context& context) {
  if (std::ranges::all_of(deployment.nodes, &DeployedNode::is_local)) return std::nullopt;
  const auto nodes = survey(deployment, build_version, agent_timeout_ns, context.clock);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (deployment.nodes[i].is_local()) continue;
    if (nodes[i].condition != Condition::dead && nodes[i].condition != Condition::failed) continue;
    const auto now = context.states.read(deployment.name);
    const bool stopped = !now || now->epoch != deployment.epoch;
    return Death{i, nodes[i].why, stopped};
  }
  return std::nullopt;
}

// None: a signal came.
std::optional<Death> await_death(Deployed& deployed, const Interrupts& interrupts, const Context& context) {
  const bool all_local = deployed.agents.size() == deployed.deployment.nodes.size();
  while (true) {
    std::vector<pollfd> wait;
    for (const LocalAgent& agent : deployed.agents) wait.push_back({agent.process.ended_fd(), POLLIN, 0});
    wait.push_back({interrupts.fd(), POLLIN, 0});
    (void)::poll(wait.data(), wait.size(), all_local ? -1 : look_ms);
    if (wait.back().revents != 0) return std::nullopt;
    if (auto dead = find_dead(deployed.agents, wait)) return dead;
    if (auto gone = find_gone(deployed.deployment, context)) return gone;
  }
}

std::string log_end(const Deployment& deployment, const std::string& node, const Context& context) {
  Journal journal(deployment, context.states.log_folder(deployment.name), node, build_version, agent_timeout_ns,
                  context.clock);
  std::string text;
  for (const JournalLine& line : journal.read(log_lines)) text += "\n" + line.text;
  return text.empty() ? "; its log is empty" : "; its log ends:" + text;
}

Result<> end(const Deployment& deployment, const Context& context) {
  EndOptions options;
  options.software = build_version;
  ALGEAN_ASSIGN(const TakenDown down, take_down(deployment, context.states, options, false, context.clock));
  if (!down.removed) {
    return failed("{}: {}; `algean stop {}` tries again", deployment.name, down.problems(), deployment.name);
  }
  return {};
}

}  // namespace

Result<> stay_in_front(Deployed& deployed, Interrupts& interrupts, Context& context) {
  const Deployment& deployment = deployed.deployment;
  const auto death = await_death(deployed, interrupts, context);
  std::optional<Error> error;
  if (death && !death->clean) {
    const std::string& node = deployment.nodes[death->node].name;
    error = {ErrorKind::failed, fmt::format("deployment `{}`: node {}: {}{}", deployment.name, node, death->how,
                                            log_end(deployment, node, context))};
  }
  if (!death) context.console.progress("stopping", 0, 0);
  auto ended = end(deployment, context);
  context.console.clear_progress();
  if (error) {
    if (!ended) context.console.warn(ended.error().message);
    return std::unexpected(*error);
  }
  if (!ended) return ended;
  context.console.text("{}: {}", deployment.name, death ? "was stopped" : "stopped");
  return {};
}

}  // namespace algean::cluster
