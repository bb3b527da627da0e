#include "runtime/transport/loopback.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace algean {
namespace {

// A bounded queue of datagrams; storage is kept and used again.
class Mailbox {
 public:
  Transfer put(std::span<const std::byte> datagram, const Peer& from, std::size_t most) {
    if (count_ == most) return Transfer::empty;
    if (slots_.empty()) slots_.resize(most);
    Slot& slot = slots_[(head_ + count_) % slots_.size()];
    slot.bytes.assign(datagram.begin(), datagram.end());
    slot.from = from;
    ++count_;
    return Transfer::done;
  }
  Received take(std::span<std::byte> into, Peer& from) {
    if (count_ == 0) return {};
    const Slot& slot = slots_[head_];
    head_ = (head_ + 1) % slots_.size();
    --count_;
    from = slot.from;
    if (slot.bytes.size() > into.size()) return {Transfer::oversized, slot.bytes.size()};
    std::ranges::copy(slot.bytes, into.begin());
    return {Transfer::done, slot.bytes.size()};
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  struct Slot {
    Peer from;
    std::vector<std::byte> bytes;
  };
  std::vector<Slot> slots_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

struct Line {
  Mailbox to_client;
  Mailbox to_link;
  bool linked = false;
};

}  // namespace

// What all ends share; guarded by `lock` but for the options.
struct LoopbackNetwork::Hub {
  explicit Hub(const LoopbackOptions& wanted) : options(wanted) {}

  const LoopbackOptions options;
  std::mutex lock;
  std::condition_variable changed;
  std::map<std::uint64_t, Line> lines;  // by peer, while its client lives
  Mailbox door;
  bool listening = false;
  std::uint64_t next_peer = 1;
  bool woken = false;

  template <class Ready>
  void wait(std::int64_t timeout_ns, Ready ready) {
    std::unique_lock guard(lock);
    changed.wait_for(guard, std::chrono::nanoseconds(std::max<std::int64_t>(timeout_ns, 0)), ready);
  }
  [[nodiscard]] std::size_t window_bytes() const { return options.queue_datagrams * options.max_datagram_bytes; }
};

class LoopbackNetwork::Client final : public Transport {
 public:
  Client(std::shared_ptr<Hub> hub, std::uint64_t id) : hub_(std::move(hub)), id_(id) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() override {
    const std::scoped_lock guard(hub_->lock);
    hub_->lines.erase(id_);
  }
  Transfer send(std::span<const std::byte> datagram) override {
    if (datagram.size() > hub_->options.max_datagram_bytes) return Transfer::oversized;
    const std::scoped_lock guard(hub_->lock);
    Line& line = hub_->lines.at(id_);
    if (!line.linked && !hub_->listening) return Transfer::refused;
    const Transfer result =
        (line.linked ? line.to_link : hub_->door).put(datagram, {id_}, hub_->options.queue_datagrams);
    hub_->changed.notify_all();
    return result;
  }
  Received receive(std::span<std::byte> into) override {
    const std::scoped_lock guard(hub_->lock);
    Peer from;
    return hub_->lines.at(id_).to_client.take(into, from);
  }
  void wait(std::int64_t timeout_ns) override {
    hub_->wait(timeout_ns, [&] { return !hub_->lines.at(id_).to_client.empty(); });
  }
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return hub_->options.max_datagram_bytes; }
  [[nodiscard]] std::size_t receive_window_bytes() const override { return hub_->window_bytes(); }
  [[nodiscard]] std::string peer() const override { return "loopback"; }

 private:
  std::shared_ptr<Hub> hub_;
  std::uint64_t id_;
};

class LoopbackNetwork::Link final : public Transport {
 public:
  Link(std::shared_ptr<Hub> hub, std::uint64_t id) : hub_(std::move(hub)), id_(id) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() override {
    const std::scoped_lock guard(hub_->lock);
    if (const auto line = hub_->lines.find(id_); line != hub_->lines.end()) line->second.linked = false;
  }
  Transfer send(std::span<const std::byte> datagram) override {
    if (datagram.size() > hub_->options.max_datagram_bytes) return Transfer::oversized;
    const std::scoped_lock guard(hub_->lock);
    const auto line = hub_->lines.find(id_);
    if (line == hub_->lines.end()) return Transfer::refused;
    const Transfer result = line->second.to_client.put(datagram, {id_}, hub_->options.queue_datagrams);
    hub_->changed.notify_all();
    return result;
  }
  Received receive(std::span<std::byte> into) override {
    const std::scoped_lock guard(hub_->lock);
    const auto line = hub_->lines.find(id_);
    Peer from;
    return line == hub_->lines.end() ? Received{} : line->second.to_link.take(into, from);
  }
  void wait(std::int64_t timeout_ns) override {
    hub_->wait(timeout_ns, [&] {
      const auto line = hub_->lines.find(id_);
      return line != hub_->lines.end() && !line->second.to_link.empty();
    });
  }
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return hub_->options.max_datagram_bytes; }
  [[nodiscard]] std::size_t receive_window_bytes() const override { return hub_->window_bytes(); }
  [[nodiscard]] std::string peer() const override { return fmt::format("loopback client {}", id_); }

 private:
  std::shared_ptr<Hub> hub_;
  std::uint64_t id_;
};

class LoopbackNetwork::Door final : public Listener {
 public:
  explicit Door(std::shared_ptr<Hub> hub) : hub_(std::move(hub)) {}
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  ~Door() override {
    const std::scoped_lock guard(hub_->lock);
    hub_->listening = false;
    hub_->door = {};
  }
  Received receive(std::span<std::byte> into, Peer& from) override {
    const std::scoped_lock guard(hub_->lock);
    return hub_->door.take(into, from);
  }
  Transfer send(const Peer& to, std::span<const std::byte> datagram) override {
    if (datagram.size() > hub_->options.max_datagram_bytes) return Transfer::oversized;
    const std::scoped_lock guard(hub_->lock);
    const auto line = hub_->lines.find(to.id);
    if (line == hub_->lines.end()) return Transfer::done;  // as UDP: nobody tells
    const Transfer result = line->second.to_client.put(datagram, to, hub_->options.queue_datagrams);
    hub_->changed.notify_all();
    return result;
  }
  Result<std::unique_ptr<Transport>> connect(const Peer& to) override {
    const std::scoped_lock guard(hub_->lock);
    if (const auto line = hub_->lines.find(to.id); line != hub_->lines.end()) {
      line->second.linked = true;
      line->second.to_link = {};
    }
    return std::make_unique<Link>(hub_, to.id);
  }
  void wait(std::int64_t timeout_ns) override {
    hub_->wait(timeout_ns, [&] {
      return std::exchange(hub_->woken, false) || !hub_->door.empty() ||
             std::ranges::any_of(hub_->lines, [](const auto& line) { return !line.second.to_link.empty(); });
    });
  }
  void wake() noexcept override {
    const std::scoped_lock guard(hub_->lock);
    hub_->woken = true;
    hub_->changed.notify_all();
  }
  [[nodiscard]] std::string address() const override { return "loopback"; }

 private:
  std::shared_ptr<Hub> hub_;
};

LoopbackNetwork::LoopbackNetwork(const LoopbackOptions& options) : hub_(std::make_shared<Hub>(options)) {
  ALGEAN_INVARIANT(options.queue_datagrams > 0 && options.max_datagram_bytes >= 128);
}

std::unique_ptr<Listener> LoopbackNetwork::listen() {
  const std::scoped_lock guard(hub_->lock);
  ALGEAN_INVARIANT(!hub_->listening);
  hub_->listening = true;
  return std::make_unique<Door>(hub_);
}

std::unique_ptr<Transport> LoopbackNetwork::connect() {
  const std::scoped_lock guard(hub_->lock);
  const std::uint64_t id = hub_->next_peer++;
  hub_->lines.try_emplace(id);
  return std::make_unique<Client>(hub_, id);
}

}  // namespace algean
