// What every Engine promises, whatever computes behind it.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean {
namespace {

using kernels::Graph;
using kernels::InstructionSet;
using kernels::library;

// An implementation: makes an engine of a graph.
struct Backend {
  std::string name;
  Graph graph;
  std::function<std::unique_ptr<Engine>(const Graph&)> make;
};

Graph integer_network() { return kernels::testing::dense_network(library(), {33, 65, 17}, 8); }

Graph float_network() {
  Random random(4);
  Graph graph{"float", {}, {}, {}, {}};
  const auto x = graph.add_value("x", kernels::testing::real({33}));
  graph.inputs.push_back({"x", x, ExternalForm::float32});
  auto layer = kernels::testing::dense(17, 33, kernels::testing::random_reals(random, std::size_t{17} * 33, -1, 1));
  const auto y = kernels::testing::append(graph, library(), layer, x, ElementType::float32());
  graph.outputs.push_back({"y", y, ExternalForm::float32});
  return graph;
}

std::vector<Backend> backends() {
  std::vector<Backend> result;
  for (const InstructionSet instructions : kernels::usable_instruction_sets()) {
    result.push_back({std::string(to_text(instructions)), integer_network(), [instructions](const Graph& graph) {
                        return make_engine(graph, library(), {instructions, {}}).value();
                      }});
  }
  result.push_back(
      {"reference", float_network(), [](const Graph& graph) { return make_engine(graph, library()).value(); }});
  return result;
}

// An external tensor as a client may give it: exactly its bytes, 64-byte aligned, then 64 bytes that belong to someone
// else.
class Guarded {
 public:
  explicit Guarded(std::size_t bytes) : bytes_(bytes), buffer_(bytes + 64) {}
  [[nodiscard]] std::byte* data() const { return buffer_.data(); }
  [[nodiscard]] bool whole() const {
    return std::all_of(data() + bytes_, data() + bytes_ + 64, [](std::byte b) { return b == std::byte{0x5a}; });
  }

 private:
  std::size_t bytes_;
  kernels::testing::Buffer buffer_;
};

class EngineSuite : public ::testing::TestWithParam<Backend> {
 protected:
  Tensor random_input(const Engine& engine) {
    Tensor x(engine.inputs()[0].type);
    if (x.type().element.is_integer()) return kernels::testing::random_int8(random_, x.type());
    for (float& value : x.elements<float>()) value = static_cast<float>(random_.unit());
    return x;
  }

  Random random_{99};
  std::unique_ptr<Engine> engine_ = GetParam().make(GetParam().graph);
};

TEST_P(EngineSuite, PortsAreThoseOfTheGraph) {
  const Graph& graph = GetParam().graph;
  const auto inputs = graph.ports(graph.inputs);
  const auto outputs = graph.ports(graph.outputs);
  EXPECT_TRUE(std::ranges::equal(engine_->inputs(), inputs));
  EXPECT_TRUE(std::ranges::equal(engine_->outputs(), outputs));
}

TEST_P(EngineSuite, AnswersAreTheReferences) {
  for (int i = 0; i < 10; ++i) {
    const Tensor x = random_input(*engine_);
    EXPECT_EQ(kernels::testing::run_engine(*engine_, x), interpret(GetParam().graph, library(), {&x, 1}).value()[0]);
  }
}

TEST_P(EngineSuite, AnAnswerDoesNotDependOnEarlierOnes) {
  const Tensor x = random_input(*engine_);
  const Tensor first = kernels::testing::run_engine(*engine_, x);
  for (int i = 0; i < 5; ++i) (void)kernels::testing::run_engine(*engine_, random_input(*engine_));
  EXPECT_EQ(kernels::testing::run_engine(*engine_, x), first);
  EXPECT_EQ(kernels::testing::run_engine(*GetParam().make(GetParam().graph), x), first);
}

TEST_P(EngineSuite, TouchesNothingButItsOutputs) {
  const Tensor x = random_input(*engine_);
  const Guarded in(x.bytes().size());
  const Guarded out(engine_->outputs()[0].type.bytes());
  std::ranges::copy(x.bytes(), in.data());
  const std::byte* const inputs[] = {in.data()};
  std::byte* const outputs[] = {out.data()};
  engine_->run(inputs, outputs);
  EXPECT_TRUE(std::equal(x.bytes().begin(), x.bytes().end(), in.data()));
  EXPECT_TRUE(in.whole());
  EXPECT_TRUE(out.whole());
  const Tensor y = kernels::testing::run_engine(*engine_, x);
  EXPECT_TRUE(std::equal(y.bytes().begin(), y.bytes().end(), out.data()));
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineSuite, ::testing::ValuesIn(backends()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace algean
