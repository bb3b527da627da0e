#include "runtime/transport/udp.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <vector>

#include "runtime/base/descriptor.hpp"

namespace algean {
namespace {

constexpr std::size_t udp_header_bytes = 28;  // IPv4 without options, and UDP
constexpr std::size_t least_datagram_bytes = 128;
constexpr std::size_t largest_datagram_bytes = 65507;
constexpr std::string_view scheme = "udp://";

sockaddr_in to_system(const UdpAddress& address) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(address.host);
  result.sin_port = htons(address.port);
  return result;
}

UdpAddress from_system(const sockaddr_in& address) { return {ntohl(address.sin_addr.s_addr), ntohs(address.sin_port)}; }

// sockaddr_in is the system's own disguise of sockaddr.
const sockaddr* disguise(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }
sockaddr* disguise(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

Peer to_peer(const UdpAddress& address) { return {(std::uint64_t{address.host} << 16U) | address.port}; }
UdpAddress to_address(const Peer& peer) {
  return {static_cast<std::uint32_t>(peer.id >> 16U), static_cast<std::uint16_t>(peer.id)};
}

void set_option(int fd, int level, int name, int value) { ::setsockopt(fd, level, name, &value, sizeof(value)); }

int get_option(int fd, int level, int name, int otherwise) {
  int value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : otherwise;
}

Result<Descriptor> make_socket(const UdpOptions& options) {
  Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return failed("cannot make a UDP socket: {}", system_reason());
  set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, options.buffer_bytes);
  set_option(socket.get(), SOL_SOCKET, SO_SNDBUF, options.buffer_bytes);
  set_option(socket.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  return socket;
}

Transfer sent(ssize_t result) {
  if (result >= 0) return Transfer::done;
  switch (errno) {
    case EAGAIN:
    case EINTR:
    case ENOBUFS:
      return Transfer::empty;
    case ECONNREFUSED:
      return Transfer::refused;
    case EMSGSIZE:
      return Transfer::oversized;
    default:
      return Transfer::failed;
  }
}

Received received(ssize_t result, std::size_t space) {
  if (result < 0) return {sent(result), 0};
  const auto bytes = static_cast<std::size_t>(result);
  return {bytes > space ? Transfer::oversized : Transfer::done, bytes};
}

Received receive_from(int fd, std::span<std::byte> into, Peer& from) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  const ssize_t result = ::recvfrom(fd, into.data(), into.size(), MSG_DONTWAIT | MSG_TRUNC, disguise(address), &size);
  from = to_peer(from_system(address));
  return received(result, into.size());
}

timespec to_timespec(std::int64_t timeout_ns) {
  timeout_ns = std::max<std::int64_t>(timeout_ns, 0);
  return {timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
}

// A connected socket. `watch` is the epoll set that it belongs to, or -1.
class UdpLink final : public Transport {
 public:
  UdpLink(Descriptor socket, const UdpAddress& peer, const UdpOptions& options, int watch)
      : socket_(std::move(socket)), peer_(peer), most_bytes_(options.max_datagram_bytes), watch_(watch) {
    find_mtu();
  }
  UdpLink(const UdpLink&) = delete;
  UdpLink& operator=(const UdpLink&) = delete;
  ~UdpLink() override {
    if (watch_ >= 0) ::epoll_ctl(watch_, EPOLL_CTL_DEL, socket_.get(), nullptr);
  }

  Transfer send(std::span<const std::byte> datagram) override {
    if (datagram.size() > max_bytes_) return Transfer::oversized;
    const Transfer result = sent(::send(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    if (result == Transfer::oversized) find_mtu();  // the path changed
    return result;
  }
  Received receive(std::span<std::byte> into) override {
    return received(::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT | MSG_TRUNC), into.size());
  }
  void wait(std::int64_t timeout_ns) override {
    pollfd one{socket_.get(), POLLIN, 0};
    const timespec timeout = to_timespec(timeout_ns);
    ::ppoll(&one, 1, &timeout, nullptr);
  }
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return max_bytes_; }
  [[nodiscard]] std::size_t receive_window_bytes() const override {
    // The system counts its own overhead too: a quarter of its figure is ours even when datagrams are small.
    return static_cast<std::size_t>(get_option(socket_.get(), SOL_SOCKET, SO_RCVBUF, 1 << 16)) / 4;
  }
  [[nodiscard]] std::string peer() const override { return peer_.text(); }

 private:
  void find_mtu() {
    const int mtu = get_option(socket_.get(), IPPROTO_IP, IP_MTU, 1500);
    const std::size_t fits = static_cast<std::size_t>(std::max(mtu, 576)) - udp_header_bytes;
    max_bytes_ = std::min({fits, most_bytes_, largest_datagram_bytes});
  }

  Descriptor socket_;
  UdpAddress peer_;
  std::size_t most_bytes_;
  std::size_t max_bytes_ = least_datagram_bytes;
  int watch_;
};

class UdpListener final : public Listener {
 public:
  UdpListener(Descriptor socket, Descriptor watch, Descriptor wake, const UdpAddress& at, const UdpOptions& options)
      : socket_(std::move(socket)), watch_(std::move(watch)), wake_(std::move(wake)), at_(at), options_(options) {}

  Received receive(std::span<std::byte> into, Peer& from) override {
    if (strays_.empty()) return receive_from(socket_.get(), into, from);
    const Stray stray = std::move(strays_.front());
    strays_.pop_front();
    from = stray.from;
    if (stray.bytes.size() > into.size()) return {Transfer::oversized, stray.bytes.size()};
    std::ranges::copy(stray.bytes, into.begin());
    return {Transfer::done, stray.bytes.size()};
  }
  Transfer send(const Peer& to, std::span<const std::byte> datagram) override {
    const sockaddr_in address = to_system(to_address(to));
    return sent(::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                         disguise(address), sizeof(address)));
  }
  Result<std::unique_ptr<Transport>> connect(const Peer& to) override;
  void wait(std::int64_t timeout_ns) override {
    if (!strays_.empty()) return;
    std::array<epoll_event, 1> event{};
    const timespec timeout = to_timespec(timeout_ns);
    ::epoll_pwait2(watch_.get(), event.data(), 1, &timeout, nullptr);
    eventfd_t count = 0;
    if (event[0].data.fd == wake_.get()) ::eventfd_read(wake_.get(), &count);
  }
  void wake() noexcept override {
    const int saved = errno;  // a signal handler may call this
    ::eventfd_write(wake_.get(), 1);
    errno = saved;
  }
  [[nodiscard]] std::string address() const override { return at_.text(); }

 private:
  // A datagram that a link's socket caught between bind and connect, maybe from another peer.
  struct Stray {
    Peer from;
    std::vector<std::byte> bytes;
  };

  Descriptor socket_;
  Descriptor watch_;
  Descriptor wake_;
  UdpAddress at_;
  UdpOptions options_;
  std::deque<Stray> strays_;
};

Result<std::unique_ptr<Transport>> UdpListener::connect(const Peer& to) {
  const UdpAddress peer = to_address(to);
  ALGEAN_ASSIGN(Descriptor socket, make_socket(options_));
  set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  const sockaddr_in local = to_system(at_);
  if (::bind(socket.get(), disguise(local), sizeof(local)) != 0) {
    return failed("cannot share {}: {}", at_.text(), system_reason());
  }
  const sockaddr_in remote = to_system(peer);
  if (::connect(socket.get(), disguise(remote), sizeof(remote)) != 0) {
    return failed("cannot connect to {}: {}", peer.text(), system_reason());
  }
  std::vector<std::byte> buffer(largest_datagram_bytes);
  Peer from;
  for (Received got = receive_from(socket.get(), buffer, from); got.result == Transfer::done;
       got = receive_from(socket.get(), buffer, from)) {
    strays_.push_back({from, {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got.bytes)}});
    if (strays_.size() > 1000) break;  // a flood must not keep us here
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = socket.get();
  if (::epoll_ctl(watch_.get(), EPOLL_CTL_ADD, socket.get(), &event) != 0) {
    return failed("cannot watch {}: {}", peer.text(), system_reason());
  }
  return std::make_unique<UdpLink>(std::move(socket), peer, options_, watch_.get());
}

Result<> check(const UdpOptions& options) {
  if (options.max_datagram_bytes < least_datagram_bytes) {
    return bad_input("datagrams of {} bytes: at least {} are needed", options.max_datagram_bytes, least_datagram_bytes);
  }
  return {};
}

}  // namespace

bool is_udp_address(std::string_view text) { return text.find(':') != std::string_view::npos; }

Result<UdpAddress> UdpAddress::parse(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  const std::size_t colon = rest.rfind(':');
  const auto wrong = [&] { return bad_input("address \"{}\": must be HOST:PORT, PORT 0 to 65535", text); };
  if (colon == std::string_view::npos || colon == 0) return wrong();
  const std::string host(rest.substr(0, colon));
  const std::string_view digits = rest.substr(colon + 1);
  UdpAddress result;
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

std::string UdpAddress::text() const {
  return fmt::format("{}.{}.{}.{}:{}", host >> 24U, (host >> 16U) & 255U, (host >> 8U) & 255U, host & 255U, port);
}

Result<std::unique_ptr<Transport>> connect_udp(const UdpAddress& to, const UdpOptions& options) {
  ALGEAN_TRY(check(options));
  ALGEAN_ASSIGN(Descriptor socket, make_socket(options));
  const sockaddr_in address = to_system(to);
  if (::connect(socket.get(), disguise(address), sizeof(address)) != 0) {
    return failed("cannot connect to {}: {}", to.text(), system_reason());
  }
  return std::make_unique<UdpLink>(std::move(socket), to, options, -1);
}

Result<std::unique_ptr<Listener>> listen_udp(const UdpAddress& at, const UdpOptions& options) {
  ALGEAN_TRY(check(options));
  ALGEAN_ASSIGN(Descriptor socket, make_socket(options));
  sockaddr_in local = to_system(at);
  // Bound alone, so that a port in use is an error; only then may links share the port.
  if (::bind(socket.get(), disguise(local), sizeof(local)) != 0) {
    return failed("cannot listen on {}: {}", at.text(), system_reason());
  }
  set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  socklen_t size = sizeof(local);
  if (::getsockname(socket.get(), disguise(local), &size) != 0) return failed("no address: {}", system_reason());
  Descriptor watch(::epoll_create1(EPOLL_CLOEXEC));
  Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  for (const int fd : {socket.get(), wake.get()}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (::epoll_ctl(watch.get(), EPOLL_CTL_ADD, fd, &event) != 0)
      return failed("cannot watch {}: {}", at.text(), system_reason());
  }
  return std::make_unique<UdpListener>(std::move(socket), std::move(watch), std::move(wake), from_system(local),
                                       options);
}

}  // namespace algean
