#include "cluster/deploy/assembly.hpp"

#include <poll.h>

#include <algorithm>
#include <limits>

namespace algean::cluster {
namespace {

constexpr std::int64_t undo_timeout_ns = 2'000'000'000;
constexpr std::int64_t end_grace_ns = 3'000'000'000;
constexpr std::int64_t death_wait_ns = 100'000'000;  // between a connection's end and its process's
constexpr int link_look_ms = 5;
constexpr std::int64_t no_limit_ns = std::numeric_limits<std::int64_t>::max();

}  // namespace

Assembly::Assembly(AssemblyPlan plan, Allowance allowance) : plan_(std::move(plan)), allowance_(allowance) {
  for (const Shipment& shipment : plan_.parts) {
    nodes_.push_back({shipment.bundle.name, shipment.host, shipment.host, "", std::nullopt});
  }
  pids_.resize(nodes_.size());
  links_.resize(nodes_.size());
}

Assembly::~Assembly() {
  if (!released_) undo();
}

// Local agents go with all they have. Others drop the part; one that does not answer does so when the lease ends.
void Assembly::undo() {
  keeper_.reset();
  for (const LocalAgent& agent : local_) agent.process.ask_to_end();
  if (loading_) drop_parts();
  for (LocalAgent& agent : local_) {  // released ones, too
    if (auto ended = agent.process.stop(end_grace_ns); !ended) plan_.warn(ended.error().message);
  }
  local_.clear();
}

// By the connections that the requests to load went over: nothing overtakes there.
void Assembly::drop_parts() {
  std::vector<std::unique_ptr<ControlClient>> others;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (nodes_[i].is_local()) continue;
    agents_[i]->ignore_interrupts();
    others.push_back(std::move(agents_[i]));
    indices.push_back(i);
  }
  const auto stop = [&](std::size_t i) {
    control::Request request;
    *request.mutable_stop()->mutable_part() = part(indices[i]);
    return request;
  };
  for (const auto& reply : ask_all(others, stop, undo_timeout_ns)) {
    if (!reply) plan_.warn(reply.error().message + "; it drops its part when it hears nothing more of us");
  }
}

Error Assembly::explain(Error error, std::size_t node) {
  const auto local = std::ranges::find(local_, node, &LocalAgent::node);
  if (local == local_.end() || error.kind != ErrorKind::failed) return error;
  const auto death = local->process.death(death_wait_ns);
  return death ? Error{ErrorKind::failed, fmt::format("node {}: {}", nodes_[node].name, *death)} : error;
}

Result<std::vector<control::Reply>> Assembly::ask(const Question& question, std::int64_t at_most_ns) {
  ALGEAN_ASSIGN(const std::int64_t left_ns, allowance_.left_ns(at_most_ns));
  auto results = ask_all(agents_, question, left_ns);
  std::vector<control::Reply> replies;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) return std::unexpected(explain(results[i].error(), i));
    replies.push_back(*std::move(results[i]));
  }
  return replies;
}

Result<> Assembly::start_local_agents() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].is_local()) continue;
    const std::string& name = nodes_[i].name;
    ALGEAN_ASSIGN(
        NodeProcess process,
        NodeProcess::start({plan_.program, {"node", "--control", "--name", name}, plan_.logs / (name + ".log")}));
    nodes_[i].process = process.id();
    local_.push_back({i, std::move(process)});
  }
  for (LocalAgent& agent : local_) {
    DeployedNode& node = nodes_[agent.node];
    auto address = agent.process.await_ready(allowance_.deadline_ns, allowance_.clock, allowance_.interrupts);
    if (!address) return std::unexpected(address.error().within("node " + node.name));
    node.control = *std::move(address);
  }
  return {};
}

Result<> Assembly::connect_agents() {
  for (const DeployedNode& node : nodes_) {
    ALGEAN_ASSIGN(auto agent, ControlClient::connect(node.name, node.control,
                                                     {plan_.software, allowance_.interrupts.fd()}, allowance_.clock));
    agents_.push_back(std::move(agent));
  }
  return {};
}

Result<> Assembly::open() {
  ALGEAN_TRY(start_local_agents());
  ALGEAN_TRY(connect_agents());
  const auto hello = [](std::size_t) {
    control::Request request;
    request.mutable_hello();
    return request;
  };
  ALGEAN_ASSIGN(const auto replies, ask(hello, plan_.hello_timeout_ns));
  lease_ns_ = no_limit_ns;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const control::Greeting& greeting = replies[i].hello();
    pids_[i] = greeting.pid();
    lease_ns_ = std::min(lease_ns_, std::int64_t{greeting.lease_ms()} * 1'000'000);
    if (replies[i].software() != plan_.software) {
      plan_.warn(fmt::format("agent {} at {} is of software {}, this is {}", nodes_[i].name, nodes_[i].control,
                             replies[i].software(), plan_.software));
    }
    const std::size_t most = greeting.max_load_bytes();
    const std::size_t bytes = plan_.parts[i].bytes() + to_text(plan_.parts[i].bundle).size();
    constexpr std::size_t around = 4096;  // of the message
    if (bytes + around > most) {
      return failed("agent {} at {}: its part has {} bytes, but it takes messages of {}", nodes_[i].name,
                    nodes_[i].control, bytes, most);
    }
  }
  return {};
}

void Assembly::keep_leases() {
  Descriptor stopper = LeaseKeeper::make_stopper();
  std::vector<LeaseKeeper::Lease> leases;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    auto agent =
        ControlClient::connect(nodes_[i].name, nodes_[i].control, {plan_.software, stopper.get()}, allowance_.clock);
    if (agent) leases.push_back({*std::move(agent), part(i)});
  }
  if (lease_ns_ > 0) keeper_ = std::make_unique<LeaseKeeper>(std::move(leases), lease_ns_, std::move(stopper));
}

Result<> Assembly::load() {
  loading_ = true;
  keep_leases();
  const auto load = [&](std::size_t i) {
    control::Request request;
    control::Load& message = *request.mutable_load();
    *message.mutable_part() = part(i);
    message.set_replaces(plan_.replaces);
    message.set_bundle(to_text(plan_.parts[i].bundle));
    for (const GraphFile& file : plan_.parts[i].files) {
      control::File& sent = *message.add_files();
      sent.set_name(file.name);
      sent.set_data(file.bytes.data(), file.bytes.size());
    }
    return request;
  };
  ALGEAN_ASSIGN(const auto replies, ask(load, no_limit_ns));
  for (std::size_t i = 0; i < replies.size(); ++i) nodes_[i].data = replies[i].load().address();
  return {};
}

Result<> Assembly::start() {
  const auto addresses = [&](std::size_t i) {
    control::Request request;
    *request.mutable_connect()->mutable_part() = part(i);
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      control::NodeAddress& address = *request.mutable_connect()->add_nodes();
      address.set_node(static_cast<std::uint32_t>(node));
      address.set_address(nodes_[node].data);
    }
    return request;
  };
  ALGEAN_TRY(ask(addresses, no_limit_ns));
  const auto run = [&](std::size_t i) {
    control::Request request;
    *request.mutable_start()->mutable_part() = part(i);
    return request;
  };
  ALGEAN_TRY(ask(run, no_limit_ns));
  return {};
}

std::string Assembly::link_text(std::size_t node, const std::string& peer) const {
  const auto other = std::ranges::find(nodes_, peer, &DeployedNode::name);
  return fmt::format("link {} ({}) - {} ({})", nodes_[node].name, nodes_[node].data, peer,
                     other == nodes_.end() ? "not of this deployment" : other->data);
}

// Whether all links of this node are up; an error where one, or the part itself, has failed.
Result<bool> Assembly::take_links(std::size_t node, const control::StatusReport& report) {
  if (report.parts_size() != 1 || report.parts(0).state() != control::PART_RUNNING) {
    const std::string why = report.parts_size() == 1 ? report.parts(0).error() : "";
    return failed("node {} at {} does not run its part{}{}", nodes_[node].name, nodes_[node].control,
                  why.empty() ? "" : ": ", why);
  }
  links_[node].clear();
  for (const control::LinkStatus& link : report.parts(0).links()) {
    if (link.state() == control::LINK_DOWN) return failed("{} is down", link_text(node, link.peer()));
    if (link.state() != control::LINK_UP) {
      const auto peer = std::ranges::find(plan_.parts[node].bundle.peers, link.peer(), &BundlePeer::name);
      const std::size_t mtu = peer == plan_.parts[node].bundle.peers.end() ? 0 : peer->mtu;
      waiting_link_ = fmt::format("{}: no packet of {} bytes came back", link_text(node, link.peer()), mtu);
      return false;
    }
    links_[node].push_back({link.peer(), link.rtt_ns()});
  }
  return true;
}

Result<> Assembly::await_links() {
  const std::int64_t end_ns = std::min(allowance_.clock.now_ns() + plan_.link_timeout_ns, allowance_.deadline_ns);
  const auto status = [&](std::size_t i) {
    control::Request request;
    *request.mutable_status()->mutable_part() = part(i);
    return request;
  };
  while (true) {
    if (!waiting_link_.empty() && allowance_.clock.now_ns() >= end_ns) {
      return deadline_passed("{} in time", waiting_link_);
    }
    ALGEAN_ASSIGN(const auto replies, ask(status, no_limit_ns));
    bool all_up = true;
    for (std::size_t i = 0; i < replies.size(); ++i) {
      ALGEAN_ASSIGN(const bool up, take_links(i, replies[i].status()));
      all_up = all_up && up;
    }
    if (all_up) return {};
    pollfd wait{allowance_.interrupts.fd(), POLLIN, 0};
    (void)::poll(&wait, 1, link_look_ms);
  }
}

Result<> Assembly::check_alive() {
  const auto status = [&](std::size_t i) {
    control::Request request;
    *request.mutable_status()->mutable_part() = part(i);
    return request;
  };
  ALGEAN_ASSIGN(const auto replies, ask(status, plan_.hello_timeout_ns));
  for (std::size_t i = 0; i < replies.size(); ++i) ALGEAN_TRY(take_links(i, replies[i].status()));
  return {};
}

Result<> Assembly::commit() {
  const auto keep = [&](std::size_t i) {
    control::Request request;
    *request.mutable_commit()->mutable_part() = part(i);
    return request;
  };
  ALGEAN_TRY(ask(keep, no_limit_ns));
  keeper_.reset();
  return {};
}

Result<std::vector<LocalAgent>> Assembly::release() {
  for (LocalAgent& agent : local_) {
    auto released = agent.process.release();
    if (!released) return std::unexpected(released.error().within("node " + nodes_[agent.node].name));
  }
  released_ = true;
  return std::move(local_);
}

}  // namespace algean::cluster
