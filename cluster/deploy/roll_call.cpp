#include "cluster/deploy/roll_call.hpp"

namespace algean::cluster {

std::vector<Result<control::Reply>> ask_all(std::span<const std::unique_ptr<ControlClient>> agents,
                                            const Question& question, std::int64_t timeout_ns) {
  std::vector<Result<>> sent;
  for (std::size_t i = 0; i < agents.size(); ++i) sent.push_back(agents[i]->send(question(i), timeout_ns));
  std::vector<Result<control::Reply>> replies;
  for (std::size_t i = 0; i < agents.size(); ++i) {
    if (sent[i]) {
      replies.push_back(agents[i]->receive());
    } else {
      replies.emplace_back(std::unexpected(sent[i].error()));
    }
  }
  return replies;
}

std::vector<Result<control::Reply>> ask_nodes(std::span<const DeployedNode> nodes, const ControlClientOptions& options,
                                              const Question& question, std::int64_t timeout_ns, const Clock& clock) {
  std::vector<std::unique_ptr<ControlClient>> agents;
  std::vector<std::size_t> asked;
  std::vector<Result<control::Reply>> replies;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto agent = ControlClient::connect(nodes[i].name, nodes[i].control, options, clock);
    if (agent) {
      agents.push_back(*std::move(agent));
      asked.push_back(i);
      replies.emplace_back(control::Reply());
    } else {
      replies.emplace_back(std::unexpected(agent.error()));
    }
  }
  auto taken = ask_all(agents, [&](std::size_t i) { return question(asked[i]); }, timeout_ns);
  for (std::size_t i = 0; i < asked.size(); ++i) replies[asked[i]] = std::move(taken[i]);
  return replies;
}

control::PartId part_id(const std::string& deployment, std::uint64_t epoch, std::size_t node) {
  control::PartId part;
  part.set_deployment(deployment);
  part.set_epoch(epoch);
  part.set_node(static_cast<std::uint32_t>(node));
  return part;
}

}  // namespace algean::cluster
