#pragma once

#include <array>
#include <cstdint>

#include "runtime/router/counters.hpp"
#include "runtime/wire/codec.hpp"

namespace algean {

// What a node did since it was made.
struct NodeCounts {
  std::uint64_t datagrams = 0;                            // received
  std::uint64_t inferences = 0;                           // computed
  std::uint64_t attached = 0;                             // clients that came
  std::uint64_t freed = 0;                                // clients that left, died or fell silent
  std::uint64_t errors = 0;                               // error frames sent
  std::uint64_t lost_replies = 0;                         // datagrams that the system would not take
  std::array<std::uint64_t, wire::drop_count> dropped{};  // by wire::Drop

  [[nodiscard]] std::uint64_t clients() const { return attached - freed; }
  [[nodiscard]] std::uint64_t dropped_for(wire::Drop cause) const { return dropped[static_cast<std::size_t>(cause)]; }
};

}  // namespace algean
