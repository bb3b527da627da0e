// The agent's side of the control plane: requests come in, replies go out, in any order.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cluster/control/message.hpp"
#include "runtime/base/result.hpp"

namespace algean::cluster {

struct ControlServerOptions {
  std::string software;  // version of ours, that replies carry
  std::size_t max_message_bytes = std::size_t{1}
                                  << 29;  // whoever sends a longer one loses its connection; at most 2^30
};

// Whom a reply goes to.
struct Caller {
  std::string peer;      // ZeroMQ's routing id
  std::uint64_t id = 0;  // of the request
};

struct ControlCounts {
  std::uint64_t requests = 0;   // well-formed ones of this version
  std::uint64_t malformed = 0;  // dropped: no request at all
  std::uint64_t refused = 0;    // answered with an error: another version, or nothing (known) is asked for
  std::uint64_t unsent = 0;     // replies that nobody takes any more
};

// A ROUTER socket, with a context (and thereby threads) of its own. One thread uses it; wake() may come from anywhere.
class ControlServer {
 public:
  // At an address as check_control_address() has it. failed where it is in use.
  static Result<std::unique_ptr<ControlServer>> listen(const std::string& address, ControlServerOptions options);
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  ~ControlServer();

  // Where it listens, the port filled in: "tcp://127.0.0.1:40123".
  [[nodiscard]] const std::string& address() const;
  [[nodiscard]] std::size_t max_message_bytes() const;

  struct Incoming {
    Caller caller;
    control::Request request;
  };
  // The next well-formed request, without waiting. What is malformed is dropped and counted; a request of another
  // version, or one that asks for nothing (known), is answered with an error.
  std::optional<Incoming> receive();
  // Fills in version, software and id. A caller that is gone, or reads nothing, loses its reply; instead of a reply
  // that is too long it gets an error.
  void reply(const Caller& to, control::Reply reply);
  // Returns when a request may be here, when one of `others` is ready (its revents say so), after wake(), and at the
  // latest after timeout_ns (negative: none); also earlier.
  void wait(std::int64_t timeout_ns, std::span<pollfd> others);
  void wake() noexcept;

  [[nodiscard]] const ControlCounts& counts() const;

 private:
  class Impl;
  explicit ControlServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace algean::cluster
