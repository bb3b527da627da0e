// Links and listeners: what every transport does. A new one adds a factory to transport_fixture.hpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/conformance/transport_fixture.hpp"

namespace algean::conformance {
namespace {

TEST_P(TransportSuite, NothingToReceiveIsEmpty) {
  EXPECT_EQ(take(*network_.listener).result, Transfer::empty);
  const Pair pair = attach();
  EXPECT_EQ(take(*pair.client).result, Transfer::empty);
  EXPECT_EQ(take(*pair.link).result, Transfer::empty);
  EXPECT_EQ(take(*network_.listener).result, Transfer::empty);
}

TEST_P(TransportSuite, DatagramsOfEverySizeArriveWholeBothWays) {
  const Pair pair = attach();
  EXPECT_EQ(pair.client->max_datagram_bytes(), small_mtu);
  EXPECT_EQ(pair.link->max_datagram_bytes(), small_mtu);
  for (const std::size_t size : {std::size_t{1}, std::size_t{64}, std::size_t{1472}, small_mtu}) {
    ASSERT_EQ(pair.client->send(pattern(size, 1)), Transfer::done);
    EXPECT_EQ(expect_datagram(*pair.link), pattern(size, 1));
    ASSERT_EQ(pair.link->send(pattern(size, 2)), Transfer::done);
    EXPECT_EQ(expect_datagram(*pair.client), pattern(size, 2));
  }
}

TEST_P(TransportSuite, KeepsBoundaries) {
  const Pair pair = attach();
  for (unsigned i = 1; i <= 50; ++i) ASSERT_EQ(pair.client->send(pattern(i * 3, i)), Transfer::done);
  for (unsigned i = 1; i <= 50; ++i) EXPECT_EQ(expect_datagram(*pair.link), pattern(i * 3, i));
}

TEST_P(TransportSuite, OversizedIsNotSent) {
  const Pair pair = attach();
  EXPECT_EQ(pair.client->send(pattern(small_mtu + 1, 1)), Transfer::oversized);
  EXPECT_EQ(pair.link->send(pattern(small_mtu + 1, 1)), Transfer::oversized);
  ASSERT_EQ(pair.client->send(pattern(5, 2)), Transfer::done);
  EXPECT_EQ(expect_datagram(*pair.link), pattern(5, 2));
}

TEST_P(TransportSuite, OversizedForTheReceiverIsLostAlone) {
  const Pair pair = attach();
  ASSERT_EQ(pair.client->send(pattern(100, 1)), Transfer::done);
  ASSERT_EQ(pair.client->send(pattern(50, 2)), Transfer::done);
  buffer_.assign(60, std::byte{0xee});
  space_ = 50;
  EXPECT_EQ(take_soon(*pair.link).result, Transfer::oversized);
  EXPECT_EQ(buffer_[50], std::byte{0xee});
  EXPECT_EQ(expect_datagram(*pair.link), pattern(50, 2));
}

TEST_P(TransportSuite, ClientsDoNotMix) {
  const Pair one = attach();
  const Pair two = attach();
  ASSERT_EQ(one.client->send(pattern(11, 1)), Transfer::done);
  ASSERT_EQ(two.client->send(pattern(12, 2)), Transfer::done);
  EXPECT_EQ(expect_datagram(*one.link), pattern(11, 1));
  EXPECT_EQ(expect_datagram(*two.link), pattern(12, 2));
  ASSERT_EQ(two.link->send(pattern(13, 3)), Transfer::done);
  ASSERT_EQ(one.link->send(pattern(14, 4)), Transfer::done);
  EXPECT_EQ(expect_datagram(*two.client), pattern(13, 3));
  EXPECT_EQ(expect_datagram(*one.client), pattern(14, 4));
  EXPECT_EQ(take(*network_.listener).result, Transfer::empty);
}

TEST_P(TransportSuite, DatagramsFromBeforeTheLinkAreNotLost) {
  const auto client = network_.connect();
  for (unsigned i = 0; i < 3; ++i) send(*client, pattern(20, i));
  EXPECT_EQ(expect_datagram(*network_.listener), pattern(20, 0));
  const Peer peer = from_;
  const auto link = network_.listener->connect(peer);
  ASSERT_TRUE(link);
  for (unsigned i = 1; i < 3; ++i) {
    Received got;
    for (int attempt = 0; attempt < 100 && got.result == Transfer::empty; ++attempt) {
      network_.listener->wait(second_ns / 10);
      if (got = take(*network_.listener); got.result == Transfer::done) {
        EXPECT_EQ(from_, peer);
      } else {
        got = take(**link);
      }
    }
    ASSERT_EQ(got.result, Transfer::done);
    EXPECT_EQ(Bytes(buffer_.begin(), at(got.bytes)), pattern(20, i));
  }
  ASSERT_EQ(client->send(pattern(20, 3)), Transfer::done);
  EXPECT_EQ(expect_datagram(**link), pattern(20, 3));
}

TEST_P(TransportSuite, ListenerAnswersWithoutALink) {
  const auto client = network_.connect();
  send(*client, pattern(20, 0));
  expect_datagram(*network_.listener);
  EXPECT_EQ(network_.listener->send(from_, pattern(30, 1)), Transfer::done);
  EXPECT_EQ(expect_datagram(*client), pattern(30, 1));
}

TEST_P(TransportSuite, APeerWhoseLinkClosedComesToTheListenerAgain) {
  Pair pair = attach();
  pair.link.reset();
  ASSERT_EQ(pair.client->send(pattern(20, 5)), Transfer::done);
  EXPECT_EQ(expect_datagram(*network_.listener), pattern(20, 5));
  EXPECT_TRUE(network_.listener->connect(from_));
}

TEST_P(TransportSuite, ClientIsRefusedWhenTheListenerIsGone) {
  Pair pair = attach();
  pair.link.reset();
  network_.listener.reset();
  Transfer result = Transfer::done;
  for (int i = 0; i < 100 && result != Transfer::refused; ++i) result = pair.client->send(pattern(20, 0));
  EXPECT_EQ(result, Transfer::refused);
}

TEST_P(TransportSuite, LinkIsRefusedWhenTheClientIsGone) {
  Pair pair = attach();
  pair.client.reset();
  Transfer result = Transfer::done;
  for (int i = 0; i < 100 && result != Transfer::refused; ++i) result = pair.link->send(pattern(20, 0));
  EXPECT_EQ(result, Transfer::refused);
}

TEST_P(TransportSuite, AFloodIsCutNotMixedUp) {
  const Pair pair = attach();
  const Bytes datagram = pattern(small_mtu, 3);
  std::size_t taken = 0;
  for (int i = 0; i < 20000; ++i) {
    const Transfer result = pair.client->send(datagram);
    ASSERT_TRUE(result == Transfer::done || result == Transfer::empty) << to_text(result);
  }
  while (true) {
    const Received got = take_soon(*pair.link, second_ns / 20);
    if (got.result != Transfer::done) break;
    ASSERT_TRUE(std::equal(datagram.begin(), datagram.end(), buffer_.begin(), at(got.bytes)));
    ++taken;
  }
  EXPECT_GT(taken, 10U);
  EXPECT_GE(pair.link->receive_window_bytes(), std::size_t{1} << 14);
}

INSTANTIATE_TEST_SUITE_P(Every, TransportSuite, testing::ValuesIn(every_kind()), name_of);
INSTANTIATE_TEST_SUITE_P(Delayed, TransportSuite, testing::ValuesIn(behind("delayed", {.delay_ns = 300'000})), name_of);

}  // namespace
}  // namespace algean::conformance
