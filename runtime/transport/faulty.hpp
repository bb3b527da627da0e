// A network's faults, on purpose and by a seed: for tests of whatever must bear them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/base/clock.hpp"
#include "runtime/transport/transport.hpp"

namespace algean {

// What happens to datagrams that come in; for faults both ways, both ends are made faulty. Rates are shares of all
// datagrams, 0 to 1. Each link, and the listener, has random numbers of its own: the n-th datagram that comes to it
// fares the same with the same seed.
struct FaultOptions {
  std::uint64_t seed = 1;
  double loss = 0;
  double duplication = 0;  // one more of the same
  double reordering = 0;   // those that wait until 1 to reordering_distance later ones have gone
  std::size_t reordering_distance = 3;
  std::int64_t reordering_ns = 1'000'000;  // or so long, when fewer come
  std::int64_t delay_ns = 0;
  std::int64_t jitter_ns = 0;  // more delay, uniform from 0; also changes the order
};

// Of all links together. May be read from any thread.
struct FaultCounts {
  std::atomic<std::uint64_t> came{0};
  std::atomic<std::uint64_t> lost{0};
  std::atomic<std::uint64_t> doubled{0};
  std::atomic<std::uint64_t> reordered{0};
};

// The same link, dialler or listener with faults, also in all links that it makes. Clock and counts outlive it.
std::unique_ptr<Transport> make_faulty(std::unique_ptr<Transport> link, const FaultOptions& options, const Clock& clock,
                                       FaultCounts& counts);
std::unique_ptr<Dialler> make_faulty(std::unique_ptr<Dialler> dialler, const FaultOptions& options, const Clock& clock,
                                     FaultCounts& counts);
std::unique_ptr<Listener> make_faulty(std::unique_ptr<Listener> listener, const FaultOptions& options,
                                      const Clock& clock, FaultCounts& counts);

}  // namespace algean
