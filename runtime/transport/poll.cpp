#include "runtime/transport/poll.hpp"

#include <sched.h>

#include <algorithm>
#include <limits>

namespace algean {
namespace {

constexpr std::uint32_t out_of_patience = std::numeric_limits<std::uint32_t>::max();

}  // namespace

std::string_view to_text(Poll poll) {
  switch (poll) {
    case Poll::automatic:
      return "auto";
    case Poll::spin:
      return "spin";
    case Poll::yield:
      return "yield";
    case Poll::block:
      return "block";
  }
  return "unknown";
}

Result<Poll> parse_poll(std::string_view text) {
  for (const Poll poll : {Poll::automatic, Poll::spin, Poll::yield, Poll::block}) {
    if (text == to_text(poll)) return poll;
  }
  return bad_input("poll: \"{}\" is none of auto, spin, yield, block", text);
}

unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

Idle::Idle(Poll poll, unsigned polling_threads, unsigned cores, const Clock& clock)
    : poll_(poll),
      step_(poll == Poll::automatic && polling_threads <= cores ? Step::again : Step::yield),
      clock_(&clock) {}

Idle::Step Idle::next_slowly() {
  if (poll_ == Poll::yield) return Step::yield;
  if (empty_polls_ == out_of_patience) return Step::block;
  if (empty_polls_ % polls_a_clock_reading == 0) {
    const std::int64_t now_ns = clock_->now_ns();
    if (empty_polls_ == 0) since_ns_ = now_ns;
    if (now_ns - since_ns_ >= patience_ns) {
      empty_polls_ = out_of_patience;
      return Step::block;
    }
  }
  ++empty_polls_;
  return step_;
}

}  // namespace algean
