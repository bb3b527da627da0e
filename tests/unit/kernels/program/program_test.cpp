#include "kernels/program/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::kernels {
namespace {

using testing::append;
using testing::dense_network;
using ::testing::HasSubstr;
using testing::int8;
using testing::real;
using testing::run_engine;

std::vector<std::string> value_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Value& value : graph.values) names.push_back(value.name);
  return names;
}

// Every integer operation: [4,6] -> reshape -> dense -> tanh -> dense (relu) -> leaky_relu -> softmax, and a second
// output.
Graph mixed_network() {
  Random random(9);
  Graph graph{"mixed", {}, {}, {}, {}};
  const ElementType wide = ElementType::int8(Quantisation::per_tensor(1.0 / 32, 3));
  const ElementType narrow = ElementType::int8(Quantisation::per_tensor(1.0 / 127, 0));
  const ValueId x = graph.add_value("x", {wide, {4, 6}});
  graph.inputs.push_back({"x", x, ExternalForm::integer});
  const auto dense = [&](std::string name, std::int64_t n_out, std::int64_t n_in) {
    LayerSpec layer =
        testing::dense(n_out, n_in, testing::random_reals(random, static_cast<std::size_t>(n_out * n_in), -0.4, 0.4));
    layer.name = std::move(name);
    return layer;
  };
  ValueId at = append(graph, library(), {"flat", "reshape", {{"shape", std::vector<std::int64_t>{24}}}, {}}, x, wide);
  at = append(graph, library(), dense("first", 33, 24), at, wide);
  const ValueId squashed = append(graph, library(), {"squash", "tanh", {}, {}}, at, narrow);
  at = append(graph, library(), dense("second", 10, 33), squashed, wide);
  at = append(graph, library(), {"leak", "leaky_relu", {{"slope", 0.25}}, {}}, at, wide);
  at = append(graph, library(), {"classes", "softmax", {}, {}}, at,
              ElementType::int8(Quantisation::per_tensor(1.0 / 256, -128)));
  graph.outputs.push_back({"classes", at, ExternalForm::integer});
  graph.outputs.push_back({"squashed", squashed, ExternalForm::integer});
  return graph;
}

TEST(Program, GivesTheReferencesIntegersOnEveryInstructionSet) {
  Random random(17);
  for (const std::vector<std::int64_t>& widths :
       {std::vector<std::int64_t>{1, 1}, {16, 64, 32, 32, 5}, {276, 184, 92, 92, 276}, {7, 130, 3}}) {
    const Graph graph = dense_network(library(), widths, 42);
    for (const InstructionSet instructions : usable_instruction_sets()) {
      const auto program = compile(graph, library(), {instructions, {}}).value();
      for (int repeat = 0; repeat < 3; ++repeat) {
        const Tensor x = testing::random_int8(random, graph.values[0].type);
        ASSERT_EQ(run_engine(*program, x), interpret(graph, library(), {&x, 1}).value()[0]) << to_text(instructions);
      }
    }
  }
}

TEST(Program, TapsEveryValueOfAMixedNetwork) {
  Random random(18);
  const Graph graph = mixed_network();
  const auto program = compile(graph, library(), {best_instruction_set(), value_names(graph)}).value();
  for (int repeat = 0; repeat < 3; ++repeat) {
    const Tensor x = testing::random_int8(random, graph.values[0].type);
    Tensor classes(program->outputs()[0].type);
    Tensor squashed(program->outputs()[1].type);
    const std::byte* const inputs[] = {x.bytes().data()};
    std::byte* const outputs[] = {classes.bytes().data(), squashed.bytes().data()};
    program->run(inputs, outputs);
    const auto expected = interpret(graph, library(), {&x, 1}, [&](ValueId id, const Tensor& tensor) {
      EXPECT_EQ(program->tap(graph.values[id].name), tensor) << graph.values[id].name;
    });
    EXPECT_EQ(classes, expected.value()[0]);
    EXPECT_EQ(squashed, expected.value()[1]);
  }
}

TEST(Program, PassesAnInputStraightToAnOutput) {
  Graph graph{"wire", {}, {}, {}, {}};
  const ValueId x = graph.add_value("x", int8({5}, 1, 0));
  graph.inputs.push_back({"x", x, ExternalForm::integer});
  graph.outputs.push_back({"y", x, ExternalForm::integer});
  const auto program = compile(graph, library()).value();
  const Tensor given = testing::tensor<std::int8_t>(int8({5}, 1, 0), {1, 2, 3, 4, 5});
  EXPECT_EQ(run_engine(*program, given), given);
}

// x is read twice and leaves as it came; `early` leaves under two names and is read by two later layers, between which
// others come and go. Sizes differ, so that buffers given to somebody else would show.
Graph branchy_network() {
  Random random(21);
  Graph graph{"branchy", {}, {}, {}, {}};
  const ElementType wide = ElementType::int8(Quantisation::per_tensor(1.0 / 32, 3));
  const ValueId x = graph.add_value("x", {wide, {100}});
  graph.inputs.push_back({"x", x, ExternalForm::integer});
  const auto dense = [&](std::string name, std::int64_t n_out, ValueId from) {
    const std::int64_t n_in = graph.values[from].type.shape.channels();
    LayerSpec layer =
        testing::dense(n_out, n_in, testing::random_reals(random, static_cast<std::size_t>(n_out * n_in), -0.3, 0.3));
    layer.name = std::move(name);
    return append(graph, library(), layer, from, wide);
  };
  const auto leak = [&](std::string name, ValueId from) {
    return append(graph, library(), {std::move(name), "leaky_relu", {{"slope", 0.25}}, {}}, from, wide);
  };
  const ValueId early = dense("early", 70, x);
  const ValueId left = leak("left2", dense("left1", 130, early));
  const ValueId from_x = dense("from_x", 65, x);
  const ValueId right = dense("right2", 30, leak("right1", early));
  const ValueId last = dense("last", 40, leak("joint", from_x));
  const std::pair<const char*, ValueId> outputs[] = {{"early", early}, {"left", dense("left3", 20, left)},
                                                     {"x", x},         {"early again", early},
                                                     {"right", right}, {"last", last}};
  for (const auto& [name, id] : outputs) graph.outputs.push_back({name, id, ExternalForm::integer});
  return graph;
}

TEST(Program, KeepsSharedBuffersApartWithoutTaps) {
  const Graph graph = branchy_network();
  ASSERT_TRUE(verify(graph, library())) << verify(graph, library()).error().message;
  Random random(22);
  for (const InstructionSet instructions : usable_instruction_sets()) {
    const auto program = compile(graph, library(), {instructions, {}}).value();
    for (int repeat = 0; repeat < 3; ++repeat) {
      const Tensor x = testing::random_int8(random, graph.values[0].type);
      std::vector<Tensor> outputs;
      std::vector<std::byte*> to;
      for (const Port& port : program->outputs()) outputs.emplace_back(port.type);
      for (Tensor& tensor : outputs) to.push_back(tensor.bytes().data());
      const std::byte* const from[] = {x.bytes().data()};
      program->run(from, to);
      const auto expected = interpret(graph, library(), {&x, 1}).value();
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        EXPECT_EQ(outputs[i], expected[i]) << graph.outputs[i].name << " on " << to_text(instructions);
      }
    }
  }
}

TEST(Program, DescribesItsPlan) {
  const auto program =
      compile(dense_network(library(), {16, 64, 5}, 1), library(), {InstructionSet::portable, {}}).value();
  // Blocks of 16 outputs: 64 bytes for each 4 inputs, and 128 bytes of bias and scale.
  EXPECT_EQ(program->weight_bytes(), 4U * (4 + 2) * 64 + 1U * (16 + 2) * 64);
  EXPECT_EQ(program->describe(),
            "program 'network': 2 steps for portable, 2688 bytes of weights, 128 bytes of buffers\n"
            "  dense_1 (dense): int8[16] -> int8[64], 1536 bytes of weights\n"
            "  dense_2 (dense): int8[64] -> int8[5], 1152 bytes of weights\n");
}

TEST(Program, LaysWeightsOnHugePageBoundaries) {
  const auto program = compile(dense_network(library(), {276, 276}, 1), library()).value();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(program->weights().data()) % (2U << 20U), 0U);
  EXPECT_EQ(program->weights().size(), 18U * (69 + 2) * 64);
}

TEST(ProgramRejects, WhatItCannotCompile) {
  const Graph good = dense_network(library(), {4, 3}, 1);
  const auto tapped = compile(good, library(), {InstructionSet::portable, {"x", "hidden"}});
  ASSERT_FALSE(tapped);
  EXPECT_EQ(tapped.error().message, "tap 'hidden' is no value of the graph");

  Graph broken = good;
  broken.layers[0].spec.attributes.set("accumulator_bits", std::int64_t{3});
  const auto unverified = compile(broken, library());
  ASSERT_FALSE(unverified);
  EXPECT_THAT(unverified.error().message, HasSubstr("dense_1"));
  EXPECT_THAT(unverified.error().message, HasSubstr("attribute 'accumulator_bits' is 3, the weights give"));

  Graph real_graph{"real", {}, {}, {}, {}};
  const ValueId x = real_graph.add_value("x", real({2}));
  real_graph.inputs.push_back({"x", x, ExternalForm::float32});
  const ValueId y = append(real_graph, library(), {"layer", "tanh", {}, {}}, x, ElementType::float32());
  real_graph.outputs.push_back({"y", y, ExternalForm::float32});
  const auto real_program = compile(real_graph, library());
  ASSERT_FALSE(real_program);
  EXPECT_EQ(real_program.error().message,
            "graph 'real' is not of integers throughout; only a quantised graph is compiled");

  const auto engine = make_engine(real_graph, library()).value();
  EXPECT_EQ(engine->inputs()[0].name, "x");
  const Tensor given = testing::tensor<float>(real({2}), {0.0F, 1000.0F});
  EXPECT_EQ(testing::elements<float>(run_engine(*engine, given)), (std::vector<float>{0.0F, 1.0F}));
}

TEST(MakeEngine, CompilesAGraphOfIntegers) {
  const Graph graph = dense_network(library(), {8, 8}, 3);
  const auto engine = make_engine(graph, library()).value();
  EXPECT_NE(dynamic_cast<Program*>(engine.get()), nullptr);
}

}  // namespace
}  // namespace algean::kernels
