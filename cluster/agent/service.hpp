// An agent at an address.
#pragma once

#include <poll.h>

#include <memory>
#include <span>
#include <string>

#include "cluster/agent/agent.hpp"
#include "cluster/control/server.hpp"

namespace algean::cluster {

// One thread uses it: the control thread.
class AgentService {
 public:
  // At an address as check_control_address() has it; failed where it is in use. options.wake is set here.
  static Result<std::unique_ptr<AgentService>> listen(const std::string& address, AgentOptions options,
                                                      const Clock& clock);

  [[nodiscard]] const std::string& address() const { return server_->address(); }
  [[nodiscard]] const ControlCounts& counts() const { return server_->counts(); }
  [[nodiscard]] const Agent& agent() const { return *agent_; }

  // Waits for a request, for one of `others` (its revents say so), or for what threads and time bring; does what there
  // is to do, and returns.
  void step(std::span<pollfd> others);
  // Ends a step(), or the next one. From any thread.
  void wake() noexcept { server_->wake(); }

 private:
  AgentService(std::unique_ptr<ControlServer> server, AgentOptions options, const Clock& clock);

  const Clock* clock_;
  std::unique_ptr<ControlServer> server_;
  std::unique_ptr<Agent> agent_;  // ends before the server, which its threads wake
  std::int64_t next_ns_ = Agent::never_ns;
};

}  // namespace algean::cluster
