#include "kernels/circuit/waits.hpp"

#include <gmock/gmock.h>

namespace algean::kernels {
namespace {

using ::testing::ElementsAre;

// split -> conv (needs `lag`) -> add; split -> add through a FIFO.
Result<> diamond(double lag, double capacity) {
  const std::vector<std::string> nodes{"split", "conv", "add"};
  const std::vector<Channel> channels{{0, 1, lag, 0.01}, {1, 2, 0.01, 0.01}, {0, 2, 0.01, capacity}};
  return check_no_deadlock(nodes, channels);
}

TEST(Waits, ASkipPathHoldsWhatTheOtherPathTakesIn) {
  EXPECT_TRUE(diamond(0.25, 0.25).has_value());
  const auto blocked = diamond(0.25, 0.24);
  ASSERT_FALSE(blocked.has_value());
  EXPECT_THAT(blocked.error().message, ::testing::HasSubstr("can wait for each other for ever"));
  EXPECT_THAT(blocked.error().message, ::testing::HasSubstr("'conv'"));
}

TEST(Waits, LagsAddUpAlongAPath) {
  const std::vector<std::string> nodes{"split", "a", "b", "add"};
  std::vector<Channel> channels{{0, 1, 0.25, 0}, {1, 2, 0.5, 0}, {2, 3, 0, 0}, {0, 3, 0, 0.75}};
  EXPECT_TRUE(check_no_deadlock(nodes, channels).has_value());
  channels.back().capacity = 0.74;
  EXPECT_FALSE(check_no_deadlock(nodes, channels).has_value());
  // A path whose own layer takes in as much needs no FIFO for it.
  const std::vector<std::string> both{"split", "a", "b", "add"};
  channels = {{0, 1, 0.5, 0}, {1, 3, 0, 0}, {0, 2, 0.5, 0}, {2, 3, 0, 0}};
  EXPECT_TRUE(check_no_deadlock(both, channels).has_value());
  channels[2].lag = 0.4;
  EXPECT_FALSE(check_no_deadlock(both, channels).has_value());
}

TEST(Waits, MoreThanAnInferenceMayHaveToWait) {
  EXPECT_FALSE(diamond(1.0, 0.99).has_value());
  const std::vector<std::string> nodes{"split", "a", "b", "add"};
  std::vector<Channel> channels{{0, 1, 1, 0}, {1, 2, 1, 0}, {2, 3, 0, 0}, {0, 3, 0, 2}};
  EXPECT_TRUE(check_no_deadlock(nodes, channels).has_value());
  channels.back().capacity = 1.5;
  EXPECT_FALSE(check_no_deadlock(nodes, channels).has_value());
}

TEST(Waits, AChainNeverBlocks) {
  const std::vector<std::string> nodes{"a", "b", "c"};
  const std::vector<Channel> channels{{0, 1, 1, 0}, {1, 2, 0.5, 0}};
  EXPECT_TRUE(check_no_deadlock(nodes, channels).has_value());
}

TEST(Waits, TimingIsThatOfTheNetworksPace) {
  // Takes 10 of 100 beats before its first output, 400 cycles alone, 4 rows out; the network takes 1,000.
  const Cycles cycles{.interval = 400, .latency = 450, .lag_beats = 10};
  const Stream input{.rows = 50, .elements = 8, .lanes = 4, .bits = 8};
  const Stream output{.rows = 4, .elements = 8, .lanes = 4, .bits = 8};
  const LayerTiming timing = timing_of(cycles, input, output, 1000);
  EXPECT_DOUBLE_EQ(timing.lag, 0.1);
  EXPECT_DOUBLE_EQ(timing.delay, 100 + (450 - 400 + 100) - 40);
}

TEST(Waits, OnlyTheEarlierOfTwoPathsThatPartedWaits) {
  Graph graph;
  const TensorType type{ElementType::int8(), {100, 8}};
  for (const char* name : {"x", "a", "b", "y", "other"}) graph.add_value(name, type);
  graph.inputs = {{"x", 0, ExternalForm::integer}, {"other", 4, ExternalForm::integer}};
  graph.layers = {
      {{"a", "copy", {}, {}}, {0}, {1}}, {{"add", "add", {}, {}}, {1, 0}, {2}}, {{"add2", "add", {}, {}}, {2, 4}, {3}}};
  const std::vector<Stream> streams(5, Stream{.rows = 100, .elements = 8, .lanes = 4, .bits = 8});
  const std::vector<LayerTiming> timings{{0.1, 500}, {0.005, 1}, {0.005, 1}};
  graph.outputs = {{"y", 3, ExternalForm::integer}};
  const Schedule made = schedule(graph, streams, timings, 1000);
  const auto& beats = made.waiting_beats;
  EXPECT_EQ(made.longest, 500 + 1 + 1 + 990);          // of 100 rows the last
  EXPECT_THAT(beats[0], ElementsAre(0, 100 + 4 + 4));  // half of 200 beats, two rows, 4
  EXPECT_THAT(beats[1], ElementsAre(0));
  EXPECT_THAT(beats[2], ElementsAre(0));
  EXPECT_THAT(beats[4], ElementsAre(0));  // whoever offers it waits
}

// A short path that computes for long starts as late as the long one; its FIFO must still hold what the long one takes
// in.
TEST(Waits, ComputingDoesNotStandInForAFifo) {
  Graph graph;
  const TensorType type{ElementType::int8(), {100, 8}};
  for (const char* name : {"x", "a", "b", "y"}) graph.add_value(name, type);
  graph.inputs = {{"x", 0, ExternalForm::integer}};
  graph.layers = {
      {{"a", "copy", {}, {}}, {0}, {1}}, {{"b", "copy", {}, {}}, {0}, {2}}, {{"add", "add", {}, {}}, {1, 2}, {3}}};
  graph.outputs = {{"y", 3, ExternalForm::integer}};
  const std::vector<Stream> streams(4, Stream{.rows = 100, .elements = 8, .lanes = 4, .bits = 8});
  const std::vector<LayerTiming> timings{{0.6, 600}, {0.1, 590}, {0.005, 5}};
  const auto beats = schedule(graph, streams, timings, 1000).waiting_beats;
  EXPECT_THAT(beats[1], ElementsAre(0));
  EXPECT_THAT(beats[2], ElementsAre(100 + 4 + 4));  // half of 200 beats, two rows, 4
}

}  // namespace
}  // namespace algean::kernels
