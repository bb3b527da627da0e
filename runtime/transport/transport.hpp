// Links that carry datagrams, and the diallers and listeners that give them out. Every implementation passes
// tests/conformance/transport_suite.
#pragma once

#include <algorithm>
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

// Storage that holds whatever one receive() of any transport brings.
constexpr std::size_t receive_buffer_bytes = 65535;

// What receive() brought: datagrams side by side, each segment_bytes long but the last, which may be shorter. Usually
// one.
struct Received {
  Transfer result = Transfer::empty;
  std::size_t bytes = 0;          // of all datagrams, where done
  std::size_t segment_bytes = 0;  // of the first
};
[[nodiscard]] constexpr Received one_datagram(std::size_t bytes) { return {Transfer::done, bytes, bytes}; }

// Cuts the first datagram off `rest`, which begins as the Received::bytes bytes that receive() filled and is not empty.
[[nodiscard]] inline std::span<const std::byte> next_datagram(std::span<const std::byte>& rest,
                                                              std::size_t segment_bytes) {
  const auto datagram = rest.first(std::min(std::max<std::size_t>(segment_bytes, 1), rest.size()));
  rest = rest.subspan(datagram.size());
  return datagram;
}

// A link to one peer. Datagrams arrive whole or not at all; some may be lost, doubled or out of order. An empty one may
// be lost too. One thread uses a link.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Transfer send(std::span<const std::byte> datagram) = 0;
  // Sends datagrams that lie side by side, each segment_bytes long but the last, which may be shorter: with as few
  // system calls as the kernel allows. Stops at the first that is not done and says why; `sent_bytes`: of those that
  // were. At least one byte each.
  virtual Transfer send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                                 std::size_t& sent_bytes);
  // Takes one datagram, or several that came together. `into` smaller than receive_buffer_bytes loses, as oversized,
  // what does not fit; several that came together are then lost together.
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

// Makes links that are waited for together. One thread uses a dialler and its links, which it outlives; only wake() may
// come from anywhere.
class Dialler {
 public:
  virtual ~Dialler() = default;
  // A link to the listener at that address, whether one is there yet or not: a link that nobody answers is refused, or
  // silent. "udp://" in front of an address may be left out. bad_input for what is no address.
  virtual Result<std::unique_ptr<Transport>> dial(const std::string& address) = 0;
  // Returns when one of the links (and, of a listener, the listener) may have something, after wake(), and at the
  // latest after timeout_ns; also earlier.
  virtual void wait(std::int64_t timeout_ns) = 0;
  // Ends a wait(), or the next one. Safe from any thread; but for loopback, from a signal handler, too.
  virtual void wake() noexcept = 0;
};

// Names the sender of a datagram to the listener that received it.
struct Peer {
  std::uint64_t id = 0;
  bool operator==(const Peer&) const = default;
};

// One address that many peers send to. A peer that got a link is served through it from then on, and again by the
// listener when the link is gone. Links that a listener dials leave from its own address, but for tcp: two that dial
// each other have one link between them.
class Listener : public Dialler {
 public:
  // Datagrams that came to no link, from one peer. What a peer sent before its link was there comes here or by the
  // link.
  virtual Received receive(std::span<std::byte> into, Peer& from) = 0;
  virtual Transfer send(const Peer& to, std::span<const std::byte> datagram) = 0;
  // The link to a peer that has none. failed, maybe, when the peer is gone.
  virtual Result<std::unique_ptr<Transport>> connect(const Peer& to) = 0;
  // Where peers find it: "127.0.0.1:4000".
  [[nodiscard]] virtual std::string address() const = 0;
};

}  // namespace algean
