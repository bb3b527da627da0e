#include "runtime/transport/loopback.hpp"

#include <string_view>
#include <utility>

#include "runtime/transport/loopback_hub.hpp"

namespace algean {
namespace {

using Hub = std::shared_ptr<LoopbackHub>;
using Id = LoopbackHub::Id;

constexpr std::string_view scheme = "loopback://";

Result<Id> port_at(LoopbackHub& hub, std::string_view address) {
  if (!address.starts_with(scheme) || address.size() == scheme.size()) {
    return bad_input("address \"{}\": must be {}NAME", address, scheme);
  }
  return hub.port_of(std::string(address.substr(scheme.size())));
}

class Link final : public Transport {
 public:
  Link(Hub hub, Id port, Id peer, Id owner, std::string name)
      : hub_(std::move(hub)), port_(port), peer_(peer), name_(std::move(name)) {
    hub_->add_link(port_, peer_, owner);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() override { hub_->remove_link(port_, peer_); }

  Transfer send(std::span<const std::byte> datagram) override { return hub_->send(port_, peer_, datagram); }
  Received receive(std::span<std::byte> into) override { return hub_->take_from_link(port_, peer_, into); }
  void wait(std::int64_t timeout_ns) override { hub_->wait_for_link(port_, peer_, timeout_ns); }
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return hub_->options().max_datagram_bytes; }
  [[nodiscard]] std::size_t receive_window_bytes() const override {
    return hub_->options().queue_datagrams * hub_->options().max_datagram_bytes;
  }
  [[nodiscard]] std::string peer() const override { return name_; }

 private:
  Hub hub_;
  Id port_;
  Id peer_;
  std::string name_;
};

class LoopbackDialler final : public Dialler {
 public:
  explicit LoopbackDialler(Hub hub) : hub_(std::move(hub)), owner_(hub_->new_id()) {}
  LoopbackDialler(const LoopbackDialler&) = delete;
  LoopbackDialler& operator=(const LoopbackDialler&) = delete;
  ~LoopbackDialler() override { hub_->forget(owner_); }
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    ALGEAN_ASSIGN(const Id peer, port_at(*hub_, address));
    return std::make_unique<Link>(hub_, hub_->new_id(), peer, owner_, address);
  }
  void wait(std::int64_t timeout_ns) override { hub_->wait_for_owner(owner_, timeout_ns); }
  void wake() noexcept override { hub_->wake(owner_); }

 private:
  Hub hub_;
  Id owner_;
};

class LoopbackListener final : public Listener {
 public:
  LoopbackListener(Hub hub, std::string name)
      : hub_(std::move(hub)), name_(std::move(name)), owner_(hub_->new_id()), port_(hub_->port_of(name_)) {
    hub_->open_door(port_, owner_);
  }
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;
  ~LoopbackListener() override {
    hub_->close_door(port_);
    hub_->forget(owner_);
  }
  Received receive(std::span<std::byte> into, Peer& from) override {
    return hub_->take_from_door(port_, into, from.id);
  }
  Transfer send(const Peer& to, std::span<const std::byte> datagram) override {
    const Transfer result = hub_->send(port_, to.id, datagram);
    return result == Transfer::refused ? Transfer::done : result;  // as UDP: nobody tells
  }
  Result<std::unique_ptr<Transport>> dial(const std::string& address) override {
    ALGEAN_ASSIGN(const Id peer, port_at(*hub_, address));
    return std::make_unique<Link>(hub_, port_, peer, owner_, address);
  }
  Result<std::unique_ptr<Transport>> connect(const Peer& to) override {
    return std::make_unique<Link>(hub_, port_, to.id, owner_, fmt::format("loopback peer {}", to.id));
  }
  void wait(std::int64_t timeout_ns) override { hub_->wait_for_owner(owner_, timeout_ns); }
  void wake() noexcept override { hub_->wake(owner_); }
  [[nodiscard]] std::string address() const override { return fmt::format("{}{}", scheme, name_); }

 private:
  Hub hub_;
  std::string name_;
  Id owner_;
  Id port_;
};

}  // namespace

LoopbackNetwork::LoopbackNetwork(const LoopbackOptions& options) : hub_(std::make_shared<LoopbackHub>(options)) {
  ALGEAN_INVARIANT(options.queue_datagrams > 0 && options.max_datagram_bytes >= 128);
}

std::unique_ptr<Listener> LoopbackNetwork::listen(const std::string& name) {
  return std::make_unique<LoopbackListener>(hub_, name);
}

std::unique_ptr<Dialler> LoopbackNetwork::dialler() { return std::make_unique<LoopbackDialler>(hub_); }

std::unique_ptr<Transport> LoopbackNetwork::connect(const std::string& name) {
  return std::make_unique<Link>(hub_, hub_->new_id(), hub_->port_of(name), 0, fmt::format("{}{}", scheme, name));
}

}  // namespace algean
