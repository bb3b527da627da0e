#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/program/program.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/passes.hpp"
#include "partitioner/passes/quantise.hpp"
#include "runtime/tensor/quantise.hpp"
#include "same_function.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::partitioner::testing {
namespace {

using ::testing::ElementsAre;
using Axes = std::vector<std::int64_t>;

// Two values "a" and "b" of one shape, made from the input.
struct Pair {
  explicit Pair(std::uint64_t seed) : net(seed, {3, 8}), a(net.dense("a", 6)) {
    net.at = 0;
    b = net.dense("b", 6);
  }
  // A layer of these inputs, of the first one's shape.
  ValueId join(const std::string& name, const std::string& operation, std::vector<ValueId> inputs,
               LayerSpec spec = {}) {
    spec.name = name;
    spec.operation = operation;
    const ValueId to = net.graph.add_value(name, net.graph.values[inputs[0]].type);
    net.graph.layers.push_back({std::move(spec), std::move(inputs), {to}});
    return net.at = to;
  }
  ValueId constant(const std::string& name, const std::string& operation, ValueId input, float value) {
    return join(name, operation, {input}, {"", "", {}, {{"operand", floats({1}, {value})}}});
  }
  ValueId reduce(const std::string& operation) { return net.layer("score", operation, {{"axes", Axes{0, 1}}}); }

  Network net;
  ValueId a, b = 0;
};

TEST(FuseScores, MeanSquaredError) {
  for (const std::string square : {"square", "multiply", "power"}) {
    Pair pair(1);
    const ValueId difference = pair.join("difference", "subtract", {pair.a, pair.b});
    if (square == "multiply") {
      pair.join("square", square, {difference, difference});
    } else {
      pair.net.layer("square", square,
                     square == "power" ? kernels::Attributes{{"exponent", 2.0}} : kernels::Attributes{});
    }
    pair.reduce("reduce_mean");
    const Graph fused = after(fuse_scores, pair.net.finish(), 1e-6);
    EXPECT_THAT(layer_names(fused), ElementsAre("a", "b", "score"));
    EXPECT_EQ(spec_of(fused, "score").operation, "mean_squared_error");
  }
}

// The parts of a KL divergence in a given order.
Graph divergence(bool square_first, bool factor_first) {
  Pair pair(2);
  const ValueId more = pair.constant("more", "add", pair.b, 1);
  const ValueId square = pair.join("square", "square", {pair.a});
  const ValueId power = pair.join("power", "exponential", {pair.b});
  const ValueId inner = pair.join("inner", "subtract", {more, square_first ? square : power});
  const ValueId outer = pair.join("outer", "subtract", {inner, square_first ? power : square});
  if (factor_first) {
    pair.constant("half", "multiply", outer, -0.5F);
    pair.reduce("reduce_sum");
  } else {
    pair.reduce("reduce_sum");
    pair.net.layer("half", "affine", {{"scale", -0.5}});
  }
  return pair.net.finish();
}

TEST(FuseScores, Divergence) {
  for (const bool square_first : {false, true}) {
    for (const bool factor_first : {false, true}) {
      const Graph fused = after(fuse_scores, divergence(square_first, factor_first), 1e-6);
      EXPECT_THAT(layer_names(fused), ElementsAre("a", "b", factor_first ? "score" : "half"));
      EXPECT_EQ(fused.layers.back().spec.operation, "kl_divergence");
    }
  }
}

TEST(FuseScores, KeepsItsHandsOff) {
  const auto unchanged = [](const Graph& graph) {
    return layer_names(after(fuse_scores, graph)) == layer_names(graph);
  };
  Pair read(3);  // another layer reads the score
  read.join("difference", "subtract", {read.a, read.b});
  read.net.layer("square", "square");
  read.reduce("reduce_mean");
  read.net.layer("root", "square_root");
  EXPECT_TRUE(unchanged(read.net.finish()));
  Pair shared(4);  // the difference is an output, too
  shared.net.output("d", shared.join("difference", "subtract", {shared.a, shared.b}));
  shared.net.layer("square", "square");
  shared.reduce("reduce_mean");
  EXPECT_TRUE(unchanged(shared.net.finish()));
  Pair sum(5);  // no mean
  sum.join("difference", "subtract", {sum.a, sum.b});
  sum.net.layer("square", "square");
  sum.reduce("reduce_sum");
  EXPECT_TRUE(unchanged(sum.net.finish()));
  Graph other = divergence(true, true);
  for (Layer& layer : other.layers) {
    if (layer.spec.name == "half") layer.spec.constants["operand"] = floats({1}, {0.5F});
  }
  EXPECT_TRUE(unchanged(other));
}

// A fused score in integers: the program's int32 is the reference's, and near the float score.
TEST(FuseScores, InIntegers) {
  Pair pair(6);
  pair.join("difference", "subtract", {pair.a, pair.b});
  pair.net.layer("square", "square");
  pair.reduce("reduce_mean");
  for (const Graph& given : {pair.net.finish(), divergence(true, false)}) {
    Graph graph = given;
    ASSERT_TRUE(simplify(graph, library()));
    const std::vector inputs = {sample_inputs(graph, 20, 7)};
    const auto ranges = calibrate(graph, library(), inputs, {CalibrationMethod::Kind::minmax}).value();
    const auto integers = quantise(graph, library(), ranges);
    ASSERT_TRUE(integers) << integers.error().message;
    EXPECT_EQ(integers->values[integers->outputs[0].value].type.element.name(), "int32");
    const auto program = kernels::compile(*integers, library(), {});
    ASSERT_TRUE(program) << program.error().message;
    for (std::size_t i = 0; i < 20; ++i) {
      const std::vector<Tensor> one = inference(graph, inputs, i);
      const auto wanted = kernels::interpret(graph, library(), one).value()[0].elements<float>()[0];
      const Tensor x = algean::quantise(one[0], integers->values[integers->inputs[0].value].type.element).value();
      const Tensor y = kernels::interpret(*integers, library(), {{x}}).value()[0];
      EXPECT_EQ(kernels::testing::run_engine(**program, x), y);
      EXPECT_NEAR(dequantise(y).elements<float>()[0], wanted, 0.05F * wanted + 0.02F);
    }
  }
}

}  // namespace
}  // namespace algean::partitioner::testing
