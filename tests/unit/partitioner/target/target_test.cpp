#include "partitioner/target/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace algean::partitioner {
namespace {

using testing::ElementsAre;

TargetNode node(std::string name, std::string host, std::optional<double> speed_gmacs = {}) {
  TargetNode result;
  result.name = std::move(name);
  result.host = std::move(host);
  result.speed_gmacs = speed_gmacs;
  return result;
}

// Two nodes of this host, one behind an agent of this host, two of another host.
Target example() {
  Target target;
  target.nodes = {node("a", "local", 100), node("b", "local"), node("c", "tcp://127.0.0.1:7300"),
                  node("d", "tcp://10.0.0.2:7300"), node("e", "tcp://10.0.0.2:7301", 50)};
  return target;
}

TEST(Target, LinksAreTheSameBothWays) {
  Target target = example();
  target.default_link = {"tcp", {}, 10, {}};
  target.links = {{1, 3, {"tcp", 9000, {}, {}}}};
  EXPECT_EQ(target.link(3, 1).mtu, 9000U);
  EXPECT_EQ(target.link(1, 3), target.link(3, 1));
  EXPECT_EQ(target.link(0, 1).bandwidth_gbps, 10);
  EXPECT_EQ(target.find("e"), 4U);
  EXPECT_EQ(target.find("z"), std::nullopt);
}

TEST(Target, MtuIsThatOfLoopbackWithinAHostAndOfEthernetBetweenHosts) {
  Target target = example();
  EXPECT_EQ(target.mtu(0, 1), 65535U);
  EXPECT_EQ(target.mtu(2, 1), 65535U);
  EXPECT_EQ(target.mtu(3, 4), 65535U);
  EXPECT_EQ(target.mtu(0, 3), 1500U);
  target.default_link.mtu = 4000;
  EXPECT_EQ(target.mtu(0, 1), 4000U);
}

TEST(Target, SpeedsAreDeclaredElseMeasuredElseTheLowestKnown) {
  EXPECT_THAT(speeds_gmacs(example(), 80), ElementsAre(100, 80, 50, 50, 50));
  EXPECT_THAT(speeds_gmacs(example(), std::nullopt), ElementsAre(100, 50, 50, 50, 50));
  Target unknown = example();
  for (TargetNode& node : unknown.nodes) node.speed_gmacs.reset();
  EXPECT_THAT(speeds_gmacs(unknown, std::nullopt), ElementsAre(1, 1, 1, 1, 1));
}

TEST(Target, PollingThreadsCountTheClientOfThisHost) {
  EXPECT_THAT(polling_threads(example().nodes), ElementsAre(4, 4, 4, 2, 2));
}

TEST(Target, AloneItIsOneLocalNode) {
  const Target target = local_target();
  ASSERT_EQ(target.nodes.size(), 1U);
  EXPECT_TRUE(target.nodes[0].is_local());
}

}  // namespace
}  // namespace algean::partitioner
