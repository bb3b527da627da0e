#include "kernels/graph/extract.hpp"

#include <gmock/gmock.h>

#include "kernels/graph/interpreter.hpp"
#include "small_families.hpp"

namespace algean::kernels::testing {
namespace {

using ::testing::ElementsAre;

TEST(Extract, APartIsAGraphOfItsOwn) {
  const Graph whole = small_graph();  // x -> double -> h; (x, h) -> sum -> y
  const std::size_t sum = 1;
  const ValueId inputs[] = {1, 0};
  const ValueId outputs[] = {2};
  const Graph part = extract(whole, "part", {&sum, 1}, inputs, outputs);
  const auto good = verify(part, small_families);
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(part.name, "part");
  ASSERT_EQ(part.inputs.size(), 2U);
  EXPECT_EQ(part.inputs[0].name, "h");
  EXPECT_EQ(part.inputs[1].name, "x");
  EXPECT_EQ(part.outputs[0].name, "y");
  const TensorType type = whole.values[0].type;
  const std::vector<float> two = {2, 4, 6, 8};
  const std::vector<float> one = {1, 2, 3, 4};
  const std::vector<Tensor> tensors = {Tensor(type, std::span<const float>(two)),
                                       Tensor(type, std::span<const float>(one))};
  const auto y = interpret(part, small_families, tensors);
  ASSERT_TRUE(y) << y.error().message;
  EXPECT_THAT((*y)[0].elements<float>(), ElementsAre(3, 6, 9, 12));
}

TEST(Extract, IntegersTravelAsTheyAreAndConstantsAreShared) {
  const Graph whole = small_integer_graph();
  const std::size_t layer = 0;
  const ValueId input = 0;
  const ValueId output = 1;
  const Graph part = extract(whole, "part", {&layer, 1}, {&input, 1}, {&output, 1});
  EXPECT_EQ(part.inputs[0].form, ExternalForm::integer);
  EXPECT_EQ(part.layers[0].spec.constant("offset"), whole.layers[0].spec.constant("offset"));
}

TEST(Extract, ValuesThatThePartDoesNotTouchAreLeftOut) {
  const Graph whole = small_graph();
  const ValueId x = 0;
  const Graph part = extract(whole, "part", {}, {&x, 1}, {&x, 1});
  EXPECT_TRUE(verify(part, small_families));
  EXPECT_EQ(part.values.size(), 1U);
}

TEST(LiveLayers, AreThoseThatAnOutputNeeds) {
  Graph graph = small_graph();
  EXPECT_THAT(live_layers(graph), ElementsAre(true, true));
  graph.outputs[0].value = 1;
  EXPECT_THAT(live_layers(graph), ElementsAre(true, false));
  graph.outputs[0].value = 0;
  EXPECT_THAT(live_layers(graph), ElementsAre(false, false));
}

}  // namespace
}  // namespace algean::kernels::testing
