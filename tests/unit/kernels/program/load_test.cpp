// Engines of graph files, what they keep of a run, and how fast this CPU is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/graph/interpreter.hpp"
#include "kernels/graph/text.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "kernels/program/speed.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::kernels {
namespace {

using testing::dense_network;
using ::testing::HasSubstr;
using testing::run_engine;
using ::testing::StartsWith;

TEST(LoadEngine, RunsWhatTheFileSaysAndKeepsWhatIsTapped) {
  const Graph graph = dense_network(library(), {8, 16, 4}, 3);
  const auto file = serialise(graph);
  CompileOptions options;
  options.taps = {"dense_1_out", "x"};
  const auto engine = load_engine(file, "kernel 1", library(), options).value();
  Random random(1);
  const Tensor x = testing::random_int8(random, graph.values[0].type);
  const Tensor y = run_engine(*engine, x);
  std::vector<Tensor> values;
  const auto expected =
      interpret(graph, library(), {&x, 1}, [&](ValueId, const Tensor& tensor) { values.push_back(tensor); });
  EXPECT_EQ(y, expected.value()[0]);
  EXPECT_EQ(engine->tap("x"), values[0]);
  EXPECT_EQ(engine->tap("dense_1_out"), values[1]);
}

TEST(LoadEngine, FloatReferenceIsTappedToo) {
  Graph graph{"real", {}, {}, {}, {}};
  const ValueId x = graph.add_value("x", testing::real({2}));
  graph.inputs.push_back({"x", x, ExternalForm::float32});
  const ValueId middle = testing::append(graph, library(), {"first", "tanh", {}, {}}, x, ElementType::float32());
  const ValueId y = testing::append(graph, library(), {"second", "tanh", {}, {}}, middle, ElementType::float32());
  graph.outputs.push_back({"y", y, ExternalForm::float32});
  CompileOptions options;
  options.taps = {"first_out"};
  const auto engine = load_engine(serialise(graph), "kernel 1", library(), options).value();
  run_engine(*engine, testing::tensor<float>(testing::real({2}), {0.0F, 1000.0F}));
  EXPECT_EQ(testing::elements<float>(engine->tap("first_out")), (std::vector<float>{0.0F, 1.0F}));

  options.taps = {"third_out"};
  const auto unknown = load_engine(serialise(graph), "kernel 1", library(), options);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "kernel 1: tap 'third_out' is no value of the graph");
}

TEST(LoadEngine, FileOfTheFutureIsNamed) {
  auto file = serialise(dense_network(library(), {8, 4}, 3));
  ASSERT_EQ(file[13], std::byte{'1'});  // "algean-graph 1"
  file[13] = std::byte{'2'};
  const auto engine = load_engine(file, "kernel 1", library());
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(engine.error().message, StartsWith("kernel 1"));
  file.resize(file.size() / 2);
  EXPECT_FALSE(load_engine(file, "kernel 1", library()));
}

TEST(LoadEngine, LayerThatNoFamilyKnows) {
  Graph graph = dense_network(library(), {8, 4}, 3);
  graph.layers[0].spec.operation = "dance";
  const auto engine = load_engine(serialise(graph), "kernel 1", library());
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(engine.error().message, StartsWith("kernel 1: "));
  EXPECT_THAT(engine.error().message, HasSubstr("dance"));
}

TEST(Speed, IsThatOfAComputer) {
  const double speed = measure_speed_gmacs(library(), SteadyClock());
  EXPECT_GT(speed, 0.001) << "sanitizers and emulators included";
  EXPECT_LT(speed, 10'000);
}

}  // namespace
}  // namespace algean::kernels
