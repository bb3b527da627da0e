#include "kernels/circuit/fold.hpp"

#include <gmock/gmock.h>

#include "tests/rtl/circuit/toy_family.hpp"

namespace algean::kernels {
namespace {

Graph two_layers() {
  Graph graph;
  graph.name = "two";
  const TensorType type{ElementType::int8(), {6, 12}};
  for (const char* name : {"x", "h", "y"}) graph.add_value(name, type);
  graph.inputs = {{"x", 0, ExternalForm::integer}};
  graph.outputs = {{"y", 2, ExternalForm::integer}};
  graph.layers = {{{"first", "copy", {}, {}}, {0}, {1}}, {{"second", "copy", {}, {}}, {1}, {2}}};
  return graph;
}

Result<std::vector<LayerHardware>> fold(const FoldingGoal& goal, const Graph& graph = two_layers()) {
  return choose_foldings(graph, rtl::toy_families, goal);
}

TEST(Fold, TakesTheCheapestThatIsFastEnough) {
  const auto cycles_at = [](std::optional<std::int64_t> interval) {
    const auto chosen = fold({.interval_cycles = interval, .reuse_factors = {}, .options = {}});
    return chosen ? chosen->at(0).folding.simd : -1;
  };
  EXPECT_EQ(cycles_at(std::nullopt), 1);
  EXPECT_EQ(cycles_at(72), 1);
  EXPECT_EQ(cycles_at(71), 2);
  EXPECT_EQ(cycles_at(36), 2);
  EXPECT_EQ(cycles_at(35), 4);
  EXPECT_EQ(cycles_at(12), 8);
}

TEST(Fold, AReuseFactorIsOfOneLayerAndARow) {
  const auto chosen = fold({.interval_cycles = 72, .reuse_factors = {{"second", 3}}, .options = {}});
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen->at(0).folding, (Folding{1, 1}));
  EXPECT_EQ(chosen->at(1).folding, (Folding{4, 4}));  // 6 rows of 3 cycles
}

TEST(Fold, SaysWhichLayerIsTooSlow) {
  const auto refused = [](const FoldingGoal& goal, const Graph& graph = two_layers()) {
    const auto chosen = fold(goal, graph);
    return chosen ? "" : chosen.error().message;
  };
  EXPECT_EQ(refused({.interval_cycles = 11, .reuse_factors = {}, .options = {}}),
            "layer 'first': 12 cycles an inference at its fastest (SIMD 8, PE 8), more than the 11 wanted");
  EXPECT_EQ(refused({.interval_cycles = 0, .reuse_factors = {}, .options = {}}), "an interval is at least 1 cycle");
  EXPECT_EQ(refused({.interval_cycles = {}, .reuse_factors = {{"third", 2}}, .options = {}}),
            "reuse factor 2 for layer 'third', which the network does not have");
  EXPECT_EQ(refused({.interval_cycles = {}, .reuse_factors = {{"second", 0}}, .options = {}}),
            "layer 'second': reuse factor 0 is out of range");
  Graph graph = two_layers();
  graph.layers[1].spec.operation = "cube";
  EXPECT_EQ(refused({}, graph), "layer 'second': no hardware for operation 'cube'");
  graph = two_layers();
  graph.values[1].type.element = ElementType::float32();
  EXPECT_EQ(refused({}, graph), "'two' computes in floats: hardware takes integers");
}

}  // namespace
}  // namespace algean::kernels
