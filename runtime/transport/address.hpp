// Addresses of IPv4 sockets, as text and as numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace algean {

// IPv4 address and port, both in host byte order.
struct SocketAddress {
  std::uint32_t host = 0;
  std::uint16_t port = 0;
  // "HOST:PORT" or "SCHEME://HOST:PORT", HOST a name or dotted. bad_input otherwise, failed for a name that nobody
  // knows.
  static Result<SocketAddress> parse(std::string_view text, std::string_view scheme = "udp");
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_loopback() const { return host >> 24U == 127; }
  bool operator==(const SocketAddress&) const = default;
};

// What stands in front of "://"; "udp" where nothing does.
[[nodiscard]] std::string_view scheme_of(std::string_view address);

}  // namespace algean
