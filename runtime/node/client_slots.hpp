// The clients that are attached to a node.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/node/shared.hpp"
#include "runtime/router/channel.hpp"

namespace algean {

struct ClientSlot {
  ClientSlot(std::uint16_t index_, const Peer& peer_, std::unique_ptr<Transport> link, const ChannelOptions& options,
             ChannelCounters& counters)
      : index(index_), peer(peer_), channel(std::move(link), options, counters) {}

  std::uint16_t index;
  Peer peer;
  Channel channel;
  std::uint64_t foreign_attach_epoch = 0;
  std::int64_t wanted_ns = 0;  // when another client was last refused this slot
  bool is_wanted = false;      // ... and nothing came from this one since
  bool gone = false;           // to be freed
};

// Home gives out the slot that was unused longest; another node takes a client in at the slot that home gave it.
class ClientSlots {
 public:
  // How long a client is given to show that it lives when another wants its slot.
  static constexpr std::int64_t grace_ns = 500'000'000;

  ClientSlots(NodeShared& shared, Listener& listener);

  [[nodiscard]] std::span<ClientSlot* const> active() const { return active_; }  // in order of attaching
  [[nodiscard]] ClientSlot* find(const Peer& peer) const;
  [[nodiscard]] ClientSlot* at(std::uint16_t index) const {
    return index < slots_.size() ? slots_[index].get() : nullptr;
  }
  // A peer without a slot asks for one. The slot, if it was given one now.
  ClientSlot* attach(const Peer& from, std::uint64_t epoch, std::uint16_t wanted);
  // The attach reply.
  void describe(ClientSlot& slot);
  // A frame of another epoch came over the slot's link.
  void on_foreign(ClientSlot& slot, const wire::Datagram& datagram);
  // An error to a peer that has no slot.
  void refuse(const Peer& to, std::uint64_t epoch, std::uint32_t inference_id, wire::ErrorCode code,
              std::string_view text);
  // Frees the i-th of active().
  void free(std::size_t i, std::string_view why);
  // Pings, repeated credit, slots of clients that fell silent (they are `gone`). When to come back.
  std::int64_t on_time();

  [[nodiscard]] const ChannelCounters& counters() const { return counters_; }
  WireCounters wire;

 private:
  ClientSlot* take_in(const Peer& from, std::uint64_t epoch, std::uint16_t index);
  // Makes the holder of a slot show that it lives.
  void contest(ClientSlot& holder);
  void log(const ClientSlot& slot, std::string_view what) const;

  NodeShared& shared_;
  Listener& listener_;
  ChannelCounters counters_;
  std::vector<std::unique_ptr<ClientSlot>> slots_;  // by index; null: unused
  std::vector<ClientSlot*> active_;
  std::deque<std::uint16_t> unused_;  // longest first
};

}  // namespace algean
