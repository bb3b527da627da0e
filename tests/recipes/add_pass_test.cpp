// The recipe "add a pass" of partitioner/passes/README.md: its pass, before and after.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "partitioner/passes/passes.hpp"

namespace algean::partitioner {

Result<> merge_relus(kernels::Graph& graph, kernels::Families families);  // step 2 of the recipe

namespace {

using kernels::Graph;
using kernels::ValueId;

// x -> one relu a name -> output, each reading the one before it.
Graph relus(const std::vector<std::string>& names) {
  const TensorType type{ElementType::float32(), {4}};
  Graph graph;
  graph.name = "relus";
  ValueId at = graph.add_value("x", type);
  graph.inputs = {{"x", at, ExternalForm::float32}};
  for (const std::string& name : names) {
    const ValueId next = graph.add_value(name, type);
    graph.layers.push_back({{name, "relu", {}, {}}, {at}, {next}});
    at = next;
  }
  graph.outputs = {{"y", at, ExternalForm::float32}};
  return graph;
}

std::vector<std::string> names_after_merging(Graph graph) {
  const Graph before = graph;
  EXPECT_TRUE(merge_relus(graph, kernels::library()));
  const auto verified = kernels::verify(graph, kernels::library());
  EXPECT_TRUE(verified) << verified.error().message;
  const std::vector<float> x{-1.5F, 0, 2, -0.25F};
  const std::vector inputs{Tensor(before.values[0].type, std::span<const float>(x))};
  EXPECT_EQ(kernels::interpret(before, kernels::library(), inputs).value(),
            kernels::interpret(graph, kernels::library(), inputs).value());
  std::vector<std::string> names;
  for (const kernels::Layer& layer : graph.layers) names.push_back(layer.spec.name);
  return names;
}

TEST(AddPass, MergesRelus) { EXPECT_THAT(names_after_merging(relus({"a", "b"})), testing::ElementsAre("a")); }

TEST(AddPass, KeepsAReluThatSomebodyElseReads) {
  Graph graph = relus({"a", "b"});
  graph.outputs.push_back({"between", 1, ExternalForm::float32});
  EXPECT_THAT(names_after_merging(graph), testing::ElementsAre("a", "b"));
}

TEST(AddPass, KeepsAReluOfAnotherKind) {
  Graph graph = relus({"a", "b"});
  graph.layers[0].spec.attributes.set("negative_slope", 0.5);
  EXPECT_THAT(names_after_merging(graph), testing::ElementsAre("a", "b"));
}

}  // namespace
}  // namespace algean::partitioner
