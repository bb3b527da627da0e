#include "runtime/router/flow.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "runtime/base/random.hpp"

namespace algean::flow {
namespace {

TEST(Flow, SmallFramesAreChargedAsMuchAsTheyTakeToKeep) {
  EXPECT_EQ(charge(0), 512U);
  EXPECT_EQ(charge(512), 512U);
  EXPECT_EQ(charge(513), 513U);
}

TEST(Flow, NothingGoesBeforeCreditIsHeard) {
  Sender sender;
  EXPECT_FALSE(sender.may_send(512));
  sender.hear(0);  // a window of zero
  EXPECT_FALSE(sender.may_send(512));
  EXPECT_TRUE(sender.may_send(0));
  sender.hear(512);
  EXPECT_TRUE(sender.may_send(512));
  EXPECT_FALSE(sender.may_send(513));
}

TEST(Flow, OldAndDoubledCreditDoesNothing) {
  Sender sender;
  sender.hear(5000);
  sender.hear(1000);
  sender.hear(5000);
  EXPECT_TRUE(sender.may_send(5000));
  EXPECT_FALSE(sender.may_send(5001));
}

TEST(Flow, AbsurdCreditDoesNothing) {
  Sender sender;
  sender.hear(most_window_bytes + 1);
  EXPECT_FALSE(sender.may_send(512));
  sender.hear(5000);
  sender.hear(5000 + most_window_bytes);
  EXPECT_TRUE(sender.may_send(5000));
  EXPECT_FALSE(sender.may_send(5001));
  sender.hear(6000);
  EXPECT_TRUE(sender.may_send(6000));
}

TEST(Flow, WrapsAtTwoToThe32) {
  Sender sender;
  Receiver receiver(10000);
  sender.hear(receiver.credit());
  std::uint64_t total = 0;
  for (const std::uint64_t end = (std::uint64_t{1} << 32) + 100'000'000; total < end; total += 9999) {
    ASSERT_TRUE(sender.may_send(9999)) << total;
    const std::uint32_t position = sender.position();
    sender.sent(9999);
    ASSERT_FALSE(sender.may_send(2));
    receiver.accept(position, 9999);
    sender.hear(receiver.credit());
  }
}

TEST(Flow, ALaterFrameGivesBackWhatLostOnesTook) {
  Receiver receiver(4000);
  receiver.accept(0, 1000);
  EXPECT_EQ(receiver.credit(), 5000U);
  receiver.accept(3000, 512);  // two frames of 1000 were lost
  EXPECT_EQ(receiver.credit(), 7512U);
  receiver.accept(1000, 1000);  // no: late
  EXPECT_EQ(receiver.credit(), 7512U);
  receiver.accept(5000, 0);  // a ping: all before it was lost
  EXPECT_EQ(receiver.credit(), 9000U);
}

TEST(Flow, AChangeIsToldTwiceAndAtHalfAWindow) {
  Receiver receiver(4000);
  receiver.tell();
  EXPECT_FALSE(receiver.told_enough());
  receiver.tell();
  EXPECT_TRUE(receiver.told_enough());
  receiver.accept(0, 1999);
  EXPECT_FALSE(receiver.told_enough());
  EXPECT_FALSE(receiver.must_tell());
  receiver.accept(1999, 512);
  EXPECT_TRUE(receiver.must_tell());
  receiver.tell();
  EXPECT_FALSE(receiver.must_tell());
  EXPECT_FALSE(receiver.told_enough());
}

struct Frame {
  std::uint32_t position;
  std::uint32_t charge;
};

// A link that loses, doubles and reorders both frames and credit. At no time more may lie unread than the window, and a
// ping now and then (as a blocked sender does) keeps it going.
TEST(Flow, NeverOverrunsTheWindowAndNeverSticks) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Random random(seed);
    constexpr std::uint32_t window = 8192;
    Sender sender;
    Receiver receiver(window);
    sender.hear(receiver.credit());
    std::deque<Frame> frames;
    std::deque<std::uint32_t> credits;
    const auto put = [&](auto& queue, auto what) {
      const std::uint64_t fate = random.below(10);
      if (fate == 0) return;  // lost
      for (int copies = fate == 1 ? 2 : 1; copies > 0; --copies) {
        const auto back = static_cast<std::ptrdiff_t>(random.below(std::min<std::size_t>(queue.size(), 3) + 1));
        queue.insert(queue.end() - back, what);
      }
    };
    std::uint64_t sent = 0;
    for (int step = 0; step < 200'000; ++step) {
      const auto wanted = charge(random.below(2000));
      if (sender.may_send(wanted)) {
        put(frames, Frame{sender.position(), wanted});
        sender.sent(wanted);
        sent += wanted;
      } else if (random.below(20) == 0) {
        put(frames, Frame{sender.position(), 0});
      }
      if (random.below(3) != 0 && !frames.empty()) {
        receiver.accept(frames.front().position, frames.front().charge);
        frames.pop_front();
        put(credits, receiver.credit());
      }
      if (random.below(3) != 0 && !credits.empty()) {
        sender.hear(credits.front());
        credits.pop_front();
      }
      // What was sent and is not known to have come is within the window.
      ASSERT_LE(beyond(sender.position(), receiver.credit()), 0);
    }
    EXPECT_GT(sent, 20'000'000U) << seed;
  }
}

}  // namespace
}  // namespace algean::flow
