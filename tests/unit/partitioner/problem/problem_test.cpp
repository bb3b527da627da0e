#include "partitioner/problem/problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "partitioner/passes/passes.hpp"
#include "tests/unit/partitioner/passes/networks.hpp"
#include "tests/unit/partitioner/support/dags.hpp"

namespace algean::partitioner {
namespace {

using testing::all_families;
using ::testing::ElementsAre;

TEST(Problem, HasTheWorkOfFamiliesAndTheBytesOfEdges) {
  testing::Dag dag(1);
  const auto x = dag.input("x", 8);
  const auto a = dag.dense("a", x, 16);
  const auto b = dag.squash("b", a);
  dag.dense("dead", b, 50);
  dag.output("y", dag.join("c", a, b));
  const Problem problem = make_problem(dag.graph, all_families(), {3, 4});
  EXPECT_THAT(problem.work, ElementsAre(128, 16, 0, 16));
  EXPECT_THAT(problem.live, ElementsAre(true, true, false, true));
  EXPECT_THAT(problem.edges, ElementsAre(Problem::Edge{0, 1, 16}, Problem::Edge{0, 3, 16}, Problem::Edge{1, 3, 16}));
  EXPECT_THAT(problem.speeds_gmacs, ElementsAre(3, 4));
  EXPECT_EQ(problem.pins.size(), 4U);
}

TEST(WantedRate, IsInferencesOrCyclesOfAClock) {
  EXPECT_EQ(wanted_rate(std::nullopt), std::nullopt);
  EXPECT_EQ(wanted_rate(Net::Target{std::nullopt, 1000, std::nullopt}), 1000);
  EXPECT_EQ(wanted_rate(Net::Target{100, std::nullopt, 200}), 2e6);
  EXPECT_EQ(wanted_rate(Net::Target{100, std::nullopt, std::nullopt}), std::nullopt);
}

// fc1 -> bn (folded into fc1) -> relu (fused into fc1) -> flat (removed) -> fc2, before and after the float passes.
class Pins : public ::testing::Test {
 protected:
  Pins() {
    testing::Network network(5, Shape{6});
    network.dense("fc1", 4);
    network.batch_norm("bn");
    network.layer("relu", "relu");
    network.layer("flat", "reshape", {{"shape", std::vector<std::int64_t>{4}}});
    const auto y = network.dense("fc2", 3);
    network.graph.outputs = {{"y", y, ExternalForm::float32}};
    imported_ = network.graph;
    runnable_ = imported_;
    EXPECT_TRUE(simplify(runnable_, kernels::library()));
    EXPECT_EQ(runnable_.layers.size(), 2U);
    target_.nodes.resize(2);
    target_.nodes[0].name = "a";
    target_.nodes[1].name = "b";
  }
  static Net::LayerHint line(std::string layer, std::string node) {
    Net::LayerHint hint;
    hint.where = "net.json:" + layer;
    hint.layer = std::move(layer);
    hint.node = std::move(node);
    return hint;
  }
  [[nodiscard]] auto follow(const std::vector<Net::LayerHint>& lines) const {
    return follow_pins(lines, imported_, runnable_, target_);
  }
  [[nodiscard]] std::string message(const std::vector<Net::LayerHint>& lines) const {
    const auto pins = follow(lines);
    return pins ? "accepted" : pins.error().message;
  }

  kernels::Graph imported_, runnable_;
  Target target_;
};

TEST_F(Pins, AreFollowedIntoTheLayerThatMakesTheirValue) {
  EXPECT_THAT(*follow({line("fc1", "b")}), ElementsAre(1, std::nullopt));
  EXPECT_THAT(*follow({line("fc2", "a")}), ElementsAre(std::nullopt, 0));
  EXPECT_THAT(*follow({line("relu", "b")}), ElementsAre(1, std::nullopt));
  EXPECT_THAT(*follow({line("relu", "b"), line("fc1", "b"), line("fc2", "a")}), ElementsAre(1, 0));
  Net::LayerHint without_node = line("fc1", "b");
  without_node.node.reset();
  EXPECT_THAT(*follow({without_node}), ElementsAre(std::nullopt, std::nullopt));
}

TEST_F(Pins, ThatCannotHoldAreRefusedWithTheirPlace) {
  EXPECT_EQ(message({line("fc1", "c")}),
            "net.json:fc1: 'layers.fc1.node' names no node of the cluster: 'c'; it has 'a', 'b'");
  EXPECT_EQ(message({line("bn", "a")}),
            "net.json:bn: 'layers.bn.node': passes removed this layer or folded it into several others; `algean check` "
            "lists those that can have a node");
  EXPECT_EQ(message({line("fc1", "a"), line("relu", "b")}),
            "net.json:relu: 'layers.relu.node' is 'b', but layer 'fc1', which it is part of, is put on 'a' by "
            "net.json:fc1");
}

TEST_F(Pins, OfALayerThatNoOutputNeeds) {
  runnable_.outputs[0].value = runnable_.layers[0].outputs[0];
  EXPECT_EQ(message({line("fc2", "a")}), "net.json:fc2: 'layers.fc2.node': no output needs layer 'fc2'");
}

}  // namespace
}  // namespace algean::partitioner
