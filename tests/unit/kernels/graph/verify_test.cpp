#include <gmock/gmock.h>

#include <limits>

#include "small_families.hpp"

namespace algean::kernels::testing {
namespace {

using ::testing::HasSubstr;

std::string message(const Graph& graph) {
  const auto result = verify(graph, small_families);
  return result ? "accepted" : result.error().message;
}

TEST(Verify, AcceptsGoodGraphs) {
  EXPECT_EQ(message(small_graph()), "accepted");
  EXPECT_EQ(message(small_integer_graph()), "accepted");
}

TEST(Verify, NamesEachBrokenRule) {
  struct Case {
    std::function<void(Graph&)> harm;
    const char* message;
  };
  const std::vector<Case> cases = {
      {[](Graph& g) { g.values[1].name = ""; }, "value 1 has no name"},
      {[](Graph& g) { g.values[1].name = "x"; }, "two values are named 'x'"},
      {[](Graph& g) { g.layers[1].spec.name = ""; }, "layer 1 (add) has no name"},
      {[](Graph& g) { g.layers[1].spec.name = "double"; }, "two layers are named 'double'"},
      {[](Graph& g) { g.inputs.clear(); }, "no input"},
      {[](Graph& g) { g.outputs.clear(); }, "no output"},
      {[](Graph& g) { g.outputs[0].name = ""; }, "an output has no name"},
      {[](Graph& g) { g.outputs.push_back(g.outputs[0]); }, "two outputs are named 'y'"},
      {[](Graph& g) { g.outputs[0].value = 3; }, "output 'y': value 3 of 3 does not exist"},
      {[](Graph& g) { g.inputs.push_back({"z", 0, {}}); }, "input 'z': value 'x' is another input too"},
      {[](Graph& g) { g.inputs[0].form = ExternalForm::integer; },
       "input 'x': form integer, but the tensor is float32"},
      {[](Graph& g) { g.layers[0].inputs[0] = 9; }, "layer 'double': input value 9 does not exist"},
      {[](Graph& g) { g.layers[0].outputs[0] = 9; }, "layer 'double': output value 9 does not exist"},
      {[](Graph& g) { g.layers[0].outputs.clear(); }, "layer 'double': has no output"},
      {[](Graph& g) { g.layers[0].outputs[0] = 0; }, "layer 'double': value 'x' is produced a second time"},
      {[](Graph& g) { std::swap(g.layers[0], g.layers[1]); }, "layer 'sum': reads value 'h' before it is produced"},
      {[](Graph& g) { g.add_value("w", g.values[0].type); }, "value 'w' is neither an input nor produced by a layer"},
      {[](Graph& g) { g.layers[0].inputs.push_back(0); }, "layer 'double': 2 inputs, scale has 1"},
      {[](Graph& g) { g.values[2].type.shape = {5}; }, "layer 'sum': output 'y' is [5], add makes [4]"},
      {[](Graph& g) { g.layers[0].spec.attributes.set("forbidden", std::int64_t{1}); },
       "layer 'double': attribute 'forbidden' is set"},
      {[](Graph& g) { g.layers[0].spec.constants["factor"] = nullptr; },
       "layer 'double': constant 'factor' has no tensor"},
      {[](Graph& g) { g.values[1].type.element = ElementType::int8(); },
       "layer 'double': mixes float32 and integer tensors"},
  };
  for (const Case& broken : cases) {
    Graph graph = small_graph();
    broken.harm(graph);
    EXPECT_EQ(message(graph), broken.message);
  }
}

TEST(Verify, NamesAllUnsupportedOperationsAtOnce) {
  Graph graph = small_graph();
  graph.layers[0].spec.operation = "lstm";
  graph.layers[1].spec.operation = "gru";
  EXPECT_EQ(message(graph), "unsupported operations 'lstm' of layer 'double', 'gru' of layer 'sum'");
}

TEST(Verify, RejectsIllFormedQuantisations) {
  struct Case {
    ElementType element;
    const char* message;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Case> cases = {
      {ElementType::int8(Quantisation{{}, {}, -1}), "0 scales, a tensor without an axis has 1"},
      {ElementType::int8(Quantisation{{1}, {0, 0}, -1}), "2 zero points for 1 scales"},
      {ElementType::int8(Quantisation{{1}, {0}, 1}), "quantised along axis 1 of a tensor [3]"},
      {ElementType::int8(Quantisation{{1, 1}, {0, 0}, 0}), "2 scales for 3 channels of axis 0"},
      {ElementType::int8(Quantisation::per_tensor(0, 0)), "scale 0 is 0, must be finite and above 0"},
      {ElementType::int8(Quantisation::per_tensor(nan, 0)), "scale 0 is nan, must be finite and above 0"},
      {ElementType::int8(Quantisation{{1, 1, -2}, {0, 0, 0}, 0}), "scale 2 is -2, must be finite and above 0"},
      {ElementType::int8(Quantisation::per_tensor(1e-310, 0)),
       "scale 0 is 1e-310, so small that 1 / scale is not finite"},
      {ElementType::int8(Quantisation{{1, 5e-324, 1}, {0, 0, 0}, 0}),
       "scale 1 is 5e-324, so small that 1 / scale is not finite"},
      {ElementType::int8(Quantisation::per_tensor(1, 128)), "zero point 0 is 128, outside int8"},
      {ElementType::float32().with(Quantisation::per_tensor(1, 0)), "float32 with a quantisation"},
  };
  for (const Case& broken : cases) {
    Graph graph = small_integer_graph();
    graph.values[1].type.element = broken.element;
    EXPECT_THAT(message(graph), HasSubstr(std::string("value 'y': ") + broken.message));
  }
  Graph graph = small_integer_graph();
  graph.values[0].type.element = ElementType::int8();
  EXPECT_EQ(message(graph), "input 'x': form float32 needs an integer tensor with one scale");
}

TEST(Verify, RejectsConstantsOutsideTheirType) {
  Graph graph = small_integer_graph();
  const std::int8_t nine = 9;
  graph.layers[0].spec.constants["offset"] =
      std::make_shared<Tensor>(TensorType{ElementType::integer(4, true), {1}}, std::span<const std::int8_t>(&nine, 1));
  EXPECT_EQ(message(graph), "layer 'shift': constant 'offset': element 0 is 9, outside int4");
}

TEST(Compact, DropsUnusedValuesAndRenumbers) {
  Graph graph = small_graph();
  const Graph expected = graph;
  graph.values.insert(graph.values.begin() + 1, Value{"unused", graph.values[0].type});
  graph.outputs[0].value = 3;
  graph.layers[0].outputs[0] = 2;
  graph.layers[1].inputs[1] = 2;
  graph.layers[1].outputs[0] = 3;
  const Graph result = compact(graph);
  EXPECT_EQ(message(result), "accepted");
  ASSERT_EQ(result.values.size(), expected.values.size());
  for (std::size_t i = 0; i < expected.values.size(); ++i) EXPECT_EQ(result.values[i].name, expected.values[i].name);
  EXPECT_EQ(result.layers[1].inputs, expected.layers[1].inputs);
}

}  // namespace
}  // namespace algean::kernels::testing
