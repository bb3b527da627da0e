// UDP over IPv4: connected, non-blocking sockets, datagrams up to the path MTU, never IP fragments (DF).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "runtime/transport/address.hpp"
#include "runtime/transport/transport.hpp"

namespace algean {

class Watch;

struct UdpOptions {
  std::size_t max_datagram_bytes = 65507;  // upper bound beside the path's MTU; at least wire's min_datagram_bytes
  int buffer_bytes = 4 << 20;              // asked of the system for each direction; it may give less
  bool segmentation_offload = true;  // UDP_SEGMENT and UDP_GRO, where the kernel has them: datagrams travel in batches
};

using UdpAddress = SocketAddress;

// Whether the text is an address rather than a deployment's name.
[[nodiscard]] bool is_udp_address(std::string_view text);

// A client's dialler: each link has a port of its own. With `watch`, it is waited for together with others that have
// the same.
Result<std::unique_ptr<Dialler>> make_udp_dialler(const UdpOptions& options = {},
                                                  std::shared_ptr<Watch> watch = nullptr);

// A client's link, alone.
Result<std::unique_ptr<Transport>> connect_udp(const UdpAddress& to, const UdpOptions& options = {});

// A listener on an address of this host, by default any free port of loopback. failed when the port is in use, also by
// another listener of ours. A peer's link is a connected socket on the same port, which the kernel prefers for that
// peer's datagrams; so are links that the listener dials.
Result<std::unique_ptr<Listener>> listen_udp(const UdpAddress& at = {0x7f000001, 0}, const UdpOptions& options = {},
                                             std::shared_ptr<Watch> watch = nullptr);

}  // namespace algean
