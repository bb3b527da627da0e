// Faults by decorators around every transport: datagrams stay whole, none is invented, and the counts are exact.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "tests/conformance/transport_fixture.hpp"

namespace algean::conformance {
namespace {

using Numbers = std::vector<std::uint32_t>;

class MovedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override { return now_ns_; }
  std::int64_t now_ns_ = 0;
};

Bytes numbered(std::uint32_t number) {
  Bytes bytes = pattern(4 + number % 300, number);
  std::memcpy(bytes.data(), &number, 4);
  return bytes;
}

// The number, if the datagram is one of ours and whole.
std::uint32_t number_of(const Bytes& bytes) {
  std::uint32_t number = 0;
  EXPECT_GE(bytes.size(), 4U);
  std::memcpy(&number, bytes.data(), std::min<std::size_t>(bytes.size(), 4));
  EXPECT_EQ(bytes, numbered(number));
  return number;
}

class FaultSuite : public TransportSuite {
 protected:
  static constexpr std::uint32_t sent = 200;

  // Numbers that arrive at `end` of those that `from` sends, in their order.
  template <class End>
  Numbers pass(Transport& from, End& end, const FaultCounts& counts) {
    for (std::uint32_t number = 0; number < sent; ++number) send(from, numbered(number));
    const SteadyClock clock;
    Numbers arrived;
    for (const std::int64_t deadline_ns = clock.now_ns() + 10 * second_ns; clock.now_ns() < deadline_ns;) {
      const Received got = take_soon(end, second_ns / 100);
      if (got.result == Transfer::done) arrived.push_back(number_of({buffer_.begin(), at(got.bytes)}));
      if (counts.came >= sent && arrived.size() >= counts.came - counts.lost + counts.doubled) break;
    }
    EXPECT_EQ(counts.came, sent);
    EXPECT_EQ(arrived.size(), counts.came - counts.lost + counts.doubled);
    EXPECT_EQ(take(end).result, Transfer::empty);
    return arrived;
  }
  // The same from a client to a listener without a link.
  Numbers pass(const FaultOptions& options) {
    counts_.emplace();
    Network inner = GetParam().make();
    const Network network = with_faults(inner, std::move(inner.dialler), options, *counts_);
    const auto client = network.connect();
    return pass(*client, *network.listener, *counts_);
  }
  static Numbers all() {
    Numbers numbers(sent);
    for (std::uint32_t i = 0; i < sent; ++i) numbers[i] = i;
    return numbers;
  }

  std::optional<FaultCounts> counts_;
};

TEST_P(FaultSuite, WithoutFaultsNothingHappens) { EXPECT_EQ(pass({}), all()); }

TEST_P(FaultSuite, LossIsSeeded) {
  const FaultOptions options{.seed = 3, .loss = 0.2};
  const Numbers arrived = pass(options);
  EXPECT_EQ(arrived.size(), sent - counts_->lost);
  EXPECT_GT(counts_->lost, sent / 10);
  EXPECT_LT(counts_->lost, sent / 3);
  EXPECT_TRUE(std::ranges::is_sorted(arrived, std::ranges::less_equal()));
  EXPECT_EQ(pass(options), arrived);
  EXPECT_NE(pass({.seed = 4, .loss = 0.2}), arrived);
  EXPECT_EQ(pass({.loss = 1}), Numbers());
}

TEST_P(FaultSuite, DuplicatesArriveBesideTheOriginal) {
  const Numbers arrived = pass({.duplication = 0.3});
  EXPECT_EQ(arrived.size(), sent + counts_->doubled);
  EXPECT_GT(counts_->doubled, sent / 5);
  Numbers once = arrived;
  const auto again = std::ranges::unique(once);
  once.erase(again.begin(), again.end());
  EXPECT_EQ(once, all());
}

TEST_P(FaultSuite, ReorderingIsBounded) {
  const FaultOptions options{.reordering = 0.3, .reordering_distance = 3, .reordering_ns = second_ns / 20};
  Numbers arrived = pass(options);
  EXPECT_GT(counts_->reordered, sent / 5);
  EXPECT_NE(arrived, all());
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    const auto before = std::span(arrived).first(i);
    EXPECT_LE(std::ranges::count_if(before, [&](std::uint32_t other) { return other > arrived[i]; }), 3);
  }
  std::ranges::sort(arrived);
  EXPECT_EQ(arrived, all());
}

TEST_P(FaultSuite, JitterChangesTheOrder) {
  Numbers arrived = pass({.delay_ns = 100'000, .jitter_ns = second_ns / 50});
  EXPECT_NE(arrived, all());
  std::ranges::sort(arrived);
  EXPECT_EQ(arrived, all());
}

TEST_P(FaultSuite, AllAtOnceInventNothing) {
  std::map<std::uint32_t, int> times;
  for (const std::uint32_t number : pass({.seed = 9,
                                          .loss = 0.1,
                                          .duplication = 0.1,
                                          .reordering = 0.1,
                                          .reordering_ns = second_ns / 50,
                                          .delay_ns = 200'000,
                                          .jitter_ns = 100'000})) {
    EXPECT_LT(number, sent);
    EXPECT_LE(++times[number], 2);
  }
  EXPECT_EQ(times.size(), sent - counts_->lost);
}

TEST_P(FaultSuite, DelayIsTheClocks) {
  MovedClock clock;
  FaultCounts counts;
  Network inner = GetParam().make();
  const Network network = with_faults(inner, std::move(inner.dialler), {.delay_ns = 1000}, counts, clock);
  const auto client = network.connect();
  send(*client, numbered(7));
  for (int i = 0; i < 1000 && counts.came == 0; ++i) {
    network.listener->wait(second_ns / 100);
    ASSERT_EQ(take(*network.listener).result, Transfer::empty);
  }
  clock.now_ns_ = 999;
  EXPECT_EQ(take(*network.listener).result, Transfer::empty);
  clock.now_ns_ = 1000;
  network.listener->wait(60 * second_ns);  // not at all
  ASSERT_EQ(take(*network.listener).result, Transfer::done);
  ASSERT_EQ(network.listener->send(from_, numbered(8)), Transfer::done);
  for (int i = 0; i < 1000 && counts.came == 1; ++i) {
    network.dialler->wait(second_ns / 100);
    ASSERT_EQ(take(*client).result, Transfer::empty);
  }
  clock.now_ns_ = 2000;
  network.dialler->wait(60 * second_ns);
  EXPECT_EQ(expect_datagram(*client), numbered(8));
}

TEST_P(FaultSuite, LinksHaveFaultsOfTheirOwn) {
  const FaultOptions options{.loss = 0.3};
  FaultCounts counts;
  const Pair pair = attach();
  const auto faulty = make_faulty(network_.connect(), options, steady_clock, counts);
  send(*faulty, numbered(1));
  expect_datagram(*network_.listener);
  const auto to_faulty = network_.listener->connect(from_);
  ASSERT_TRUE(to_faulty);
  const Numbers arrived = pass(**to_faulty, *faulty, counts);
  EXPECT_GT(counts.lost, sent / 5);
  FaultCounts none;  // the other link's datagrams arrive
  none.came = sent;
  EXPECT_EQ(pass(*pair.link, *pair.client, none), all());
  EXPECT_EQ(counts.came, sent);
}

INSTANTIATE_TEST_SUITE_P(Every, FaultSuite, testing::ValuesIn(every_kind()), name_of);

}  // namespace
}  // namespace algean::conformance
