// The controller's side of the control plane: one agent, one call at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cluster/control/message.hpp"
#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

struct ControlClientOptions {
  std::string software;                                // version of ours, that requests carry
  int interrupt_fd = -1;                               // ends every wait when it is readable; not owned
  std::size_t max_reply_bytes = std::size_t{1} << 29;  // an agent that sends a longer one loses the connection
};

// A DEALER socket, with a context (and thereby threads) of its own; one thread uses it. Every error names the agent,
// its address and the call: "agent b at tcp://10.0.0.2:4700: no answer to `load` within 500 ms". Kinds: that of an
// agent's own error; deadline; failed where nobody listens, the connection breaks, or the agent speaks another version.
class ControlClient {
 public:
  // `agent` is its name, for messages. Nothing is sent yet, so that nobody need be there. The clock outlives this.
  static Result<std::unique_ptr<ControlClient>> connect(const std::string& agent, const std::string& address,
                                                        ControlClientOptions options, const Clock& clock);
  ControlClient(const ControlClient&) = delete;
  ControlClient& operator=(const ControlClient&) = delete;
  ~ControlClient();

  // Asks and waits. Fills in version, software, id and deadline. The reply carries the result of that call, no error.
  Result<control::Reply> call(control::Request request, std::int64_t timeout_ns);

  // The same in two steps, so that several agents work at once. A call that was not received when the next is sent is
  // given up; its reply is ignored whenever it comes.
  Result<> send(control::Request request, std::int64_t timeout_ns);
  Result<control::Reply> receive();

  // From now on nothing but a reply, an error or the deadline ends a wait: for what must be undone after an interrupt.
  void ignore_interrupts();

  [[nodiscard]] const std::string& agent() const;
  [[nodiscard]] const std::string& address() const;

 private:
  class Impl;
  explicit ControlClient(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace algean::cluster
