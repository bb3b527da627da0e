#include "runtime/transport/udp.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "runtime/transport/udp_link.hpp"

namespace algean {
namespace {

Peer to_peer(const SocketAddress& address) { return {(std::uint64_t{address.host} << 16U) | address.port}; }
SocketAddress to_address(const Peer& peer) {
  return {static_cast<std::uint32_t>(peer.id >> 16U), static_cast<std::uint16_t>(peer.id)};
}

Result<> connect_to(const Descriptor& socket, const SocketAddress& to) {
  const sockaddr_in remote = to_system(to);
  if (::connect(socket.get(), disguise(remote), sizeof(remote)) == 0) return {};
  return failed("cannot connect to {}: {}", to.text(), system_reason());
}

Result<std::unique_ptr<Transport>> make_link(const SocketAddress& to, const UdpOptions& options,
                                             std::shared_ptr<Watch> watch) {
  ALGEAN_ASSIGN(Descriptor socket, make_udp_socket(options));
  ALGEAN_TRY(connect_to(socket, to));
  return UdpLink::make(std::move(socket), to, options, std::move(watch));
}

class UdpDialler final : public Dialler {
 public:
  UdpDialler(std::shared_ptr<Watch> watch, const UdpOptions& options) : watch_(std::move(watch)), options_(options) {}
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    ALGEAN_ASSIGN(const SocketAddress to, SocketAddress::parse(address));
    return make_link(to, options_, watch_);
  }
  void wait(std::int64_t timeout_ns) override { watch_->wait(timeout_ns); }
  void wake() noexcept override { watch_->wake(); }

 private:
  std::shared_ptr<Watch> watch_;
  UdpOptions options_;
};

class UdpListener final : public Listener {
 public:
  UdpListener(Descriptor socket, std::shared_ptr<Watch> watch, const SocketAddress& at, const UdpOptions& options)
      : socket_(std::move(socket)), watch_(std::move(watch)), at_(at), options_(options) {}
  UdpListener(const UdpListener&) = delete;
  UdpListener& operator=(const UdpListener&) = delete;
  // Its socket leaves the watch by being closed: a process that forked and closes its copy leaves the other's alone.
  ~UdpListener() override {
    for (; !strays_.empty(); strays_.pop_front()) watch_->release();
  }

  Received receive(std::span<std::byte> into, Peer& from) override;
  Transfer send(const Peer& to, std::span<const std::byte> datagram) override {
    const sockaddr_in address = to_system(to_address(to));
    return to_transfer(::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                                disguise(address), sizeof(address)));
  }
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    ALGEAN_ASSIGN(const SocketAddress to, SocketAddress::parse(address));
    return link_to(to);
  }
  Result<std::unique_ptr<Transport>> connect(const Peer& to) override { return link_to(to_address(to)); }
  void wait(std::int64_t timeout_ns) override { watch_->wait(timeout_ns); }
  void wake() noexcept override { watch_->wake(); }
  [[nodiscard]] std::string address() const override { return at_.text(); }

 private:
  static constexpr std::size_t most_strays = 1000;  // a flood must not keep us

  // Datagrams that a link's socket caught between bind and connect, maybe from another peer.
  struct Stray {
    Peer from;
    std::vector<std::byte> bytes;
  };
  Result<std::unique_ptr<Transport>> link_to(const SocketAddress& peer);
  void take_strays(const Descriptor& socket);

  Descriptor socket_;
  std::shared_ptr<Watch> watch_;
  SocketAddress at_;
  UdpOptions options_;
  std::deque<Stray> strays_;
};

Received UdpListener::receive(std::span<std::byte> into, Peer& from) {
  if (strays_.empty()) {
    SocketAddress address;
    const Received got = receive_udp(socket_.get(), into, address);
    from = to_peer(address);
    return got;
  }
  const Stray stray = std::move(strays_.front());
  strays_.pop_front();
  watch_->release();
  from = stray.from;
  if (stray.bytes.size() > into.size()) return {Transfer::oversized, stray.bytes.size(), stray.bytes.size()};
  std::ranges::copy(stray.bytes, into.begin());
  return one_datagram(stray.bytes.size());
}

Result<std::unique_ptr<Transport>> UdpListener::link_to(const SocketAddress& peer) {
  ALGEAN_ASSIGN(Descriptor socket, make_udp_socket(options_));
  set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  ALGEAN_TRY(bind_to(socket, at_));
  ALGEAN_TRY(connect_to(socket, peer));
  take_strays(socket);
  return UdpLink::make(std::move(socket), peer, options_, watch_);
}

void UdpListener::take_strays(const Descriptor& socket) {
  std::vector<std::byte> buffer(receive_buffer_bytes);
  while (strays_.size() < most_strays) {
    SocketAddress from;
    const Received got = receive_udp(socket.get(), buffer, from);
    if (got.result != Transfer::done) return;
    strays_.push_back({to_peer(from), {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got.bytes)}});
    watch_->keep();
  }
}

}  // namespace

bool is_udp_address(std::string_view text) { return text.find(':') != std::string_view::npos; }

Result<std::unique_ptr<Dialler>> make_udp_dialler(const UdpOptions& options, std::shared_ptr<Watch> watch) {
  ALGEAN_TRY(check_datagram_bytes(options.max_datagram_bytes));
  ALGEAN_TRY(make_if_none(watch));
  return std::make_unique<UdpDialler>(std::move(watch), options);
}

Result<std::unique_ptr<Transport>> connect_udp(const UdpAddress& to, const UdpOptions& options) {
  ALGEAN_TRY(check_datagram_bytes(options.max_datagram_bytes));
  return make_link(to, options, nullptr);
}

Result<std::unique_ptr<Listener>> listen_udp(const UdpAddress& at, const UdpOptions& options,
                                             std::shared_ptr<Watch> watch) {
  ALGEAN_TRY(check_datagram_bytes(options.max_datagram_bytes));
  ALGEAN_TRY(make_if_none(watch));
  ALGEAN_ASSIGN(Descriptor socket, make_udp_socket(options));
  // Bound alone, so that a port in use is an error; only then may links share the port.
  ALGEAN_TRY(bind_to(socket, at));
  set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  ALGEAN_ASSIGN(const SocketAddress bound, bound_address(socket));
  ALGEAN_TRY(watch->add(socket.get(), EPOLLIN));
  return std::make_unique<UdpListener>(std::move(socket), std::move(watch), bound, options);
}

}  // namespace algean
