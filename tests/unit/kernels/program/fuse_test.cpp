// Layers that become one step give what they give apart, and do not become one where that would be seen.
#include "kernels/program/fuse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::kernels {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

LayerSpec conv(const std::string& name, std::int64_t channels, std::int64_t in, Random& random) {
  LayerSpec layer{name, "conv2d", {}, {}};
  const auto count = static_cast<std::size_t>(channels * in);
  layer.constants["weight"] =
      testing::constant(testing::real({channels, 1, 1, in}), testing::random_reals(random, count, -0.2, 0.2));
  return layer;
}

const ElementType element = ElementType::int8(Quantisation::per_tensor(1.0 / 32, -7));

// x -> shortcut; x -> first -> second; sum = shortcut + second; sum -> last.
Graph block() {
  Random random(1);
  Graph graph{"block", {}, {}, {}, {}};
  const ValueId x = graph.add_value("x", {element, {5, 9, 24}});
  graph.inputs.push_back({"x", x, ExternalForm::integer});
  const ValueId shortcut = testing::append(graph, library(), conv("shortcut", 40, 24, random), x, element);
  const ValueId first = testing::append(graph, library(), conv("first", 16, 24, random), x, element);
  const ValueId second = testing::append(graph, library(), conv("second", 40, 16, random), first, element);
  const ValueId sum = graph.add_value("sum_out", {element, {5, 9, 40}});
  const std::vector<ValueId> from{shortcut, second};
  const TensorType output = graph.values[sum].type;
  LayerSpec add =
      find_family(library(), "add")->quantise({"sum", "add", {}, {}}, graph.types(from), {&output, 1}).value();
  graph.layers.push_back({std::move(add), from, {sum}});
  const ValueId last = testing::append(graph, library(), conv("last", 8, 40, random), sum, element);
  graph.outputs.push_back({"y", last, ExternalForm::integer});
  return graph;
}

bool can_fuse() { return best_instruction_set() == InstructionSet::avx512_vnni; }

TEST(Fuse, TheLastOfTwoLayersJoinsTheirReader) {
  if (!can_fuse()) GTEST_SKIP() << "only AVX-512 has code for two layers";
  const Graph graph = block();
  const auto steps = make_steps(graph, library(), best_instruction_set(), {}).value();
  ASSERT_EQ(steps.size(), 4U);
  ASSERT_EQ(steps[2].layers.size(), 2U);
  EXPECT_EQ(steps[2].layers[0]->spec.name, "second");
  EXPECT_EQ(steps[2].layers[1]->spec.name, "sum");
  EXPECT_EQ(steps[2].inputs, (std::vector<ValueId>{2, 1}));  // of the convolution, then the shortcut
  EXPECT_THAT(compile(graph, library()).value()->describe(), HasSubstr("  second + sum (conv2d + add): "));
}

TEST(Fuse, GivesTheIntegersOfLayersApart) {
  const Graph graph = block();
  Random random(2);
  for (const InstructionSet instructions : usable_instruction_sets()) {
    const auto program = compile(graph, library(), {instructions, {}}).value();
    for (int i = 0; i < 20; ++i) {
      const Tensor x = testing::random_int8(random, graph.values[0].type);
      ASSERT_EQ(testing::run_engine(*program, x), interpret(graph, library(), {&x, 1}).value().at(0))
          << to_text(instructions);
    }
  }
}

TEST(Fuse, KeepsApartWhatIsTapped) {
  const Graph graph = block();
  const auto program = compile(graph, library(), {best_instruction_set(), {"second_out"}}).value();
  EXPECT_THAT(program->describe(), Not(HasSubstr("second + sum")));
  if (can_fuse()) {
    EXPECT_THAT(program->describe(), HasSubstr("shortcut + sum"));
  }
  const auto both = compile(graph, library(), {best_instruction_set(), {"second_out", "shortcut_out"}}).value();
  EXPECT_THAT(both->describe(), HasSubstr("program 'block': 5 steps"));
}

TEST(Fuse, KeepsApartWhatIsAnOutputOrReadTwice) {
  Graph output = block();
  output.outputs.push_back({"z", output.layers[2].outputs[0], ExternalForm::integer});
  EXPECT_THAT(compile(output, library()).value()->describe(), Not(HasSubstr("second + sum")));

  Graph twice = block();
  Random random(3);
  const ValueId again =
      testing::append(twice, library(), conv("again", 8, 40, random), twice.layers[2].outputs[0], element);
  twice.outputs.push_back({"z", again, ExternalForm::integer});
  EXPECT_THAT(compile(twice, library()).value()->describe(), Not(HasSubstr("second + sum")));
}

}  // namespace
}  // namespace algean::kernels
