#include "runtime/transport/joined.hpp"

#include <utility>

#include "runtime/transport/address.hpp"
#include "runtime/transport/tcp.hpp"

namespace algean {
namespace {

// What one waits for, the other does too.
class JoinedDialler final : public Dialler {
 public:
  JoinedDialler(std::unique_ptr<Dialler> udp, std::unique_ptr<Dialler> tcp)
      : udp_(std::move(udp)), tcp_(std::move(tcp)) {}
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    return (scheme_of(address) == "tcp" ? tcp_ : udp_)->dial(address);
  }
  void wait(std::int64_t timeout_ns) override { udp_->wait(timeout_ns); }
  void wake() noexcept override { udp_->wake(); }

 private:
  std::unique_ptr<Dialler> udp_;
  std::unique_ptr<Dialler> tcp_;
};

class JoinedListener final : public Listener {
 public:
  JoinedListener(std::unique_ptr<Listener> udp, std::unique_ptr<Listener> tcp)
      : udp_(std::move(udp)), tcp_(std::move(tcp)) {}
  Received receive(std::span<std::byte> into, Peer& from) override {
    tcp_first_ = !tcp_first_;
    const Received got = (tcp_first_ ? tcp_ : udp_)->receive(into, from);
    return got.result == Transfer::empty ? (tcp_first_ ? udp_ : tcp_)->receive(into, from) : got;
  }
  Transfer send(const Peer& to, std::span<const std::byte> datagram) override { return of(to).send(to, datagram); }
  Result<std::unique_ptr<Transport>> connect(const Peer& to) override { return of(to).connect(to); }
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    return (scheme_of(address) == "tcp" ? tcp_ : udp_)->dial(address);
  }
  void wait(std::int64_t timeout_ns) override { udp_->wait(timeout_ns); }
  void wake() noexcept override { udp_->wake(); }
  [[nodiscard]] std::string address() const override { return udp_->address(); }

 private:
  Listener& of(const Peer& peer) { return is_tcp(peer) ? *tcp_ : *udp_; }

  std::unique_ptr<Listener> udp_;
  std::unique_ptr<Listener> tcp_;
  bool tcp_first_ = false;  // in turn
};

}  // namespace

std::unique_ptr<Listener> join(std::unique_ptr<Listener> udp, std::unique_ptr<Listener> tcp) {
  return std::make_unique<JoinedListener>(std::move(udp), std::move(tcp));
}

std::unique_ptr<Dialler> join(std::unique_ptr<Dialler> udp, std::unique_ptr<Dialler> tcp) {
  return std::make_unique<JoinedDialler>(std::move(udp), std::move(tcp));
}

}  // namespace algean
