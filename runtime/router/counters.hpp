// Figures that one thread keeps and others read.
#pragma once

#include <atomic>
#include <cstdint>

namespace algean {

// One thread changes it, others may read at any time.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { set(value() + amount); }
  void take(std::uint64_t amount) { set(value() - amount); }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  void raise_to(std::uint64_t value) {
    if (value > this->value()) set(value);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// What went over a link, or over several that are counted together.
struct ChannelCounts {
  std::uint64_t frames_in = 0;  // accepted
  std::uint64_t frames_out = 0;
  std::uint64_t bytes_in = 0;  // of datagrams
  std::uint64_t bytes_out = 0;
  std::uint64_t gaps = 0;          // frames that the other side sent and that never came
  std::uint64_t lost = 0;          // frames that the system would not take, and that no longer wait
  std::uint64_t queued_bytes = 0;  // wait for credit, now
  std::uint64_t queued_most = 0;   // ... at any time
  std::uint64_t blocked_ns = 0;    // time spent waiting for credit
  bool operator==(const ChannelCounts&) const = default;
};

struct ChannelCounters {
  Counter frames_in;
  Counter frames_out;
  Counter bytes_in;
  Counter bytes_out;
  Counter gaps;
  Counter lost;
  Counter queued_bytes;
  Counter queued_most;
  Counter blocked_ns;

  [[nodiscard]] ChannelCounts counts() const {
    return {frames_in.value(), frames_out.value(),   bytes_in.value(),    bytes_out.value(), gaps.value(),
            lost.value(),      queued_bytes.value(), queued_most.value(), blocked_ns.value()};
  }
};

}  // namespace algean
