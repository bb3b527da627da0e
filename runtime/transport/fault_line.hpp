#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/transport/faulty.hpp"

namespace algean {

// Datagrams on their way to one receiver, and what happens to them there.
class FaultLine {
 public:
  FaultLine(const FaultOptions& options, std::uint64_t seed, FaultCounts& counts)
      : options_(options), random_(seed), counts_(counts) {}

  void add(std::span<const std::byte> datagram, const Peer& from, std::int64_t now_ns);
  // The next that may go, if there is one.
  Received take(std::span<std::byte> into, Peer& from, std::int64_t now_ns);
  [[nodiscard]] bool is_full() const { return held_.size() >= most_held; }
  // From when on take() has something, if no more come.
  [[nodiscard]] std::int64_t ready_ns() const;

 private:
  static constexpr std::size_t most_held = 10000;

  struct Held {
    std::int64_t due_ns = 0;
    Peer from;
    std::vector<std::byte> bytes;
  };
  using Entry = std::pair<const std::uint64_t, Held>;

  bool happens(double rate) { return random_.unit() < rate; }
  void hold(std::span<const std::byte> datagram, const Peer& from, std::int64_t now_ns);
  [[nodiscard]] std::int64_t ready_ns(const Entry& entry) const;

  FaultOptions options_;
  Random random_;
  FaultCounts& counts_;
  std::multimap<std::uint64_t, Held> held_;  // by the order they go in: twice their number, plus 1 behind others
  std::uint64_t count_ = 0;                  // of those that came to be held
};

}  // namespace algean
