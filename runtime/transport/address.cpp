#include "runtime/transport/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

namespace algean {
namespace {

constexpr std::string_view separator = "://";

}  // namespace

std::string_view scheme_of(std::string_view address) {
  const std::size_t end = address.find(separator);
  return end == std::string_view::npos ? "udp" : address.substr(0, end);
}

Result<SocketAddress> SocketAddress::parse(std::string_view text, std::string_view scheme) {
  std::string_view rest = text;
  if (rest.starts_with(scheme) && rest.substr(scheme.size()).starts_with(separator)) {
    rest.remove_prefix(scheme.size() + separator.size());
  }
  const std::size_t colon = rest.rfind(':');
  const auto wrong = [&] { return bad_input("address \"{}\": must be HOST:PORT, PORT 0 to 65535", text); };
  if (colon == std::string_view::npos || colon == 0) return wrong();
  const std::string host(rest.substr(0, colon));
  const std::string_view digits = rest.substr(colon + 1);
  SocketAddress result;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
  if (status != std::errc() || end != digits.data() + digits.size()) return wrong();
  if (host.find_first_of(":/ ") != std::string::npos) return wrong();
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int status_of_name = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); status_of_name != 0) {
    return failed("address \"{}\": {}", text, ::gai_strerror(status_of_name));
  }
  sockaddr_in address{};
  std::memcpy(&address, found->ai_addr, sizeof(address));
  ::freeaddrinfo(found);
  result.host = ntohl(address.sin_addr.s_addr);
  return result;
}

std::string SocketAddress::text() const {
  return fmt::format("{}.{}.{}.{}:{}", host >> 24U, (host >> 16U) & 255U, (host >> 8U) & 255U, host & 255U, port);
}

}  // namespace algean
