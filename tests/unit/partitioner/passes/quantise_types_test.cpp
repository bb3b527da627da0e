// Types that a file states, in place of calibration.
#include <gmock/gmock.h>

#include "kernels/graph/text.hpp"
#include "networks.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/quantise.hpp"

namespace algean::partitioner::testing {
namespace {

using kernels::Range;

Graph several_layers() {
  Network net(3, {3, 8});
  net.reshape("flatten", {24});
  net.dense("fc1", 20);
  net.layer("leaky", "leaky_relu", {{"slope", 0.125}});
  net.dense("fc2", 16, false);
  net.layer("tanh1", "tanh");
  net.dense("fc6", 5);
  net.layer("softmax1", "softmax");
  return net.finish();
}

Graph quantised(const Graph& graph) {
  const std::vector inputs = {sample_inputs(graph, 100, 17)};
  const auto ranges = calibrate(graph, library(), inputs, {});
  EXPECT_TRUE(ranges.has_value()) << ranges.error().message;
  auto result = quantise(graph, library(), *ranges);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return *std::move(result);
}

ValueTypes types_of(const Graph& integers) {
  ValueTypes types;
  for (const kernels::Value& value : integers.values) types.emplace(value.name, value.type.element);
  return types;
}

TEST(QuantiseTypes, OfAFileTakeThePlaceOfCalibration) {
  const Graph graph = several_layers();
  const Graph calibrated = quantised(graph);
  ValueTypes types = types_of(calibrated);
  const auto same = quantise(graph, library(), {}, types);
  ASSERT_TRUE(same.has_value()) << same.error().message;
  EXPECT_EQ(kernels::serialise(*same), kernels::serialise(calibrated));
  // They go before ranges, but not before what a family says.
  const ElementType other = ElementType::int8(Quantisation::per_tensor(0.25, 3));
  const std::vector<Range> ranges(graph.values.size(), Range{-4, 4});
  const auto both = quantise(graph, library(), ranges, {{"fc1", other}, {"softmax1", other}});
  ASSERT_TRUE(both.has_value()) << both.error().message;
  EXPECT_EQ(types_of(*both).at("fc1"), other);
  EXPECT_EQ(types_of(*both).at("fc2"), activation_type({-4, 4}));
  EXPECT_EQ(types_of(*both).at("softmax1"), ElementType::int8(Quantisation::per_tensor(1.0 / 256, -128)));
}

TEST(QuantiseTypes, NamesWhatHasNone) {
  const Graph graph = several_layers();
  ValueTypes types = types_of(quantised(graph));
  types.erase("fc1");
  types.erase("fc6");
  types.erase("tanh1");  // bounded: from -1 to 1 without anybody saying so
  const auto refused = quantise(graph, library(), {}, types);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(
      refused.error().message,
      "cannot quantise value 'fc1': nothing says what its integers stand for: the file states no scale, and there "
      "are no calibration inputs; value 'fc6': nothing says what its integers stand for: the file states no "
      "scale, and there are no calibration inputs");
  types = types_of(quantised(graph));
  types.erase("tanh1");
  const auto bounded = quantise(graph, library(), {}, types);
  ASSERT_TRUE(bounded.has_value()) << bounded.error().message;
  EXPECT_EQ(types_of(*bounded).at("tanh1"), activation_type({-1, 1}));
}

TEST(QuantiseTypes, SpreadOverLayersThatMoveCodes) {
  Network net(4, {2, 3});
  net.reshape("flat", {6});
  net.reshape("turned", {3, 2});
  net.layer("relu1", "relu");
  const Graph graph = net.finish();
  const ElementType type = ElementType::int8(Quantisation::per_tensor(0.5, 7));
  ValueTypes types = {{"turned", type}};
  spread_types(graph, library(), types);
  EXPECT_EQ(types, (ValueTypes{{"x", type}, {"flat", type}, {"turned", type}}));
  types = {{"relu1", type}};
  spread_types(graph, library(), types);
  EXPECT_EQ(types, (ValueTypes{{"relu1", type}})) << "a relu does not move codes";
}

}  // namespace
}  // namespace algean::partitioner::testing
