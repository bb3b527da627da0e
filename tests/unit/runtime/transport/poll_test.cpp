#include "runtime/transport/poll.hpp"

#include <gtest/gtest.h>

namespace algean {
namespace {

class FakeClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override { return now_ns_ += step_ns_; }
  mutable std::int64_t now_ns_ = 0;
  std::int64_t step_ns_ = 0;
};

TEST(Poll, ParsesItsNames) {
  for (const Poll poll : {Poll::automatic, Poll::spin, Poll::yield, Poll::block})
    EXPECT_EQ(parse_poll(to_text(poll)), poll);
  const auto wrong = parse_poll("Spin");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "poll: \"Spin\" is none of auto, spin, yield, block");
}

TEST(Poll, ModesDoWhatTheySay) {
  FakeClock clock;
  clock.step_ns_ = Idle::patience_ns;
  Idle spin(Poll::spin, 9, 1, clock);
  Idle yield(Poll::yield, 1, 9, clock);
  Idle block(Poll::block, 1, 9, clock);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(spin.next(), Idle::Step::again);
    EXPECT_EQ(yield.next(), Idle::Step::yield);
    EXPECT_EQ(block.next(), Idle::Step::block);
  }
}

TEST(Poll, AutoSpinsOnlyWithACoreForEach) {
  FakeClock clock;
  EXPECT_EQ(Idle(Poll::automatic, 2, 2, clock).next(), Idle::Step::again);
  EXPECT_EQ(Idle(Poll::automatic, 3, 2, clock).next(), Idle::Step::yield);
}

TEST(Poll, AutoBlocksAfterItsPatienceUntilThereIsWork) {
  FakeClock clock;
  Idle idle(Poll::automatic, 1, 1, clock);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(idle.next(), Idle::Step::again);  // time stands
  clock.now_ns_ += Idle::patience_ns - 1;
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(idle.next(), Idle::Step::again);
  clock.now_ns_ += 1;
  int polls = 0;
  while (idle.next() != Idle::Step::block) ASSERT_LT(++polls, 100);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(idle.next(), Idle::Step::block);
  idle.work();
  EXPECT_EQ(idle.next(), Idle::Step::again);
}

TEST(Poll, ThereIsACore) { EXPECT_GE(usable_cores(), 1U); }

}  // namespace
}  // namespace algean
