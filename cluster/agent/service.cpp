#include "cluster/agent/service.hpp"

#include <algorithm>

namespace algean::cluster {

Result<std::unique_ptr<AgentService>> AgentService::listen(const std::string& address, AgentOptions options,
                                                           const Clock& clock) {
  constexpr std::size_t beside_the_load = std::size_t{1} << 20;  // what a request to load holds besides
  ALGEAN_ASSIGN(auto server,
                ControlServer::listen(address, {options.software, options.max_load_bytes + beside_the_load}));
  return std::unique_ptr<AgentService>(new AgentService(std::move(server), std::move(options), clock));
}

AgentService::AgentService(std::unique_ptr<ControlServer> server, AgentOptions options, const Clock& clock)
    : clock_(&clock), server_(std::move(server)) {
  options.wake = [to = server_.get()] { to->wake(); };
  agent_ = std::make_unique<Agent>(std::move(options), clock);
}

void AgentService::step(std::span<pollfd> others) {
  const std::int64_t wait_ns =
      next_ns_ == Agent::never_ns ? -1 : std::max<std::int64_t>(0, next_ns_ - clock_->now_ns());
  server_->wait(wait_ns, others);
  constexpr int requests_a_step = 64;  // then leases and deadlines get their turn
  for (int count = 0; count < requests_a_step; ++count) {
    auto incoming = server_->receive();
    if (!incoming) break;
    agent_->handle(std::move(incoming->request), [this, to = std::move(incoming->caller)](control::Reply reply) {
      server_->reply(to, std::move(reply));
    });
  }
  next_ns_ = agent_->tick();
}

}  // namespace algean::cluster
