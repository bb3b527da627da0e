#include "kernels/graph/interpreter.hpp"

#include <gmock/gmock.h>

#include "small_families.hpp"

namespace algean::kernels::testing {
namespace {

using ::testing::ElementsAre;

Tensor floats(std::vector<float> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return Tensor({ElementType::float32(), {size}}, std::span<const float>(values));
}

TEST(Interpret, RunsFloatLayersAndShowsEveryValue) {
  std::vector<ValueId> seen;
  const std::vector inputs = {floats({1, -2, 3, 0.5})};
  const auto outputs = interpret(small_graph(), small_families, inputs, [&](ValueId id, const Tensor& tensor) {
    seen.push_back(id);
    EXPECT_EQ(tensor.shape(), Shape{4});
    if (id == 1) {
      EXPECT_EQ(tensor, floats({2, -4, 6, 1}));
    }
  });
  ASSERT_TRUE(outputs.has_value());
  EXPECT_THAT(*outputs, ElementsAre(floats({3, -6, 9, 1.5})));
  EXPECT_THAT(seen, ElementsAre(0, 1, 2));
}

TEST(Interpret, LetsTensorsGoWithTheirLastReader) {
  Graph graph = small_graph();  // (x, h) -> y, then y -> z
  const ValueId z = graph.add_value("z", graph.values[0].type);
  graph.layers.push_back(scale_layer("again", 2, 2, z));
  graph.outputs[0].value = z;
  const Tensor* h = nullptr;
  const std::vector inputs = {floats({1, 2, 3, 4})};
  const auto outputs = interpret(graph, small_families, inputs, [&](ValueId id, const Tensor& tensor) {
    if (id == 1) h = &tensor;
    EXPECT_EQ(tensor.bytes().size(), 16U);
    if (id == z) {
      EXPECT_TRUE(h->bytes().empty()) << "y was its last reader";
    }
  });
  ASSERT_TRUE(outputs.has_value());
  EXPECT_THAT(*outputs, ElementsAre(floats({6, 12, 18, 24})));
}

TEST(Interpret, RunsIntegerLayersInTheTypesOfTheGraph) {
  const Graph graph = small_integer_graph();
  const std::vector<std::int8_t> values = {-128, 0, 125};
  const std::vector inputs = {Tensor({ElementType::int8(), {3}}, std::span(values))};
  const auto outputs = interpret(graph, small_families, inputs);
  ASSERT_TRUE(outputs.has_value());
  EXPECT_EQ((*outputs)[0].type(), graph.values[1].type);
  EXPECT_THAT((*outputs)[0].elements<std::int8_t>(), ElementsAre(-123, 5, 127));
}

TEST(Interpret, RejectsInputsOfAnotherType) {
  const auto message = [](const Graph& graph, std::vector<Tensor> inputs) {
    const auto result = interpret(graph, small_families, inputs);
    return result ? "accepted" : result.error().message;
  };
  EXPECT_EQ(message(small_graph(), {}), "0 input tensors, the graph has 1");
  EXPECT_EQ(message(small_graph(), {floats({1, 2})}), "input 'x' is float32[2], must be float32[4]");
  EXPECT_EQ(message(small_graph(), {Tensor({ElementType::int8(), {4}})}), "input 'x' is int8[4], must be float32[4]");
  const ElementType other = ElementType::int8(Quantisation::per_tensor(0.5, -3));
  EXPECT_EQ(message(small_integer_graph(), {Tensor({other, {3}})}),
            "input 'x' is int8[3] of another quantisation, must be int8[3]");
  Graph unknown = small_graph();
  unknown.layers[0].spec.operation = "lstm";
  EXPECT_EQ(message(unknown, {floats({1, 2, 3, 4})}), "layer 'double': unsupported operation 'lstm'");
}

}  // namespace
}  // namespace algean::kernels::testing
