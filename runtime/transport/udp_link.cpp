#include "runtime/transport/udp_link.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>

namespace algean {
namespace {

constexpr std::size_t udp_header_bytes = 28;  // IPv4 without options, and UDP
constexpr std::size_t largest_datagram_bytes = 65507;

Received received(ssize_t result, std::size_t space) {
  if (result < 0) return {to_transfer(result), 0, 0};
  const auto bytes = static_cast<std::size_t>(result);
  return bytes > space ? Received{Transfer::oversized, bytes, bytes} : one_datagram(bytes);
}

}  // namespace

Result<Descriptor> make_udp_socket(const UdpOptions& options) {
  ALGEAN_ASSIGN(Descriptor socket, make_socket(SOCK_DGRAM, options.buffer_bytes));
  set_option(socket.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  return socket;
}

Received receive_udp(int fd, std::span<std::byte> into, SocketAddress& from) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  const ssize_t result = ::recvfrom(fd, into.data(), into.size(), MSG_DONTWAIT | MSG_TRUNC, disguise(address), &size);
  from = from_system(address);
  return received(result, into.size());
}

Result<std::unique_ptr<Transport>> UdpLink::make(Descriptor socket, const SocketAddress& peer,
                                                 const UdpOptions& options, std::shared_ptr<Watch> watch) {
  if (watch) ALGEAN_TRY(watch->add(socket.get(), EPOLLIN));
  return std::make_unique<UdpLink>(std::move(socket), peer, options, std::move(watch));
}

UdpLink::UdpLink(Descriptor socket, const SocketAddress& peer, const UdpOptions& options, std::shared_ptr<Watch> watch)
    : socket_(std::move(socket)), peer_(peer), most_bytes_(options.max_datagram_bytes), watch_(std::move(watch)) {
  find_mtu();
}

UdpLink::~UdpLink() {
  if (watch_) watch_->remove(socket_.get());
}

Transfer UdpLink::send(std::span<const std::byte> datagram) {
  if (datagram.size() > max_bytes_) return Transfer::oversized;
  const Transfer result =
      to_transfer(::send(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  if (result == Transfer::oversized) find_mtu();  // the path changed
  return result;
}

Received UdpLink::receive(std::span<std::byte> into) {
  return received(::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT | MSG_TRUNC), into.size());
}

void UdpLink::wait(std::int64_t timeout_ns) { wait_for(socket_.get(), POLLIN, timeout_ns); }

void UdpLink::find_mtu() {
  const int mtu = get_option(socket_.get(), IPPROTO_IP, IP_MTU, 1500);
  const std::size_t fits = static_cast<std::size_t>(std::max(mtu, 576)) - udp_header_bytes;
  max_bytes_ = std::min({fits, most_bytes_, largest_datagram_bytes});
}

}  // namespace algean
