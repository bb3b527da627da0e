#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "partitioner/search/search.hpp"
#include "runtime/base/random.hpp"

namespace algean::partitioner {
namespace {

using testing::ElementsAre;

Problem problem_of(std::vector<double> work, std::vector<double> speeds_gmacs) {
  Problem problem;
  problem.live.assign(work.size(), true);
  problem.pins.resize(work.size());
  problem.work = std::move(work);
  problem.speeds_gmacs = std::move(speeds_gmacs);
  return problem;
}

TEST(Greedy, FillsANodeToFourFifthsThenTheNext) {
  // In 1 us a node of 1 GMAC/s does 1000 MACs, of which 800 are filled.
  Problem problem = problem_of({500, 300, 1, 799, 10}, {1, 1, 1});
  problem.inferences_per_s = 1e6;
  const auto assignment = greedy(problem);
  ASSERT_TRUE(assignment) << assignment.error().message;
  EXPECT_THAT(assignment->nodes, ElementsAre(0, 0, 1, 1, 2));
  EXPECT_EQ(assignment->interval_s, 1e-6);
}

TEST(Greedy, WithoutARateTheIntervalIsTheLeastThatFits) {
  const auto even = greedy(problem_of({10, 10, 10, 10, 10, 10}, {1, 1, 1}));
  EXPECT_THAT(even->nodes, ElementsAre(0, 0, 1, 1, 2, 2));
  EXPECT_NEAR(even->interval_s, 20e-9 / node_fill, 1e-12);
  const auto uneven = greedy(problem_of({10, 10, 10, 10, 10, 10}, {4, 1, 1}));
  EXPECT_THAT(uneven->nodes, ElementsAre(0, 0, 0, 0, 1, 2));
  EXPECT_THAT(greedy(problem_of({1, 100, 1}, {1, 1}))->nodes, ElementsAre(0, 0, 1));
  EXPECT_THAT(greedy(problem_of({5, 5, 5}, {1}))->nodes, ElementsAre(0, 0, 0));
}

TEST(Greedy, PinsHoldAndCountFirst) {
  Problem problem = problem_of({10, 10, 10, 10}, {1, 1});
  problem.pins[3] = 0;
  EXPECT_THAT(greedy(problem)->nodes, ElementsAre(0, 1, 1, 0));
  problem.pins = {1, 1, 1, 1};
  EXPECT_THAT(greedy(problem)->nodes, ElementsAre(1, 1, 1, 1));
}

TEST(Greedy, LayersThatNobodyNeedsCostNothing) {
  Problem problem = problem_of({10, 0, 10}, {1, 1});
  problem.live[1] = false;
  EXPECT_THAT(greedy(problem)->nodes, ElementsAre(0, testing::_, 1));
}

TEST(Greedy, NoWorkAtAll) {
  EXPECT_THAT(greedy(problem_of({}, {1, 1}))->nodes, ElementsAre());
  const auto nothing = greedy(problem_of({0, 0}, {1, 1}));
  EXPECT_THAT(nothing->nodes, ElementsAre(0, 0));
  EXPECT_EQ(nothing->interval_s, 0);
}

TEST(Greedy, ARateThatDoesNotFitIsRefusedWithTheOneThatDoes) {
  Problem problem = problem_of({500, 500}, {1, 1});
  problem.inferences_per_s = 2e6;
  const auto refused = greedy(problem);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(refused.error().message,
            "2e+06 inferences/s do not fit: each node filled to 80 %, these nodes do 1.6e+06 inferences/s of this "
            "network in this order");
  problem.inferences_per_s = 1.5e6;
  EXPECT_TRUE(greedy(problem));
}

TEST(Greedy, WhateverTheProblemNodesAreFilledInOrderAndNeverBeyond) {
  Random random(3);
  for (int i = 0; i < 500; ++i) {
    std::vector<double> work(random.below(20));
    std::vector<double> speeds(1 + random.below(6));
    for (double& value : work) value = static_cast<double>(random.below(1000));
    for (double& value : speeds) value = 0.1 + 10 * random.unit();
    Problem problem = problem_of(work, speeds);
    for (auto& pin : problem.pins) {
      if (random.below(4) == 0) pin = random.below(speeds.size());
    }
    const auto assignment = greedy(problem);
    ASSERT_TRUE(assignment) << assignment.error().message;
    std::vector<double> load(speeds.size(), 0);
    std::size_t before = 0;
    for (std::size_t layer = 0; layer < work.size(); ++layer) {
      const std::size_t node = assignment->nodes[layer];
      load[node] += work[layer];
      if (problem.pins[layer]) {
        ASSERT_EQ(node, *problem.pins[layer]);
        continue;
      }
      ASSERT_GE(node, before);
      before = node;
    }
    for (std::size_t node = 0; node < speeds.size(); ++node) {
      EXPECT_LE(load[node], node_fill * speeds[node] * 1e9 * assignment->interval_s * (1 + 1e-6));
    }
  }
}

}  // namespace
}  // namespace algean::partitioner
