// TCP over IPv4, for paths that carry no UDP: datagrams with their length (u32, little endian) in front. Nothing is
// lost while a connection lives; a peer that breaks the framing is cut off.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/base/clock.hpp"
#include "runtime/transport/address.hpp"
#include "runtime/transport/transport.hpp"

namespace algean {

class Watch;

struct TcpOptions {
  std::size_t max_datagram_bytes = 65507;
  int buffer_bytes = 4 << 20;  // asked of the system for each direction; it may give less
  // Connections that have no link: at most so many (the longest silent goes first), and none silent for longer.
  std::size_t max_strangers = 64;
  std::int64_t stranger_timeout_ns = 5'000'000'000;
};

// A client's dialler. A link is not connected at once: until then send() is `empty`. When it is refused, the next
// send() dials again. With `watch`, it is waited for together with others that have the same.
Result<std::unique_ptr<Dialler>> make_tcp_dialler(const TcpOptions& options = {},
                                                  std::shared_ptr<Watch> watch = nullptr);

// A listener on an address of this host. A connection is a peer; its link, when closed, leaves it to the listener.
// Links that it dials leave from any port.
Result<std::unique_ptr<Listener>> listen_tcp(const SocketAddress& at, const TcpOptions& options, const Clock& clock,
                                             std::shared_ptr<Watch> watch = nullptr);

// Whether a peer is a TCP listener's, rather than a UDP listener's.
[[nodiscard]] bool is_tcp(const Peer& peer);

}  // namespace algean
