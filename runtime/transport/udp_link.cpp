#include "runtime/transport/udp_link.hpp"

#include <netinet/udp.h>
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace algean {
namespace {

constexpr std::size_t udp_header_bytes = 28;  // IPv4 without options, and UDP
constexpr std::size_t largest_datagram_bytes = 65507;
constexpr unsigned burst = 8;
constexpr std::size_t most_segments = 64;  // UDP_MAX_SEGMENTS of every kernel that has it

Received received(ssize_t result, std::size_t space) {
  if (result < 0) return {to_transfer(result), 0, 0};
  const auto bytes = static_cast<std::size_t>(result);
  return bytes > space ? Received{Transfer::oversized, bytes, bytes} : one_datagram(bytes);
}

// Storage of one control message with a T, and what sendmsg() and recvmsg() want around it.
template <class T>
struct Packet {
  Packet(void* data, std::size_t size) : part{data, size} {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
  iovec part;
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(T))> control;
  msghdr message{};
};

// Datagrams of one size that the kernel merged lie side by side; it tells the size.
Received receive_batch(int fd, std::span<std::byte> into) {
  Packet<int> packet(into.data(), into.size());
  Received got = received(::recvmsg(fd, &packet.message, MSG_DONTWAIT | MSG_TRUNC), into.size());
  const cmsghdr* control = got.result == Transfer::done ? CMSG_FIRSTHDR(&packet.message) : nullptr;
  if (control != nullptr && control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
    int segment_bytes = 0;
    std::memcpy(&segment_bytes, CMSG_DATA(control), sizeof(segment_bytes));
    if (segment_bytes > 0) got.segment_bytes = std::min(static_cast<std::size_t>(segment_bytes), got.bytes);
  }
  return got;
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
    : socket_(std::move(socket)),
      peer_(peer),
      most_bytes_(options.max_datagram_bytes),
      sends_batches_(options.segmentation_offload),
      may_receive_batches_(options.segmentation_offload),
      watch_(std::move(watch)) {
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

Transfer UdpLink::send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                                std::size_t& sent_bytes) {
  sent_bytes = 0;
  if (segment_bytes > max_bytes_ && datagrams.size() > max_bytes_) return Transfer::oversized;
  const std::size_t together = std::min(largest_datagram_bytes / segment_bytes, most_segments);
  while (sends_batches_ && together > 1 && datagrams.size() - sent_bytes > segment_bytes) {
    const std::size_t bytes = std::min(together * segment_bytes, datagrams.size() - sent_bytes);
    const Transfer result = send_batch(datagrams.subspan(sent_bytes, bytes), segment_bytes);
    if (result == Transfer::failed || result == Transfer::oversized) break;  // one by one
    if (result != Transfer::done) return result;
    sent_bytes += bytes;
  }
  std::size_t singly = 0;
  const Transfer result = Transport::send_segments(datagrams.subspan(sent_bytes), segment_bytes, singly);
  sent_bytes += singly;
  return result;
}

Transfer UdpLink::send_batch(std::span<const std::byte> datagrams, std::size_t segment_bytes) {
  // iovec is not const, though sendmsg() only reads.
  Packet<std::uint16_t> packet(const_cast<std::byte*>(datagrams.data()), datagrams.size());
  cmsghdr* control = CMSG_FIRSTHDR(&packet.message);
  control->cmsg_level = SOL_UDP;
  control->cmsg_type = UDP_SEGMENT;
  control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto size = static_cast<std::uint16_t>(segment_bytes);
  std::memcpy(CMSG_DATA(control), &size, sizeof(size));
  const Transfer result = to_transfer(::sendmsg(socket_.get(), &packet.message, MSG_DONTWAIT | MSG_NOSIGNAL));
  if (result == Transfer::failed) sends_batches_ = false;  // by this kernel, or by this path (EINVAL, EIO)
  return result;
}

Received UdpLink::receive(std::span<std::byte> into) {
  if (receives_batches_) return receive_batch(socket_.get(), into);
  const Received got = received(::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT | MSG_TRUNC), into.size());
  if (got.result != Transfer::done) {
    in_a_row_ = 0;
  } else if (++in_a_row_ == burst && may_receive_batches_) {
    receives_batches_ = set_option(socket_.get(), SOL_UDP, UDP_GRO, 1);
  }
  return got;
}

void UdpLink::wait(std::int64_t timeout_ns) { wait_for(socket_.get(), POLLIN, timeout_ns); }

void UdpLink::find_mtu() {
  const int mtu = get_option(socket_.get(), IPPROTO_IP, IP_MTU, 1500);
  const std::size_t fits = static_cast<std::size_t>(std::max(mtu, 576)) - udp_header_bytes;
  max_bytes_ = std::min({fits, most_bytes_, largest_datagram_bytes});
}

}  // namespace algean
