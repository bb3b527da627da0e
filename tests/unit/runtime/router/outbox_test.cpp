#include "runtime/router/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "runtime/base/random.hpp"

namespace algean {
namespace {

using Bytes = std::vector<std::byte>;

TEST(Outbox, LaysDatagramsSideBySide) {
  Outbox outbox;
  for (int i = 0; i < 4; ++i) outbox.push(Bytes(100), 512, 1);
  EXPECT_EQ(outbox.bytes(), 400U);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(outbox.entry(i).at, outbox.entry(i - 1).at + 100);
}

TEST(Outbox, AgreesWithAQueueOfCopies) {
  Random random(9);
  Outbox outbox;
  std::deque<Bytes> expected;
  std::size_t bytes = 0;
  std::size_t most = 0;
  for (int i = 0; i < 50'000; ++i) {
    const bool grows = i / 2000 % 2 == 0;
    if (random.below(5) < (grows ? 3U : 2U)) {
      Bytes datagram(64 + random.below(3000));
      std::ranges::generate(datagram, [&] { return static_cast<std::byte>(random.next()); });
      outbox.push(datagram, static_cast<std::uint32_t>(i), static_cast<std::uint8_t>(i));
      bytes += datagram.size();
      expected.push_back(std::move(datagram));
    } else if (!expected.empty()) {
      const Outbox::Entry& front = outbox.entry(0);
      ASSERT_TRUE(std::ranges::equal(outbox.storage(front.at, front.bytes), expected.front())) << i;
      bytes -= expected.front().size();
      expected.pop_front();
      outbox.pop();
    }
    ASSERT_EQ(outbox.bytes(), bytes);
    ASSERT_EQ(outbox.size(), expected.size());
    ASSERT_EQ(outbox.empty(), expected.empty());
    most = std::max(most, expected.size());
  }
  EXPECT_GT(most, 100U);
  outbox.clear();
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0U);
}

}  // namespace
}  // namespace algean
