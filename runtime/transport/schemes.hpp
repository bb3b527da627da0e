// Transports by the scheme of an address: "udp://HOST:PORT" (or without a scheme) and "tcp://HOST:PORT".
#pragma once

#include <memory>
#include <string>

#include "runtime/transport/tcp.hpp"
#include "runtime/transport/transport.hpp"
#include "runtime/transport/udp.hpp"

namespace algean {

struct TransportOptions {
  UdpOptions udp;
  TcpOptions tcp;
};

// A client's dialler, for every scheme.
Result<std::unique_ptr<Dialler>> make_dialler(const TransportOptions& options = {});

// A listener for one scheme, or with "udp+tcp://HOST:PORT" for both at the same port; its address() is then without a
// scheme. It dials its own schemes. The clock outlives it; without one, it is the system's.
Result<std::unique_ptr<Listener>> listen(const std::string& address, const TransportOptions& options = {},
                                         const Clock* clock = nullptr);

}  // namespace algean
