#include "runtime/transport/loopback_hub.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace algean {

Transfer Mailbox::put(std::span<const std::byte> datagram, std::uint64_t from, std::size_t most) {
  if (count_ == most) return Transfer::empty;
  if (slots_.empty()) slots_.resize(most);
  Slot& slot = slots_[(head_ + count_) % slots_.size()];
  slot.bytes.assign(datagram.begin(), datagram.end());
  slot.from = from;
  ++count_;
  return Transfer::done;
}

Received Mailbox::take(std::span<std::byte> into, std::uint64_t& from) {
  if (count_ == 0) return {};
  const Slot& slot = slots_[head_];
  head_ = (head_ + 1) % slots_.size();
  --count_;
  from = slot.from;
  if (slot.bytes.size() > into.size()) return {Transfer::oversized, slot.bytes.size(), slot.bytes.size()};
  std::ranges::copy(slot.bytes, into.begin());
  return one_datagram(slot.bytes.size());
}

bool LoopbackHub::Port::has_something() const {
  return (door && !door->empty()) || std::ranges::any_of(links, [](const auto& one) { return !one.second.empty(); });
}

LoopbackHub::Id LoopbackHub::new_id() {
  const std::scoped_lock guard(lock_);
  return ++last_id_;
}

LoopbackHub::Id LoopbackHub::port_of(const std::string& name) {
  const std::scoped_lock guard(lock_);
  const auto [entry, is_new] = names_.try_emplace(name, last_id_ + 1);
  if (is_new) ++last_id_;
  return entry->second;
}

void LoopbackHub::open_door(Id port, Id owner) {
  const std::scoped_lock guard(lock_);
  Port& opened = ports_[port];
  ALGEAN_INVARIANT(!opened.door);
  opened.owner = owner;
  opened.door.emplace();
}

void LoopbackHub::close_door(Id port) {
  const std::scoped_lock guard(lock_);
  ports_[port].door.reset();
  drop_if_unused(port);
}

void LoopbackHub::add_link(Id port, Id peer, Id owner) {
  const std::scoped_lock guard(lock_);
  Port& linked = ports_[port];
  linked.owner = owner;
  linked.links[peer] = {};
}

void LoopbackHub::remove_link(Id port, Id peer) {
  const std::scoped_lock guard(lock_);
  ports_[port].links.erase(peer);
  drop_if_unused(port);
}

void LoopbackHub::drop_if_unused(Id port) {
  const Port& used = ports_[port];
  if (!used.door && used.links.empty()) ports_.erase(port);
}

Mailbox* LoopbackHub::link(Id port, Id peer) {
  const auto at = ports_.find(port);
  if (at == ports_.end()) return nullptr;
  const auto found = at->second.links.find(peer);
  return found == at->second.links.end() ? nullptr : &found->second;
}

Transfer LoopbackHub::send(Id from, Id to, std::span<const std::byte> datagram) {
  if (datagram.size() > options_.max_datagram_bytes) return Transfer::oversized;
  const std::scoped_lock guard(lock_);
  Mailbox* mailbox = link(to, from);
  if (mailbox == nullptr) {
    const auto at = ports_.find(to);
    if (at == ports_.end() || !at->second.door) return Transfer::refused;
    mailbox = &*at->second.door;
  }
  const Transfer result = mailbox->put(datagram, from, options_.queue_datagrams);
  changed_.notify_all();
  return result;
}

Received LoopbackHub::take_from_link(Id port, Id peer, std::span<std::byte> into) {
  const std::scoped_lock guard(lock_);
  Mailbox* mailbox = link(port, peer);
  Id from = 0;
  return mailbox == nullptr ? Received{} : mailbox->take(into, from);
}

Received LoopbackHub::take_from_door(Id port, std::span<std::byte> into, Id& from) {
  const std::scoped_lock guard(lock_);
  const auto at = ports_.find(port);
  return at == ports_.end() || !at->second.door ? Received{} : at->second.door->take(into, from);
}

template <class Ready>
void LoopbackHub::wait(std::int64_t timeout_ns, Ready ready) {
  std::unique_lock guard(lock_);
  changed_.wait_for(guard, std::chrono::nanoseconds(std::max<std::int64_t>(timeout_ns, 0)), ready);
}

void LoopbackHub::wait_for_link(Id port, Id peer, std::int64_t timeout_ns) {
  wait(timeout_ns, [&] {
    const Mailbox* mailbox = link(port, peer);
    return mailbox != nullptr && !mailbox->empty();
  });
}

void LoopbackHub::wait_for_owner(Id owner, std::int64_t timeout_ns) {
  wait(timeout_ns, [&] {
    return std::exchange(woken_[owner], false) || std::ranges::any_of(ports_, [&](const auto& entry) {
             return entry.second.owner == owner && entry.second.has_something();
           });
  });
}

void LoopbackHub::wake(Id owner) noexcept {
  const std::scoped_lock guard(lock_);
  woken_[owner] = true;
  changed_.notify_all();
}

void LoopbackHub::forget(Id owner) {
  const std::scoped_lock guard(lock_);
  woken_.erase(owner);
}

}  // namespace algean
