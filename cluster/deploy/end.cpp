#include "cluster/deploy/end.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "cluster/deploy/roll_call.hpp"
#include "runtime/base/file.hpp"

namespace algean::cluster {
namespace {

// The nodes of the deployment that are (not) local, and their indices.
struct Some {
  std::vector<DeployedNode> nodes;
  std::vector<std::size_t> indices;
};

Some choose(const Deployment& deployment, bool local) {
  Some some;
  for (std::size_t i = 0; i < deployment.nodes.size(); ++i) {
    if (deployment.nodes[i].is_local() != local) continue;
    some.nodes.push_back(deployment.nodes[i]);
    some.indices.push_back(i);
  }
  return some;
}

}  // namespace

std::vector<NodeEnding> end_nodes(const Deployment& deployment, const EndOptions& options, const Clock& clock) {
  std::vector<NodeEnding> endings;
  for (const DeployedNode& node : deployment.nodes) endings.push_back({node.name, Ending::was_dead});
  const Some remote = choose(deployment, false);
  const auto stop = [&](std::size_t i) {
    control::Request request;
    *request.mutable_stop()->mutable_part() = part_id(deployment.name, deployment.epoch, remote.indices[i]);
    return request;
  };
  const auto replies = ask_nodes(remote.nodes, {options.software}, stop, options.agent_timeout_ns, clock);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    Result<Ending>& ending = endings[remote.indices[i]].ending;
    if (replies[i]) {
      ending = replies[i]->stop().was_there() ? Ending::terminated : Ending::was_dead;
    } else {
      ending = std::unexpected(replies[i].error());
    }
  }
  const Some local = choose(deployment, true);
  std::vector<ProcessId> processes;
  for (const DeployedNode& node : local.nodes) processes.push_back(node.process.value_or(ProcessId{}));
  auto ended = terminate_all(processes, options.grace_ns);
  for (std::size_t i = 0; i < ended.size(); ++i) endings[local.indices[i]].ending = std::move(ended[i]);
  return endings;
}

std::string_view TakenDown::how() const {
  Ending worst = Ending::was_dead;
  for (const NodeEnding& node : nodes) worst = std::max(worst, node.ending.value_or(Ending::was_dead));
  return to_text(worst);
}

std::string TakenDown::problems() const {
  std::string text;
  for (const NodeEnding& node : nodes) {
    if (node.ending) continue;
    text += fmt::format("{}node {} may run on: {}", text.empty() ? "" : "; ", node.name, node.ending.error().message);
  }
  return text;
}

Result<TakenDown> take_down(const Deployment& deployment, const StateRoot& states, const EndOptions& options,
                            bool force, const Clock& clock) {
  TakenDown down;
  down.nodes = end_nodes(deployment, options, clock);
  if (!down.problems().empty() && !force) return down;
  ALGEAN_TRY(states.remove(deployment.name, deployment.epoch));
  down.removed = true;
  return down;
}

void clear_abandoned(const StateRoot& states, const EndOptions& options, const Clock& clock) {
  for (const Staging& abandoned : states.take_abandoned()) {
    const auto file = abandoned.folder() / record_file;
    const auto text = read_text(file, std::size_t{1} << 20U);
    if (!text) continue;
    if (const auto deployment = parse_deployment(*text, file.string())) {
      std::ignore = end_nodes(*deployment, options, clock);
    }
  }
}

}  // namespace algean::cluster
