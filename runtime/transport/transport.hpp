// Links that carry datagrams, and the listener that gives them out. Every implementation passes
// tests/conformance/transport_suite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime/base/result.hpp"

namespace algean {

// What became of a datagram. Values, not Results: they are the rule on a hot path, not the exception.
enum class Transfer : std::uint8_t {
  done,
  empty,      // nothing to receive, or no room to send: try again
  refused,    // nobody is at the other end (any more); a datagram to be sent was lost
  oversized,  // too large for the link (not sent), or for the caller's storage (received and lost)
  failed,     // the system refused for another reason
};
[[nodiscard]] std::string_view to_text(Transfer transfer);

struct Received {
  Transfer result = Transfer::empty;
  std::size_t bytes = 0;  // of the datagram, where done
};

// A link to one peer. Datagrams arrive whole or not at all; some may be lost, doubled or out of order. One thread uses
// a link.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Transfer send(std::span<const std::byte> datagram) = 0;
  virtual Received receive(std::span<std::byte> into) = 0;
  // Returns when receive() may find something, and at the latest after timeout_ns; also earlier.
  virtual void wait(std::int64_t timeout_ns) = 0;
  // The largest datagram that travels whole, from the path's MTU; at least wire::min_datagram_bytes.
  [[nodiscard]] virtual std::size_t max_datagram_bytes() const = 0;
  // Bytes of datagrams that may lie here unread before some are lost.
  [[nodiscard]] virtual std::size_t receive_window_bytes() const = 0;
  // The other end, for messages: "127.0.0.1:4000".
  [[nodiscard]] virtual std::string peer() const = 0;
};

// Names the sender of a datagram to the listener that received it.
struct Peer {
  std::uint64_t id = 0;
  bool operator==(const Peer&) const = default;
};

// One address that many peers send to. A peer that got a link is served through it from then on. One thread uses a
// listener and its links, which it outlives; only wake() may come from anywhere.
class Listener {
 public:
  virtual ~Listener() = default;
  // A datagram that came to no link. Also those that a peer sent before its link was there.
  virtual Received receive(std::span<std::byte> into, Peer& from) = 0;
  virtual Transfer send(const Peer& to, std::span<const std::byte> datagram) = 0;
  // The link to a peer that has none.
  virtual Result<std::unique_ptr<Transport>> connect(const Peer& to) = 0;
  // Returns when this listener or one of its links may have something, after wake(), and at the latest after
  // timeout_ns; also earlier.
  virtual void wait(std::int64_t timeout_ns) = 0;
  // Ends a wait(), or the next one. Safe from any thread; with udp from a signal handler, too.
  virtual void wake() noexcept = 0;
  // Where peers find it: "127.0.0.1:4000".
  [[nodiscard]] virtual std::string address() const = 0;
};

}  // namespace algean
