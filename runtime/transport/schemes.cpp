#include "runtime/transport/schemes.hpp"

#include <utility>

#include "runtime/transport/joined.hpp"
#include "runtime/transport/watch.hpp"

namespace algean {
namespace {

constexpr std::string_view both = "udp+tcp";
constexpr int most_attempts = 32;

const SteadyClock steady_clock;

Result<std::unique_ptr<Listener>> listen_both(const SocketAddress& at, const TransportOptions& options,
                                              const Clock& clock) {
  for (int attempt = 1;; ++attempt) {
    ALGEAN_ASSIGN(auto watch, Watch::make());
    ALGEAN_ASSIGN(auto udp, listen_udp(at, options.udp, watch));
    ALGEAN_ASSIGN(const SocketAddress bound, SocketAddress::parse(udp->address()));
    auto tcp = listen_tcp(bound, options.tcp, clock, std::move(watch));
    if (tcp) return join(std::move(udp), std::move(*tcp));
    // Any port would do: another that is free for UDP may be so for TCP.
    if (at.port != 0 || attempt == most_attempts) return std::unexpected(std::move(tcp).error());
  }
}

}  // namespace

Result<std::unique_ptr<Dialler>> make_dialler(const TransportOptions& options) {
  ALGEAN_ASSIGN(auto watch, Watch::make());
  ALGEAN_ASSIGN(auto udp, make_udp_dialler(options.udp, watch));
  ALGEAN_ASSIGN(auto tcp, make_tcp_dialler(options.tcp, std::move(watch)));
  return join(std::move(udp), std::move(tcp));
}

Result<std::unique_ptr<Listener>> listen(const std::string& address, const TransportOptions& options,
                                         const Clock* clock) {
  const std::string_view scheme = scheme_of(address);
  if (scheme != "udp" && scheme != "tcp" && scheme != both) {
    return bad_input("address \"{}\": \"{}\" is none of udp, tcp, {}", address, scheme, both);
  }
  if (clock == nullptr) clock = &steady_clock;
  ALGEAN_ASSIGN(const SocketAddress at, SocketAddress::parse(address, scheme));
  if (scheme == "udp") return listen_udp(at, options.udp);
  if (scheme == "tcp") return listen_tcp(at, options.tcp, *clock);
  return listen_both(at, options, *clock);
}

}  // namespace algean
