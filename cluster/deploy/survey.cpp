#include "cluster/deploy/survey.hpp"

#include <algorithm>

namespace algean::cluster {
namespace {

const control::PartStatus* part_of(const control::StatusReport& report, const Deployment& deployment,
                                   std::size_t node) {
  const auto is_ours = [&](const control::PartStatus& part) {
    return part.part().deployment() == deployment.name && part.part().epoch() == deployment.epoch &&
           part.part().node() == node;
  };
  const auto found = std::ranges::find_if(report.parts(), is_ours);
  return found == report.parts().end() ? nullptr : &*found;
}

NodeSurvey take(const Result<control::Reply>& reply, const Deployment& deployment, std::size_t node) {
  const DeployedNode& record = deployment.nodes[node];
  NodeSurvey survey;
  if (record.process) survey.pid = static_cast<std::uint32_t>(record.process->pid);
  if (record.process && !is_alive(*record.process)) {
    survey.why = fmt::format("its process {} has ended", record.process->pid);
    return survey;
  }
  if (!reply) {
    // A living local process whose connection is refused is on its way up or down.
    const bool silent = reply.error().kind == ErrorKind::deadline || record.process;
    survey.condition = silent ? Condition::silent : Condition::dead;
    survey.why = reply.error().message;
    return survey;
  }
  survey.pid = reply->status().pid();
  survey.now_ns = reply->status().now_ns();
  const control::PartStatus* part = part_of(reply->status(), deployment, node);
  if (part == nullptr) {
    survey.why = fmt::format("its agent at {} no longer has this part", record.control);
    return survey;
  }
  survey.part = *part;
  survey.condition = part->state() == control::PART_RUNNING ? Condition::running : Condition::failed;
  survey.why = part->error();
  return survey;
}

std::string_view to_text(control::LinkState state) {
  switch (state) {
    case control::LINK_WAITING:
      return "waiting";
    case control::LINK_UP:
      return "up";
    case control::LINK_DOWN:
      return "down";
    default:
      return "unknown";
  }
}

const control::LinkStatus* link_to(const NodeSurvey& node, const std::string& peer) {
  if (!node.part) return nullptr;
  const auto found = std::ranges::find_if(node.part->links(), [&](const auto& link) { return link.peer() == peer; });
  return found == node.part->links().end() ? nullptr : &*found;
}

std::size_t index_of(const Deployment& deployment, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(deployment.nodes, name, &DeployedNode::name) -
                                  deployment.nodes.begin());
}

void add_rates(LinkSurvey& link, const NodeSurvey& earlier, const NodeSurvey& later) {
  const control::LinkStatus* before = link_to(earlier, link.to);
  const auto between_ns = static_cast<double>(later.now_ns - earlier.now_ns);
  if (before == nullptr || between_ns <= 0 || before->frames_out() > link.frames) return;
  link.frames_per_s = static_cast<double>(link.frames - before->frames_out()) * 1e9 / between_ns;
  link.mb_per_s = static_cast<double>(link.bytes - before->bytes_out()) * 1e3 / between_ns;
}

}  // namespace

std::string_view to_text(Condition condition) {
  switch (condition) {
    case Condition::running:
      return "running";
    case Condition::failed:
      return "failed";
    case Condition::silent:
      return "not answering";
    case Condition::dead:
      return "dead";
  }
  return "";
}

std::vector<NodeSurvey> survey(const Deployment& deployment, const std::string& software, std::int64_t timeout_ns,
                               const Clock& clock) {
  const auto status = [](std::size_t) {
    control::Request request;
    request.mutable_status();
    return request;
  };
  const auto replies = ask_nodes(deployment.nodes, {software}, status, timeout_ns, clock);
  std::vector<NodeSurvey> nodes;
  for (std::size_t i = 0; i < replies.size(); ++i) nodes.push_back(take(replies[i], deployment, i));
  return nodes;
}

Condition worst(const std::vector<NodeSurvey>& nodes) {
  Condition condition = Condition::running;
  for (const NodeSurvey& node : nodes) condition = std::max(condition, node.condition);
  return condition;
}

std::vector<LinkSurvey> links_of(const Deployment& deployment, const std::vector<NodeSurvey>& earlier,
                                 const std::vector<NodeSurvey>& later) {
  std::vector<LinkSurvey> links;
  for (std::size_t i = 0; i < later.size(); ++i) {
    if (!later[i].part) continue;
    for (const control::LinkStatus& sent : later[i].part->links()) {
      LinkSurvey link;
      link.from = deployment.nodes[i].name;
      link.to = sent.peer();
      link.state = to_text(sent.state());
      link.rtt_ns = sent.rtt_ns();
      link.frames = sent.frames_out();
      link.bytes = sent.bytes_out();
      link.queued_bytes = sent.queued_bytes();
      link.queued_most_bytes = sent.queued_most_bytes();
      link.blocked_ns = sent.blocked_ns();
      const std::size_t other = index_of(deployment, link.to);
      const control::LinkStatus* received = other < later.size() ? link_to(later[other], link.from) : nullptr;
      if (received != nullptr) link.lost = received->gaps();
      add_rates(link, earlier[i], later[i]);
      links.push_back(std::move(link));
    }
  }
  return links;
}

}  // namespace algean::cluster
