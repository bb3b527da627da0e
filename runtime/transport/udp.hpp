// UDP over IPv4: connected, non-blocking sockets, datagrams up to the path MTU, never IP fragments (DF).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/transport/transport.hpp"

namespace algean {

struct UdpOptions {
  std::size_t max_datagram_bytes = 65507;  // upper bound beside the path's MTU; at least wire's min_datagram_bytes
  int buffer_bytes = 4 << 20;              // asked of the system for each direction; it may give less
};

// IPv4 address and port, both in host byte order.
struct UdpAddress {
  std::uint32_t host = 0;
  std::uint16_t port = 0;
  // "HOST:PORT" or "udp://HOST:PORT", HOST a name or dotted. bad_input otherwise, failed for a name that nobody knows.
  static Result<UdpAddress> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_loopback() const { return host >> 24U == 127; }
  bool operator==(const UdpAddress&) const = default;
};

// Whether the text is an address rather than a deployment's name.
[[nodiscard]] bool is_udp_address(std::string_view text);

// A client's link.
Result<std::unique_ptr<Transport>> connect_udp(const UdpAddress& to, const UdpOptions& options = {});

// A listener on an address of this host, by default any free port of loopback. failed when the port is in use, also by
// another listener of ours. A peer's link is a connected socket on the same port, which the kernel prefers for that
// peer's datagrams.
Result<std::unique_ptr<Listener>> listen_udp(const UdpAddress& at = {0x7f000001, 0}, const UdpOptions& options = {});

}  // namespace algean
