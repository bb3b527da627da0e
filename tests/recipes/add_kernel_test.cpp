// The recipe "add a kernel" of kernels/README.md: its family among the others, as a graph's user meets it.
#include <gmock/gmock.h>

#include <vector>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "kernels/reverse/reverse.hpp"
#include "runtime/base/random.hpp"

namespace algean::kernels {
namespace {

class AddKernel : public testing::Test {
 protected:
  AddKernel() : families_(library().begin(), library().end()) { families_.push_back(&reverse_); }

  static Graph graph_of(const TensorType& type) {
    Graph graph;
    graph.name = "reversed";
    const ExternalForm form = type.element.is_integer() ? ExternalForm::integer : ExternalForm::float32;
    const ValueId x = graph.add_value("x", type);
    const ValueId y = graph.add_value("y", type);
    graph.inputs = {{"x", x, form}};
    graph.outputs = {{"y", y, form}};
    graph.layers = {{{"turn", "reverse", {}, {}}, {x}, {y}}};
    return graph;
  }

  Reverse reverse_;
  std::vector<const Family*> families_;
};

TEST_F(AddKernel, ReversesTheLastAxisInFloat) {
  const TensorType type{ElementType::float32(), {2, 3}};
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  const auto y = interpret(graph_of(type), families_, std::vector{Tensor(type, std::span<const float>(x))});
  ASSERT_TRUE(y) << y.error().message;
  EXPECT_THAT(y->front().elements<float>(), testing::ElementsAre(3, 2, 1, 6, 5, 4));
}

TEST_F(AddKernel, TheProgramGivesTheIntegersOfTheReference) {
  const TensorType type{ElementType::int8(Quantisation::per_tensor(0.5, -7)), {5, 77}};
  const Graph graph = graph_of(type);
  auto program = compile(graph, families_);
  ASSERT_TRUE(program) << program.error().message;
  Tensor x(type);
  Random random(1);
  for (std::int8_t& element : x.elements<std::int8_t>()) element = static_cast<std::int8_t>(random.next());
  Tensor y(type);
  const std::vector<const std::byte*> from{x.bytes().data()};
  const std::vector<std::byte*> to{y.bytes().data()};
  (*program)->run(from, to);
  const auto expected = interpret(graph, families_, std::vector{x});
  ASSERT_TRUE(expected) << expected.error().message;
  EXPECT_EQ(y, expected->front());
  EXPECT_NE(y, x);
}

TEST_F(AddKernel, SaysWhichRuleALayerBreaks) {
  Graph graph = graph_of({ElementType::float32(), {4}});
  graph.layers[0].spec.attributes.set("axis", std::int64_t{0});
  const auto verified = verify(graph, families_);
  ASSERT_FALSE(verified);
  EXPECT_THAT(verified.error().message, testing::AllOf(testing::HasSubstr("turn"), testing::HasSubstr("axis")));
}

TEST_F(AddKernel, IsUnknownWithoutItsLineInTheList) {
  EXPECT_FALSE(verify(graph_of({ElementType::float32(), {4}}), library()));
}

}  // namespace
}  // namespace algean::kernels
