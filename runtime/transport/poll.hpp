// How a thread waits for datagrams.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/clock.hpp"
#include "runtime/base/result.hpp"

namespace algean {

enum class Poll : std::uint8_t { automatic, spin, yield, block };

// "auto", "spin", "yield", "block".
[[nodiscard]] std::string_view to_text(Poll poll);
Result<Poll> parse_poll(std::string_view text);

// Cores that this process may run on, at least 1.
[[nodiscard]] unsigned usable_cores();

// What a thread does after a poll that found nothing. `automatic` polls again at once only if every polling thread of
// the host, the client's included, can own a core, else yields; either way it blocks after 1 ms without work, until
// there is some.
class Idle {
 public:
  enum class Step : std::uint8_t { again, yield, block };
  static constexpr std::int64_t patience_ns = 1'000'000;

  Idle(Poll poll, unsigned polling_threads, unsigned cores, const Clock& clock);

  // After a poll that found nothing.
  Step next() { return poll_ == Poll::spin ? Step::again : poll_ == Poll::block ? Step::block : next_slowly(); }
  // After one that found something.
  void work() { empty_polls_ = 0; }

 private:
  static constexpr std::uint32_t polls_a_clock_reading = 32;

  Step next_slowly();

  Poll poll_;
  Step step_;
  const Clock* clock_;
  std::uint32_t empty_polls_ = 0;  // in a row; stays at its highest once patience is over
  std::int64_t since_ns_ = 0;
};

}  // namespace algean
