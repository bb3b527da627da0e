// What a node tells of itself; and what its parts count while it runs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/router/counters.hpp"
#include "runtime/wire/codec.hpp"

namespace algean {

// What a node did since it was made.
struct NodeCounts {
  std::uint64_t datagrams = 0;                            // received
  std::uint64_t inferences = 0;                           // runs of a kernel
  std::uint64_t attached = 0;                             // clients that came
  std::uint64_t freed = 0;                                // clients that left, died or fell silent
  std::uint64_t errors = 0;                               // inferences (and attaches) that were refused or given up
  std::uint64_t evicted = 0;                              // of those: given up because more began
  std::uint64_t lost_replies = 0;                         // results that could not be sent
  std::array<std::uint64_t, wire::drop_count> dropped{};  // by wire::Drop

  [[nodiscard]] std::uint64_t clients() const { return attached - freed; }
  [[nodiscard]] std::uint64_t dropped_for(wire::Drop cause) const { return dropped[static_cast<std::size_t>(cause)]; }
};

enum class LinkState : std::uint8_t { waiting, up, down };
[[nodiscard]] std::string_view to_text(LinkState state);

// Of traced messages: how many, and the time that they took from being sent (or queued for credit) until here.
struct WireTimes {
  std::uint64_t count = 0;
  std::uint64_t sum_ns = 0;
};

struct LinkStatus {
  std::string name;  // of the other node; "clients" stands for all of them
  LinkState state = LinkState::waiting;
  std::int64_t rtt_ns = -1;          // of the ping that brought it up, or of a later one; -1: none
  std::int64_t clock_offset_ns = 0;  // the other clock minus ours
  ChannelCounts counts;
  WireTimes wire;
};

struct KernelStatus {
  std::uint16_t id = 0;
  std::uint64_t runs = 0;
  std::uint64_t traced = 0;      // runs of traced inferences, and their times:
  std::uint64_t queue_ns = 0;    // from the last piece to the start
  std::uint64_t compute_ns = 0;  // of the engine
};

struct NodeCounters {
  Counter datagrams;
  Counter inferences;
  Counter attached;
  Counter freed;
  Counter errors;
  Counter evicted;
  Counter lost_replies;
  std::array<Counter, wire::drop_count> dropped;

  void drop(wire::Drop cause) { dropped[static_cast<std::size_t>(cause)].add(); }
  [[nodiscard]] NodeCounts counts() const;
};

struct WireCounters {
  Counter count;
  Counter sum_ns;
  void add(std::int64_t ns) {
    count.add();
    sum_ns.add(static_cast<std::uint64_t>(ns > 0 ? ns : 0));
  }
  [[nodiscard]] WireTimes times() const { return {count.value(), sum_ns.value()}; }
};

}  // namespace algean
