#pragma once

#include <cstdint>

namespace algean::wire {

// Which of the latest 64 sequence numbers of a session were received (the window of RFC 4303, section 3.4.3, for 32
// bits that wrap), so that a doubled or replayed frame is dropped.
class ReplayWindow {
 public:
  static constexpr std::int32_t width = 64;

  // Whether the number is new; if so, it counts as received.
  bool accept(std::uint32_t sequence) {
    const auto ahead = static_cast<std::int32_t>(sequence - next_);  // 0: the one expected
    if (ahead >= 0) {
      gaps_ += static_cast<std::uint32_t>(ahead);
      seen_ = ahead + 1 >= width ? 1 : (seen_ << static_cast<unsigned>(ahead + 1)) | 1U;
      next_ = sequence + 1;
      return true;
    }
    if (ahead < -width) return false;
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(-ahead - 1);
    if ((seen_ & bit) != 0) return false;
    seen_ |= bit;
    if (gaps_ > 0) --gaps_;
    return true;
  }
  // Highest sequence received plus 1; 0 at first. What a sender writes as acknowledgement.
  [[nodiscard]] std::uint32_t next() const { return next_; }
  // Numbers that were skipped and did not come later.
  [[nodiscard]] std::uint64_t gaps() const { return gaps_; }

 private:
  std::uint32_t next_ = 0;
  std::uint64_t seen_ = 0;  // bit i: next_ - 1 - i was received
  std::uint64_t gaps_ = 0;
};

}  // namespace algean::wire
