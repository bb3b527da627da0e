// Two channels over a link that a test owns: it loses, doubles, reorders and fills up as told.
#include "runtime/router/channel.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "runtime/base/random.hpp"

namespace algean {
namespace {

using wire::Drop;
using wire::FrameType;
using Bytes = std::vector<std::byte>;

constexpr std::int64_t ms = 1'000'000;

// One direction.
struct Wire {
  std::deque<Bytes> datagrams;
  std::size_t room = 1'000'000;  // datagrams that it takes before it is full
  bool refuses = false;
  std::function<bool()> loses = [] { return false; };
};

class ScriptedLink final : public Transport {
 public:
  ScriptedLink(Wire& out, Wire& in, std::size_t mtu, std::size_t window)
      : out_(out), in_(in), mtu_(mtu), window_(window) {}
  Transfer send(std::span<const std::byte> datagram) override {
    if (out_.refuses) return Transfer::refused;
    if (datagram.size() > mtu_) return Transfer::oversized;
    if (out_.datagrams.size() >= out_.room) return Transfer::empty;
    if (!out_.loses()) out_.datagrams.emplace_back(datagram.begin(), datagram.end());
    return Transfer::done;
  }
  Received receive(std::span<std::byte> into) override {
    if (in_.datagrams.empty()) return {};
    const Bytes datagram = std::move(in_.datagrams.front());
    in_.datagrams.pop_front();
    std::ranges::copy(datagram, into.begin());
    return one_datagram(datagram.size());
  }
  void wait(std::int64_t) override {}
  [[nodiscard]] std::size_t max_datagram_bytes() const override { return mtu_; }
  [[nodiscard]] std::size_t receive_window_bytes() const override { return window_; }
  [[nodiscard]] std::string peer() const override { return "scripted"; }

 private:
  Wire& out_;
  Wire& in_;
  std::size_t mtu_;
  std::size_t window_;
};

constexpr std::size_t mtu = 1000;
constexpr std::size_t window = 4000;

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    for (Channel* channel : {&a, &b}) channel->begin(7, {}, now);
  }
  // Takes in everything that has come; keeps the data frames' payloads.
  std::vector<Drop> take(Channel& channel, std::vector<Bytes>* payloads = nullptr) {
    std::vector<Drop> drops;
    Bytes buffer(65536);
    for (Received got = channel.receive(buffer); got.result == Transfer::done; got = channel.receive(buffer)) {
      EXPECT_EQ(parse(std::span(buffer).first(got.bytes), datagram), Drop::none);
      drops.push_back(channel.accept(datagram, now));
      types.push_back(datagram.type());
      if (drops.back() != Drop::none || datagram.type() != FrameType::data || payloads == nullptr) continue;
      for (const wire::Message& message : datagram.messages()) {
        payloads->emplace_back(message.payload.begin(), message.payload.end());
      }
    }
    return drops;
  }
  // Lets both know the other's credit.
  void open() {
    a.ping(now, false);
    take(b);
    take(a);
    types.clear();
  }
  Transfer send(Channel& channel, std::span<const std::byte> bytes) {
    const std::array<wire::Shipment, 1> one{wire::Shipment{1, 0, 0, bytes}};
    return channel.send({}, one, now);
  }

  static constexpr std::size_t outbox_bytes = 20'000;
  std::int64_t now = 1000 * ms;
  Wire ab;
  Wire ba;
  ChannelCounters counters_a;
  ChannelCounters counters_b;
  Channel a{std::make_unique<ScriptedLink>(ab, ba, mtu, window), {mtu, outbox_bytes, 1000 * ms}, counters_a};
  Channel b{std::make_unique<ScriptedLink>(ba, ab, mtu, window), {mtu, outbox_bytes, 1000 * ms}, counters_b};
  wire::Datagram datagram;
  std::vector<FrameType> types;
};

TEST_F(ChannelTest, DataWaitsUntilCreditIsHeard) {
  EXPECT_EQ(send(a, Bytes(100)), Transfer::done);
  EXPECT_TRUE(ab.datagrams.empty());
  EXPECT_GT(a.queued_bytes(), 0U);
  EXPECT_EQ(a.on_time(now), now + Channel::blocked_ping_ns);
  now += Channel::blocked_ping_ns;
  a.on_time(now);
  take(b);
  EXPECT_EQ(types, std::vector{FrameType::ping});
  take(a);
  EXPECT_EQ(a.queued_bytes(), 0U);
  std::vector<Bytes> got;
  take(b, &got);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0], Bytes(100));
  EXPECT_EQ(counters_a.counts().blocked_ns, static_cast<std::uint64_t>(Channel::blocked_ping_ns));
}

TEST_F(ChannelTest, ASenderStopsAtTheWindowAndGoesOnInOrder) {
  open();
  Bytes tensor(20'000);
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<std::byte>(i / 64);
  EXPECT_EQ(send(a, tensor), Transfer::done);
  std::size_t in_flight = 0;
  for (const Bytes& each : ab.datagrams) in_flight += each.size() - 64;
  EXPECT_LE(in_flight, window);
  EXPECT_GT(in_flight, window - mtu);
  std::vector<Bytes> pieces;
  for (int i = 0; i < 100 && a.queued_bytes() > 0; ++i) {
    take(b, &pieces);
    take(a);
  }
  take(b, &pieces);
  Bytes together;
  for (const Bytes& piece : pieces) together.insert(together.end(), piece.begin(), piece.end());
  EXPECT_EQ(together, tensor);
  EXPECT_EQ(counters_b.counts().gaps, 0U);
  EXPECT_EQ(counters_a.counts().queued_bytes, 0U);
  EXPECT_GT(counters_a.counts().queued_most, 15'000U);
}

TEST_F(ChannelTest, TheOutboxIsBounded) {
  open();
  EXPECT_EQ(send(a, Bytes(40'000)), Transfer::done);  // one send may always wait
  EXPECT_EQ(send(a, Bytes(100)), Transfer::empty);
  const std::size_t queued = a.queued_bytes();
  EXPECT_GT(queued, 30'000U);
  EXPECT_EQ(send(a, Bytes(100)), Transfer::empty);
  EXPECT_EQ(a.queued_bytes(), queued);
  a.begin(8, {}, now);
  EXPECT_EQ(a.queued_bytes(), 0U);
  EXPECT_EQ(counters_a.counts().queued_bytes, 0U);
}

TEST_F(ChannelTest, WhatTheSystemDoesNotTakeWaitsAndKeepsItsPlace) {
  open();
  ab.room = 2;
  Bytes tensor(3500);
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<std::byte>(i / 64);
  EXPECT_EQ(send(a, tensor), Transfer::done);
  EXPECT_EQ(ab.datagrams.size(), 2U);
  EXPECT_EQ(a.error({}, wire::ErrorCode::internal, "why"), Transfer::done);
  std::vector<Bytes> pieces;
  for (int i = 0; i < 10; ++i) {
    for (const Drop drop : take(b, &pieces)) EXPECT_EQ(drop, Drop::none);
    now += ms;
    a.on_time(now);
  }
  Bytes together;
  for (const Bytes& piece : pieces) together.insert(together.end(), piece.begin(), piece.end());
  EXPECT_EQ(together, tensor);
  EXPECT_EQ(std::ranges::count(types, FrameType::error), 1);
  EXPECT_EQ(b.gaps(), 0U);
}

TEST_F(ChannelTest, OldForeignAndDoubledFramesAreDropped) {
  open();
  send(a, Bytes(10));
  ab.datagrams.push_back(ab.datagrams.back());
  EXPECT_EQ(take(b), (std::vector{Drop::none, Drop::replayed}));
  a.begin(9, {}, now);
  a.ping(now, false);
  EXPECT_EQ(take(b), std::vector{Drop::foreign_epoch});
}

TEST_F(ChannelTest, CreditIsToldAtHalfAWindowAndAgainOnATimer) {
  open();
  EXPECT_EQ(send(a, Bytes(1500)), Transfer::done);
  take(b);
  EXPECT_TRUE(ba.datagrams.empty());
  EXPECT_EQ(send(a, Bytes(800)), Transfer::done);
  take(b);
  EXPECT_EQ(ba.datagrams.size(), 1U);
  take(a);
  EXPECT_EQ(types.back(), FrameType::credit);
  const std::int64_t due = b.on_time(now);
  EXPECT_EQ(due, now + Channel::retell_ns);
  now = due;
  EXPECT_GT(b.on_time(now), now + Channel::retell_ns);  // told twice: no more
  EXPECT_EQ(ba.datagrams.size(), 1U);
  take(a);
  EXPECT_EQ(types.back(), FrameType::credit);
}

TEST_F(ChannelTest, PingsMeasureTheRoundTripTheWholePathAndTheOtherClock) {
  a.ping(now, true);
  EXPECT_EQ(ab.datagrams.front().size(), mtu);
  const std::int64_t asked = now;
  now = 5'000'000 * ms;  // the other's clock
  take(b);
  EXPECT_EQ(ba.datagrams.front().size(), mtu);
  now = asked + 2 * ms;
  take(a);
  EXPECT_EQ(a.rtt_ns(), 2 * ms);
  EXPECT_TRUE(a.path_is_whole());
  EXPECT_EQ(a.clock_offset_ns(), 5'000'000 * ms - (asked + ms));
  EXPECT_EQ(b.rtt_ns(), -1);
  b.ping(now, false);
  take(a);
  now += ms;
  take(b);
  EXPECT_FALSE(b.path_is_whole());
  EXPECT_EQ(b.clock_offset_ns(), 0);  // the same clock, as far as a round trip can tell
}

TEST_F(ChannelTest, SilenceIsAskedAboutBeforeItCounts) {
  now += 10'000 * ms;
  EXPECT_FALSE(a.is_silent(now, 2000 * ms));  // nobody asked
  a.on_time(now);
  EXPECT_EQ(ab.datagrams.size(), 1U);
  now += 999 * ms;
  EXPECT_FALSE(a.is_silent(now, 2000 * ms));
  now += ms;
  EXPECT_TRUE(a.is_silent(now, 2000 * ms));
  take(b);
  take(a);
  EXPECT_FALSE(a.is_silent(now, 2000 * ms));
}

TEST_F(ChannelTest, RefusalIsKept) {
  open();
  ab.refuses = true;
  EXPECT_EQ(send(a, Bytes(5000)), Transfer::refused);
  EXPECT_TRUE(a.refused());
  EXPECT_GT(counters_a.counts().lost, 0U);
  a.clear_refused();
  EXPECT_FALSE(a.refused());
}

TEST_F(ChannelTest, LossCostsNoCreditForGood) {
  Random random(4);
  open();
  ab.loses = [&] { return random.below(5) == 0; };
  ba.loses = [&] { return random.below(5) == 0; };
  std::uint64_t frames = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += ms;
    if (a.queued_bytes() == 0) send(a, Bytes(random.below(2500) + 1));
    std::vector<Bytes> got;
    take(b, &got);
    frames += got.size();
    b.on_time(now);
    take(a);
    a.on_time(now);
    ASSERT_LE(ab.datagrams.size(), window / 512 + 2);
  }
  EXPECT_GT(frames, 5000U);
  EXPECT_GT(counters_b.counts().gaps, 1000U);
  EXPECT_EQ(b.gaps(), counters_b.counts().gaps);
}

}  // namespace
}  // namespace algean
