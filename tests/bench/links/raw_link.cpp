#include "tests/bench/links/raw_link.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace algean::bench {
namespace {

void expect(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::_Exit(1);
}

sockaddr* disguise(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

}  // namespace

RawLink::RawLink() {
  std::array<sockaddr_in, 2> addresses{};
  for (std::size_t i = 0; i < 2; ++i) {
    sockets_[i] = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    expect(sockets_[i] >= 0, "socket");
    addresses[i].sin_family = AF_INET;
    addresses[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(sockaddr_in);
    expect(::bind(sockets_[i], disguise(addresses[i]), size) == 0, "bind");
    expect(::getsockname(sockets_[i], disguise(addresses[i]), &size) == 0, "getsockname");
  }
  for (std::size_t i = 0; i < 2; ++i) {
    expect(::connect(sockets_[i], disguise(addresses[1 - i]), sizeof(sockaddr_in)) == 0, "connect");
  }
}

RawLink::~RawLink() {
  for (const int socket : sockets_) ::close(socket);
}

void RawLink::echo() const {
  std::array<std::byte, 2048> buffer;
  while (true) {
    const ssize_t got = ::recv(sockets_[1], buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) expect(::send(sockets_[1], buffer.data(), static_cast<std::size_t>(got), MSG_DONTWAIT) == got, "send");
  }
}

void RawLink::round_trip(std::span<const std::byte> datagram, std::span<std::byte> into) const {
  const auto size = static_cast<ssize_t>(datagram.size());
  expect(::send(sockets_[0], datagram.data(), datagram.size(), MSG_DONTWAIT) == size, "send");
  while (::recv(sockets_[0], into.data(), into.size(), MSG_DONTWAIT) != size) {
  }
}

}  // namespace algean::bench
