// The links of a node with other nodes of the deployment.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/node/shared.hpp"
#include "runtime/router/channel.hpp"

namespace algean {

// Comes up when a ping as large as the link's datagrams may be has come back; goes down when the other node refuses
// datagrams, falls silent or stops, and may come up again.
struct PeerLink {
  const NodePeer* node = nullptr;
  std::unique_ptr<Channel> channel;  // null: the other node has not dialled yet
  ChannelCounters counters;
  WireCounters wire;
  std::atomic<LinkState> state = LinkState::waiting;
  std::atomic<std::int64_t> rtt_ns = -1;
  std::atomic<std::int64_t> clock_offset_ns = 0;
  std::int64_t ping_at_ns = 0;  // while it is not up

  [[nodiscard]] bool is_up() const { return state.load(std::memory_order_relaxed) == LinkState::up; }
};

class PeerLinks {
 public:
  static constexpr std::int64_t bring_up_ns = 20'000'000;  // between pings while waiting
  static constexpr std::int64_t retry_ns = 200'000'000;    // ... while down

  // `on_down` is told which link went down, and why.
  using OnDown = std::function<void(std::size_t peer, std::string_view why)>;
  PeerLinks(NodeShared& shared, Listener& listener);
  void on_down(OnDown on_down) { on_down_ = std::move(on_down); }

  // Makes the links that this node dials.
  Result<> dial();
  [[nodiscard]] std::size_t size() const { return links_.size(); }
  [[nodiscard]] PeerLink& operator[](std::size_t peer) { return *links_[peer]; }
  [[nodiscard]] const PeerLink& operator[](std::size_t peer) const { return *links_[peer]; }
  // The link with the node that has this kernel; null: none.
  [[nodiscard]] PeerLink* with_kernel(std::uint16_t kernel) const;
  // The other node's first frame came to the listener.
  void take_in(PeerLink& link, const Peer& from);
  // A frame came over the link: whether it is one of the session.
  bool accept(PeerLink& link, const wire::Datagram& datagram, std::int64_t now_ns);
  void go_down(PeerLink& link, std::string_view why);
  // When to come back.
  std::int64_t on_time();
  [[nodiscard]] bool all_up() const;
  [[nodiscard]] std::size_t index_of(const PeerLink& link) const;
  [[nodiscard]] std::vector<LinkStatus> status() const;

 private:
  void begin(PeerLink& link, std::unique_ptr<Transport> transport);
  std::int64_t bring_up(PeerLink& link);

  NodeShared& shared_;
  Listener& listener_;
  OnDown on_down_;
  std::vector<std::unique_ptr<PeerLink>> links_;
};

}  // namespace algean
