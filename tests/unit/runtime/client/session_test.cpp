// Parts of a session that need no node.
#include "runtime/client/session.hpp"

#include <gtest/gtest.h>

#include <array>

namespace algean {
namespace {

TEST(InFlightTable, IdsLeaveOutZero) {
  InFlight table(0xfffffffe);
  table.allocate(std::array<std::size_t, 1>{4}, 3);
  EXPECT_EQ(table.begin(0, 1).id, 0xffffffffU);
  EXPECT_EQ(table.begin(0, 1).id, 1U);
  EXPECT_EQ(table.begin(0, 1).id, 2U);
}

TEST(InFlightTable, EndedPlacesAreUsedAgain) {
  InFlight table(0);
  table.allocate(std::array<std::size_t, 1>{4}, 2);
  const std::uint32_t first = table.begin(10, 5).id;
  Inference& second = table.begin(20, 5);
  EXPECT_EQ(table.used(), 2U);
  EXPECT_EQ(second.deadline_ns(), 25);
  table.end(first);
  table.end(first);
  table.end(99);
  EXPECT_EQ(table.used(), 1U);
  EXPECT_EQ(table.find(first), nullptr);
  EXPECT_EQ(table.find_waiting(second.id), &second);
  EXPECT_EQ(table.begin(30, 5).id, 3U);
}

TEST(InFlightTable, FailsOnlyWhatWaits) {
  InFlight table(0);
  table.allocate(std::array<std::size_t, 1>{4}, 2);
  Inference& done = table.begin(0, 1);
  done.state = Inference::State::done;
  Inference& waiting = table.begin(0, 1);
  table.fail_all([](std::uint32_t id) { return Error{ErrorKind::failed, fmt::format("no {}", id)}; });
  EXPECT_EQ(done.state, Inference::State::done);
  EXPECT_EQ(waiting.state, Inference::State::failed);
  EXPECT_EQ(waiting.error->message, "no 2");
  EXPECT_FALSE(table.any_waits());
}

TEST(ThreadsThatPoll, CountsTheDeploymentsOnlyOnThisHost) {
  EXPECT_EQ(threads_that_poll("127.0.0.1:4000", 2, 4), 4U);
  EXPECT_EQ(threads_that_poll("udp://127.0.0.7:4000", 2, 4), 4U);
  EXPECT_EQ(threads_that_poll("tcp://127.0.0.1:4000", 2, 4), 4U);
  EXPECT_EQ(threads_that_poll("loopback://a", 2, 4), 4U);
  EXPECT_EQ(threads_that_poll("127.0.0.1:4000", 5, 4), 5U);
  EXPECT_EQ(threads_that_poll("10.0.0.2:4000", 2, 4), 2U);
}

}  // namespace
}  // namespace algean
