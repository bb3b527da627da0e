// Diallers, waits and batches: what every transport does.
#include <gtest/gtest.h>

#include <thread>
#include <utility>

#include "tests/conformance/transport_fixture.hpp"

namespace algean::conformance {
namespace {

class DiallerSuite : public TransportSuite {};

TEST_P(DiallerSuite, WaitEndsAtItsTimeout) {
  const Pair pair = attach();
  const SteadyClock clock;
  for (const std::int64_t timeout_ns : {0, 20'000'000}) {
    const std::int64_t start_ns = clock.now_ns();
    pair.client->wait(timeout_ns);
    pair.link->wait(timeout_ns);
    network_.listener->wait(timeout_ns);
    EXPECT_GE(clock.now_ns() - start_ns, 3 * timeout_ns);
    EXPECT_LT(clock.now_ns() - start_ns, 5 * second_ns);
  }
}

TEST_P(DiallerSuite, WaitEndsWithADatagram) {
  const Pair pair = attach();
  const SteadyClock clock;
  for (const bool by_listener : {false, true}) {
    const std::int64_t start_ns = clock.now_ns();
    std::jthread sender([&] { EXPECT_EQ(pair.client->send(pattern(9, 9)), Transfer::done); });
    if (by_listener) {
      network_.listener->wait(60 * second_ns);  // watches its links, too
    } else {
      pair.link->wait(60 * second_ns);
    }
    EXPECT_EQ(expect_datagram(*pair.link), pattern(9, 9));
    EXPECT_LT(clock.now_ns() - start_ns, 30 * second_ns);
  }
}

TEST_P(DiallerSuite, WakeEndsAWait) {
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  network_.listener->wake();  // also one that comes before
  network_.listener->wait(60 * second_ns);
  std::jthread waker([&] { network_.listener->wake(); });
  network_.listener->wait(60 * second_ns);
  EXPECT_LT(clock.now_ns() - start_ns, 30 * second_ns);
}

TEST_P(DiallerSuite, ListenerDialsListener) {
  const auto other = network_.listen();
  const auto dialled = network_.listener->dial(network_.address_of(*other));
  ASSERT_TRUE(dialled) << dialled.error().message;
  EXPECT_EQ((*dialled)->peer(), network_.address_of(*other));
  send(**dialled, pattern(20, 1));
  EXPECT_EQ(expect_datagram(*other), pattern(20, 1));
  const auto link = other->connect(from_);
  ASSERT_TRUE(link) << link.error().message;
  ASSERT_EQ((*link)->send(pattern(21, 2)), Transfer::done);
  EXPECT_EQ(expect_datagram(**dialled, *network_.listener), pattern(21, 2));
  ASSERT_EQ((*dialled)->send(pattern(22, 3)), Transfer::done);
  EXPECT_EQ(expect_datagram(**link, *other), pattern(22, 3));
  EXPECT_EQ(take(*network_.listener).result, Transfer::empty);
}

TEST_P(DiallerSuite, ListenersThatDialEachOtherMeet) {
  const auto other = network_.listen();
  const auto there = network_.listener->dial(network_.address_of(*other));
  const auto back = other->dial(network_.address);
  ASSERT_TRUE(there && back);
  send(**there, pattern(20, 1));
  send(**back, pattern(20, 2));
  if (GetParam().listeners_meet) {
    EXPECT_EQ(expect_datagram(**back, *other), pattern(20, 1));
    EXPECT_EQ(expect_datagram(**there, *network_.listener), pattern(20, 2));
  } else {
    EXPECT_EQ(expect_datagram(*other), pattern(20, 1));
    EXPECT_EQ(expect_datagram(*network_.listener), pattern(20, 2));
  }
}

TEST_P(DiallerSuite, ADiallerWaitsForAllItsLinks) {
  const auto other = network_.listen();
  const auto one = network_.connect();
  const auto two = network_.dialler->dial(network_.address_of(*other));
  ASSERT_TRUE(two) << two.error().message;
  for (unsigned round = 0; round < 3; ++round) {
    send(**two, pattern(20, round));
    EXPECT_EQ(expect_datagram(*other), pattern(20, round));
    ASSERT_EQ(other->send(from_, pattern(30, round)), Transfer::done);
    EXPECT_EQ(expect_datagram(**two, *network_.dialler), pattern(30, round));
    send(*one, pattern(20, round));
    EXPECT_EQ(expect_datagram(*network_.listener), pattern(20, round));
    ASSERT_EQ(network_.listener->send(from_, pattern(31, round)), Transfer::done);
    EXPECT_EQ(expect_datagram(*one, *network_.dialler), pattern(31, round));
  }
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  network_.dialler->wait(20'000'000);
  EXPECT_GE(clock.now_ns() - start_ns, 20'000'000);
}

TEST_P(DiallerSuite, WakeEndsADiallersWait) {
  const auto link = network_.connect();
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  std::jthread waker([&] { network_.dialler->wake(); });
  network_.dialler->wait(60 * second_ns);
  EXPECT_LT(clock.now_ns() - start_ns, 30 * second_ns);
}

TEST_P(DiallerSuite, DialRefusesWhatIsNoAddress) {
  for (const std::string address : {"", "nobody", "pigeon://127.0.0.1:4000", "loopback://"}) {
    for (Dialler* dialler : {network_.dialler.get(), static_cast<Dialler*>(network_.listener.get())}) {
      const auto link = dialler->dial(address);
      ASSERT_FALSE(link) << address;
      EXPECT_EQ(link.error().kind, ErrorKind::bad_input);
    }
  }
}

TEST_P(DiallerSuite, SegmentsArriveAsDatagrams) {
  const Pair pair = attach();
  for (const auto& [bytes, segment_bytes] : {std::pair<std::size_t, std::size_t>{1900, 300},
                                             {900, 300},
                                             {200, 300},
                                             {200, 1},
                                             {140000, 1000},
                                             {3 * small_mtu + 1, small_mtu}}) {
    for (auto* end : {&pair.client, &pair.link}) {
      const Bytes all = pattern(bytes, 4);
      std::size_t sent_bytes = 1;
      ASSERT_EQ((*end)->send_segments(all, segment_bytes, sent_bytes), Transfer::done);
      EXPECT_EQ(sent_bytes, bytes);
      for (auto rest = std::span<const std::byte>(all); !rest.empty();) {
        const auto expected = next_datagram(rest, segment_bytes);
        ASSERT_EQ(expect_datagram(end == &pair.client ? *pair.link : *pair.client),
                  Bytes(expected.begin(), expected.end()));
      }
    }
  }
}

TEST_P(DiallerSuite, OversizedSegmentsAreNotSent) {
  const Pair pair = attach();
  std::size_t sent_bytes = 1;
  EXPECT_EQ(pair.client->send_segments(pattern(2 * small_mtu + 2, 1), small_mtu + 1, sent_bytes), Transfer::oversized);
  EXPECT_EQ(sent_bytes, 0U);
  ASSERT_EQ(pair.client->send(pattern(5, 2)), Transfer::done);
  EXPECT_EQ(expect_datagram(*pair.link), pattern(5, 2));
}

TEST_P(DiallerSuite, AFloodOfSegmentsSaysHowMuchWent) {
  const Pair pair = attach();
  const Bytes batch = pattern(60000, 3);
  std::size_t sent_bytes = 0;
  for (int i = 0; i < 300; ++i) {
    const Transfer result = pair.client->send_segments(batch, 1000, sent_bytes);
    ASSERT_EQ(sent_bytes % 1000, 0U);
    ASSERT_EQ(result == Transfer::done, sent_bytes == batch.size());
    ASSERT_TRUE(result == Transfer::done || result == Transfer::empty) << to_text(result);
  }
  std::size_t taken = 0;
  while (true) {
    const Received got = take_soon(*pair.link, second_ns / 20);
    if (got.result != Transfer::done) break;
    ASSERT_EQ(got.segment_bytes, 1000U);
    ASSERT_EQ(got.bytes % 1000, 0U);
    taken += got.bytes / 1000;
  }
  EXPECT_GT(taken, 10U);
}

INSTANTIATE_TEST_SUITE_P(Every, DiallerSuite, testing::ValuesIn(every_kind()), name_of);
INSTANTIATE_TEST_SUITE_P(Delayed, DiallerSuite, testing::ValuesIn(behind("delayed", {.delay_ns = 300'000})), name_of);

}  // namespace
}  // namespace algean::conformance
