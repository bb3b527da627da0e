#include "runtime/transport/socket.hpp"

#include <arpa/inet.h>

namespace algean {

sockaddr_in to_system(const SocketAddress& address) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(address.host);
  result.sin_port = htons(address.port);
  return result;
}

SocketAddress from_system(const sockaddr_in& address) {
  return {ntohl(address.sin_addr.s_addr), ntohs(address.sin_port)};
}

bool set_option(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

int get_option(int fd, int level, int name, int otherwise) {
  int value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : otherwise;
}

Result<Descriptor> make_socket(int type, int buffer_bytes) {
  Descriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return failed("cannot make a socket: {}", system_reason());
  set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, buffer_bytes);
  set_option(socket.get(), SOL_SOCKET, SO_SNDBUF, buffer_bytes);
  return socket;
}

Result<> bind_to(const Descriptor& socket, const SocketAddress& at) {
  const sockaddr_in local = to_system(at);
  if (::bind(socket.get(), disguise(local), sizeof(local)) == 0) return {};
  return failed("cannot listen on {}: {}", at.text(), system_reason());
}

Result<SocketAddress> bound_address(const Descriptor& socket) {
  sockaddr_in local{};
  socklen_t size = sizeof(local);
  if (::getsockname(socket.get(), disguise(local), &size) != 0) return failed("no address: {}", system_reason());
  return from_system(local);
}

std::size_t window_of(const Descriptor& socket) {
  // A quarter of the figure is ours even when datagrams are small.
  return static_cast<std::size_t>(get_option(socket.get(), SOL_SOCKET, SO_RCVBUF, 1 << 16)) / 4;
}

Transfer to_transfer(ssize_t result) {
  if (result >= 0) return Transfer::done;
  switch (errno) {
    case EAGAIN:
    case EINTR:
    case ENOBUFS:
      return Transfer::empty;
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      return Transfer::refused;
    case EMSGSIZE:
      return Transfer::oversized;
    default:
      return Transfer::failed;
  }
}

Result<> check_datagram_bytes(std::size_t max_datagram_bytes) {
  if (max_datagram_bytes >= least_datagram_bytes) return {};
  return bad_input("datagrams of {} bytes: at least {} are needed", max_datagram_bytes, least_datagram_bytes);
}

}  // namespace algean
