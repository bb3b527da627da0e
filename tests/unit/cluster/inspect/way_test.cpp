#include "cluster/inspect/way.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace algean::cluster {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const Way& way) {
  std::vector<std::string> lines;
  for (const Step& step : way.steps) {
    const std::string what = step.kind == Step::Kind::wire    ? fmt::format("{}->{}", step.from, step.node)
                             : step.kind == Step::Kind::queue ? fmt::format("queue {} {}", step.kernel, step.node)
                                                              : fmt::format("compute {} {}", step.kernel, step.node);
    lines.push_back(fmt::format("{} {:.0f}{}", what, step.ns, step.on_way ? "" : " beside"));
  }
  return lines;
}

TEST(LongestWay, OfAChainIsEverything) {
  const std::vector<KernelTime> kernels{{1, "a", 1, 10}, {2, "b", 2, 20}};
  const std::vector<WireTime> wires{{"client", "a", 5}, {"a", "b", 6}, {"b", "client", 7}};
  const std::vector<Hop> hops{{2, 0}, {1, 2}, {0, 1}};
  const Way way = longest_way(kernels, wires, hops);
  EXPECT_THAT(texts(way), ElementsAre("client->a 5", "queue 1 a 1", "compute 1 a 10", "a->b 6", "queue 2 b 2",
                                      "compute 2 b 20", "b->client 7"));
  EXPECT_DOUBLE_EQ(way.ns, 51);
}

TEST(LongestWay, OfALoneNode) {
  const std::vector<KernelTime> kernels{{1, "node", 1, 4}};
  const std::vector<WireTime> wires{{"client", "node", 5}, {"node", "client", 6}};
  const std::vector<Hop> hops{{0, 1}, {1, 0}};
  EXPECT_DOUBLE_EQ(longest_way(kernels, wires, hops).ns, 16);
}

TEST(LongestWay, LeavesTheShorterBranchBeside) {
  // client -> 1 -> {2, 3} -> 4 -> client; also client -> 4, and an output of 3.
  const std::vector<KernelTime> kernels{{1, "a", 0, 10}, {2, "b", 1, 50}, {3, "c", 1, 20}, {4, "a", 2, 10}};
  const std::vector<WireTime> wires{{"client", "a", 5}, {"a", "b", 3},      {"a", "c", 30},    {"b", "a", 4},
                                    {"c", "a", 4},      {"a", "client", 6}, {"c", "client", 5}};
  const std::vector<Hop> hops{{0, 1}, {0, 4}, {1, 2}, {1, 3}, {2, 4}, {3, 4}, {4, 0}, {3, 0}};
  const Way way = longest_way(kernels, wires, hops);
  EXPECT_THAT(texts(way),
              ElementsAre("client->a 5", "queue 1 a 0", "compute 1 a 10", "a->b 3", "queue 2 b 1", "compute 2 b 50",
                          "b->a 4", "queue 4 a 2", "compute 4 a 10", "a->client 6", "a->c 30 beside", "c->a 4 beside",
                          "c->client 5 beside", "queue 3 c 1 beside", "compute 3 c 20 beside"));
  EXPECT_DOUBLE_EQ(way.ns, 91);
}

TEST(LongestWay, GoesOverAWireTwiceAndStaysOnANode) {
  // 1 and 4 on a, 2 and 3 on b: a -> b, b -> b, b -> a, and again a -> b for the answer of 5.
  const std::vector<KernelTime> kernels{{1, "a", 1, 1}, {2, "b", 1, 1}, {3, "b", 1, 1}, {4, "a", 1, 1}, {5, "b", 1, 1}};
  const std::vector<WireTime> wires{{"client", "a", 10}, {"a", "b", 20}, {"b", "a", 30}, {"b", "client", 40}};
  const std::vector<Hop> hops{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}};
  EXPECT_DOUBLE_EQ(longest_way(kernels, wires, hops).ns, 5 * 2 + 10 + 20 + 30 + 20 + 40);
}

TEST(LongestWay, OfWhatNobodyTimedIsWhatIsKnown) {
  const std::vector<KernelTime> kernels{{1, "a", 1, 10}};
  const std::vector<Hop> hops{{0, 1}, {1, 2}, {2, 0}};
  EXPECT_DOUBLE_EQ(longest_way(kernels, {}, hops).ns, 11);
  EXPECT_DOUBLE_EQ(longest_way(kernels, {}, {}).ns, 0);
  const std::vector<Hop> cycle{{0, 1}, {1, 2}, {2, 1}, {2, 0}};
  EXPECT_DOUBLE_EQ(longest_way(kernels, {}, cycle).ns, 0) << "never ends otherwise";
}

}  // namespace
}  // namespace algean::cluster
