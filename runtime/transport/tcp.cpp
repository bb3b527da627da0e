#include "runtime/transport/tcp.hpp"

#include <sys/epoll.h>

#include <utility>

#include "runtime/transport/tcp_strangers.hpp"

namespace algean {
namespace {

constexpr std::string_view scheme = "tcp";
constexpr std::uint64_t first_peer = std::uint64_t{1} << 63U;  // UDP's have 48 bits
constexpr int backlog = 128;
constexpr int accepts_a_call = 16;

std::string text_of(const SocketAddress& address) { return fmt::format("{}://{}", scheme, address.text()); }

// A link over a stream that its derived class may replace.
class TcpLink : public Transport {
 public:
  TcpLink(std::unique_ptr<TcpStream> stream, std::string peer, const TcpOptions& options)
      : stream_(std::move(stream)), peer_(std::move(peer)), options_(options) {}
  Transfer send(std::span<const std::byte> datagram) override {
    std::size_t sent_bytes = 0;
    return send_segments(datagram, datagram.size(), sent_bytes);
  }
  Transfer send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                         std::size_t& sent_bytes) override {
    return stream_->send_segments(datagrams, segment_bytes, sent_bytes);
  }
  Received receive(std::span<std::byte> into) override { return stream_->receive(into); }
  void wait(std::int64_t timeout_ns) override { stream_->wait(timeout_ns); }
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return options_.max_datagram_bytes; }
  [[nodiscard]] std::size_t receive_window_bytes() const override { return stream_->window_bytes(); }
  [[nodiscard]] std::string peer() const override { return peer_; }

 protected:
  std::unique_ptr<TcpStream> stream_;
  std::string peer_;
  TcpOptions options_;
};

class DialledLink final : public TcpLink {
 public:
  static Result<std::unique_ptr<Transport>> make(const std::string& address, const TcpOptions& options,
                                                 std::shared_ptr<Watch> watch) {
    ALGEAN_ASSIGN(const SocketAddress to, SocketAddress::parse(address, scheme));
    ALGEAN_ASSIGN(auto stream, TcpStream::dial(to, options, watch));
    return std::make_unique<DialledLink>(std::move(stream), to, options, std::move(watch));
  }
  DialledLink(std::unique_ptr<TcpStream> stream, const SocketAddress& to, const TcpOptions& options,
              std::shared_ptr<Watch> watch)
      : TcpLink(std::move(stream), text_of(to), options), to_(to), watch_(std::move(watch)) {}
  Transfer send_segments(std::span<const std::byte> datagrams, std::size_t segment_bytes,
                         std::size_t& sent_bytes) override {
    sent_bytes = 0;
    if (!stream_->is_open()) {
      auto stream = TcpStream::dial(to_, options_, watch_);
      if (!stream) return Transfer::refused;
      stream_ = std::move(*stream);
    }
    return TcpLink::send_segments(datagrams, segment_bytes, sent_bytes);
  }

 private:
  SocketAddress to_;
  std::shared_ptr<Watch> watch_;
};

// Leaves its connection to the listener.
class AcceptedLink final : public TcpLink {
 public:
  AcceptedLink(std::uint64_t id, TcpStrangers::Stranger stranger, const TcpOptions& options,
               std::weak_ptr<TcpStrangers> home, const Clock& clock)
      : TcpLink(std::move(stranger.stream), std::move(stranger.address), options),
        id_(id),
        home_(std::move(home)),
        clock_(clock) {}
  AcceptedLink(const AcceptedLink&) = delete;
  AcceptedLink& operator=(const AcceptedLink&) = delete;
  ~AcceptedLink() override {
    const auto home = home_.lock();
    if (home && stream_->is_open()) home->add(id_, {std::move(stream_), std::move(peer_), clock_.now_ns()});
  }

 private:
  std::uint64_t id_;
  std::weak_ptr<TcpStrangers> home_;
  const Clock& clock_;
};

class TcpDialler final : public Dialler {
 public:
  TcpDialler(const TcpOptions& options, std::shared_ptr<Watch> watch) : options_(options), watch_(std::move(watch)) {}
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    return DialledLink::make(address, options_, watch_);
  }
  void wait(std::int64_t timeout_ns) override { watch_->wait(timeout_ns); }
  void wake() noexcept override { watch_->wake(); }

 private:
  TcpOptions options_;
  std::shared_ptr<Watch> watch_;
};

class TcpListener final : public Listener {
 public:
  TcpListener(Descriptor socket, const SocketAddress& at, const TcpOptions& options, const Clock& clock,
              std::shared_ptr<Watch> watch)
      : socket_(std::move(socket)),
        at_(at),
        options_(options),
        clock_(clock),
        watch_(std::move(watch)),
        strangers_(std::make_shared<TcpStrangers>(options)) {}

  Received receive(std::span<std::byte> into, Peer& from) override {
    const std::int64_t now_ns = clock_.now_ns();
    for (int i = 0; i < accepts_a_call && accept_one(now_ns); ++i) {
    }
    const Received got = strangers_->receive(into, from.id, now_ns);
    strangers_->expire(now_ns);
    return got;
  }
  Transfer send(const Peer& to, std::span<const std::byte> datagram) override {
    TcpStrangers::Stranger* stranger = strangers_->find(to.id);
    std::size_t sent_bytes = 0;
    if (datagram.size() > options_.max_datagram_bytes) return Transfer::oversized;
    if (stranger == nullptr) return Transfer::done;  // as UDP: nobody tells
    return stranger->stream->send_segments(datagram, datagram.size(), sent_bytes);
  }
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    return DialledLink::make(address, options_, watch_);
  }
  Result<std::unique_ptr<Transport>> connect(const Peer& to) override {
    TcpStrangers::Stranger stranger = strangers_->take(to.id);
    if (!stranger.stream) return failed("the peer has closed its connection");
    return std::make_unique<AcceptedLink>(to.id, std::move(stranger), options_, strangers_, clock_);
  }
  void wait(std::int64_t timeout_ns) override { watch_->wait(timeout_ns); }
  void wake() noexcept override { watch_->wake(); }
  [[nodiscard]] std::string address() const override { return text_of(at_); }

 private:
  // Whether somebody connected.
  bool accept_one(std::int64_t now_ns) {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    Descriptor socket(::accept4(socket_.get(), disguise(address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno == EMFILE || errno == ENFILE) strangers_->drop_oldest();  // for the next call
      return false;
    }
    if (auto stream = TcpStream::adopt(std::move(socket), options_, watch_)) {
      strangers_->add(next_peer_++, {std::move(*stream), text_of(from_system(address)), now_ns});
    }
    return true;
  }

  Descriptor socket_;
  SocketAddress at_;
  TcpOptions options_;
  const Clock& clock_;
  std::shared_ptr<Watch> watch_;
  std::shared_ptr<TcpStrangers> strangers_;
  std::uint64_t next_peer_ = first_peer;
};

}  // namespace

bool is_tcp(const Peer& peer) { return peer.id >= first_peer; }

Result<std::unique_ptr<Dialler>> make_tcp_dialler(const TcpOptions& options, std::shared_ptr<Watch> watch) {
  ALGEAN_TRY(check_datagram_bytes(options.max_datagram_bytes));
  ALGEAN_TRY(make_if_none(watch));
  return std::make_unique<TcpDialler>(options, std::move(watch));
}

Result<std::unique_ptr<Listener>> listen_tcp(const SocketAddress& at, const TcpOptions& options, const Clock& clock,
                                             std::shared_ptr<Watch> watch) {
  ALGEAN_TRY(check_datagram_bytes(options.max_datagram_bytes));
  ALGEAN_ASSIGN(Descriptor socket, make_socket(SOCK_STREAM, options.buffer_bytes));
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);  // connections that ended here do not keep the port
  ALGEAN_TRY(bind_to(socket, at));
  if (::listen(socket.get(), backlog) != 0) return failed("cannot listen on {}: {}", at.text(), system_reason());
  ALGEAN_ASSIGN(const SocketAddress bound, bound_address(socket));
  ALGEAN_TRY(make_if_none(watch));
  ALGEAN_TRY(watch->add(socket.get(), EPOLLIN));
  return std::make_unique<TcpListener>(std::move(socket), bound, options, clock, std::move(watch));
}

}  // namespace algean
