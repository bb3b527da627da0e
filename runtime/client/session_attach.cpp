// How a session begins: attach to home, which gives the slot and describes the deployment, then to the other nodes.
#include <algorithm>

#include "runtime/client/session.hpp"
#include "runtime/transport/address.hpp"
#include "runtime/wire/elements.hpp"

namespace algean {
namespace {

constexpr std::size_t max_output_bytes = std::size_t{1} << 30;  // of all inferences in flight

// Whether inferences can go on where they were begun. Limits and addresses may change.
bool is_same_network(const Description& a, const Description& b) {
  return a.inputs == b.inputs && a.outputs == b.outputs;
}

bool is_same_deployment(const Description& a, const Description& b) {
  return a.deployment == b.deployment && is_same_network(a, b) && a.destinations == b.destinations &&
         a.output_nodes == b.output_nodes && a.nodes.size() == b.nodes.size();
}

}  // namespace

unsigned threads_that_poll(const std::string& entry, unsigned own, unsigned described) {
  const auto address = SocketAddress::parse(entry, scheme_of(entry));
  const bool is_on_this_host = address ? address->is_loopback() : scheme_of(entry) == "loopback";
  return is_on_this_host ? std::max(own, described) : own;
}

Result<> Session::attach() {
  auto description = connect(clock_.now_ns() + options_.attach_timeout_ns);
  if (!description) return std::unexpected(std::move(description).error());
  description_ = *std::move(description);
  const unsigned polling = threads_that_poll(entry_, options_.polling_threads, description_.polling_threads);
  idle_ = Idle(options_.poll, polling, usable_cores(), clock_);
  ALGEAN_TRY(allocate());
  place();
  return {};
}

Result<> Session::attach_again(std::int64_t deadline_ns) {
  auto description = connect(deadline_ns);
  if (!description) return std::unexpected(std::move(description).error());
  if (!is_same_network(*description, description_)) {
    leave();
    return std::unexpected(home().error(ErrorKind::failed, "serves other inputs or outputs than before: connect anew"));
  }
  description_ = *std::move(description);
  place();
  return {};
}

Result<> Session::ensure_session(std::int64_t deadline_ns) {
  const auto is_stale = [&](const std::unique_ptr<NodeLink>& node) {
    return now_ns_ - node->channel().heard_ns() > std::int64_t{description_.idle_timeout_ms} * 500'000;
  };
  if (state_ == State::attached && std::ranges::any_of(links_, is_stale) && !in_flight_.any_waits()) {
    leave();  // a node may have freed the slot: begin anew
  }
  return state_ == State::attached ? Result<>{} : attach_again(deadline_ns);
}

Result<Description> Session::connect(std::int64_t deadline_ns) {
  attach_begin_ns_ = clock_.now_ns();
  std::uint64_t epoch = 0;
  while (epoch == 0) epoch = random_.next();
  links_.clear();
  state_ = State::attaching;
  auto description = connect_home(epoch, deadline_ns);
  if (description) {
    if (auto others = connect_others(*description, epoch, deadline_ns); !others) {
      description = std::unexpected(std::move(others).error());
    }
  }
  if (description) {
    state_ = State::attached;
  } else {
    leave();
  }
  return description;
}

void Session::leave() {
  for (const auto& node : links_) node->detach();
  state_ = State::lost;
}

Result<> Session::dial(const std::string& name, const std::string& address) {
  ALGEAN_ASSIGN(auto link, dialler_->dial(address));
  ChannelOptions options;
  options.max_datagram_bytes = options_.max_datagram_bytes;
  options.probe_ns = options_.probe_ns;
  links_.push_back(std::make_unique<NodeLink>(name, std::move(link), options));
  return {};
}

Result<Description> Session::connect_home(std::uint64_t epoch, std::int64_t deadline_ns) {
  ALGEAN_TRY(dial("", entry_));
  home().begin_attach(epoch, wire::any_slot, clock_.now_ns());
  ALGEAN_TRY(exchange(0, deadline_ns));
  slot_ = home().slot();
  ALGEAN_ASSIGN(Description description, home().take_description());
  home().rename(description.nodes.front().name);
  return description;
}

Result<> Session::connect_others(const Description& description, std::uint64_t epoch, std::int64_t deadline_ns) {
  for (std::size_t i = 1; i < description.nodes.size(); ++i) {
    const auto& [name, address] = description.nodes[i];
    if (auto dialled = dial(name, address); !dialled) {
      return std::unexpected(dialled.error().within(fmt::format("{} describes node {}", home().where(), name)));
    }
    links_[i]->begin_attach(epoch, slot_, clock_.now_ns());
  }
  ALGEAN_TRY(exchange(1, deadline_ns));
  for (std::size_t i = 1; i < links_.size(); ++i) {
    ALGEAN_ASSIGN(const Description other, links_[i]->take_description());
    if (!is_same_deployment(description, other)) {
      const auto what = fmt::format("is of another deployment than {}", home().where());
      return std::unexpected(links_[i]->error(ErrorKind::failed, what));
    }
  }
  return {};
}

Result<> Session::exchange(std::size_t first, std::int64_t deadline_ns) {
  const auto asked = std::span(links_).subspan(first);
  const auto is_done = [](const std::unique_ptr<NodeLink>& node) { return node->attached() || node->attach_error(); };
  while (true) {
    now_ns_ = clock_.now_ns();
    for (const auto& node : asked) node->ask(now_ns_);
    pump_some([&] { return std::ranges::all_of(asked, is_done); });
    for (const auto& node : links_) {
      if (node->attach_error()) return std::unexpected(*node->attach_error());
    }
    const auto waiting = std::ranges::find_if_not(asked, is_done);
    if (waiting == asked.end()) return {};
    if (now_ns_ >= deadline_ns) return std::unexpected((*waiting)->no_answer(deadline_ns - attach_begin_ns_));
    std::int64_t next_ns = deadline_ns;
    for (const auto& node : asked) {
      if (!node->attached()) next_ns = std::min(next_ns, node->next_ask_ns());
    }
    if (next_ns > now_ns_) dialler_->wait(next_ns - now_ns_);
  }
}

Result<> Session::allocate() {
  std::vector<std::size_t> output_bytes;
  std::size_t bytes = 1;
  for (const Port& port : description_.outputs) bytes += output_bytes.emplace_back(wire::wire_bytes(port.type));
  if (bytes > max_output_bytes) {
    const auto what = fmt::format("outputs of {} bytes, at most {}", bytes, max_output_bytes);
    return std::unexpected(home().error(ErrorKind::failed, what));
  }
  const std::size_t count =
      std::min({std::size_t{description_.max_in_flight}, options_.max_in_flight, max_output_bytes / bytes});
  in_flight_.allocate(output_bytes, std::max<std::size_t>(count, 1));
  return {};
}

// Where the description says that inputs go and outputs come from.
void Session::place() {
  const std::size_t nodes = links_.size();
  in_flight_.allocate_gaps(nodes);
  legs_.assign(nodes, {});
  for (std::size_t i = 0; i < description_.inputs.size(); ++i) {
    for (const InputDestination& to : description_.destinations[i]) {
      legs_[to.node].push_back({static_cast<std::uint8_t>(i), to.port, to.kernel});
    }
  }
  gives_output_.assign(nodes, 0);
  for (const std::uint16_t node : description_.output_nodes) gives_output_[node] = 1;
  if (trace_.size() != nodes) trace_.assign(nodes, {});
  for (std::size_t i = 0; i < nodes; ++i) {
    trace_[i].node = links_[i]->name();
    trace_[i].address = links_[i]->address();
  }
}

}  // namespace algean
