#include "partitioner/compare/sensitivity.hpp"

#include <gmock/gmock.h>

#include "../passes/networks.hpp"
#include "partitioner/passes/calibrate.hpp"
#include "partitioner/passes/quantise.hpp"

namespace algean::partitioner::testing {
namespace {

Graph network() {
  Network net(5, {12});
  net.dense("fc1", 20);
  net.layer("relu1", "relu");
  net.dense("fc2", 20);
  net.layer("tanh1", "tanh");
  net.dense("fc3", 5);
  net.layer("softmax1", "softmax");
  return net.finish();
}

Graph quantised(const Graph& graph, std::vector<kernels::Range> ranges) {
  auto result = quantise(graph, library(), ranges);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return *std::move(result);
}

std::vector<kernels::Range> ranges_of(const Graph& graph) {
  const std::vector inputs = {sample_inputs(graph, 200, 17)};
  return *calibrate(graph, library(), inputs, {});
}

SensitivityReport measured(const Graph& floats, const Graph& integers) {
  const std::vector inputs = {sample_inputs(floats, 30, 18)};
  auto report = measure_sensitivity(floats, integers, library(), inputs);
  EXPECT_TRUE(report.has_value()) << report.error().message;
  return *std::move(report);
}

TEST(Sensitivity, EachLayerAloneCostsLessThanAllTogether) {
  const Graph floats = network();
  const SensitivityReport report = measured(floats, quantised(floats, ranges_of(floats)));
  EXPECT_EQ(report.inferences, 30U);
  ASSERT_EQ(report.layers.size(), 6U);
  for (const LayerSensitivity& entry : report.layers) {
    EXPECT_GT(entry.layer_snr_db, 20) << entry.layer;
    EXPECT_GT(entry.network_snr_db, report.all.network_snr_db) << entry.layer;
  }
  EXPECT_EQ(report.layers[2].layer, "fc2");
  EXPECT_EQ(report.layers[2].operation, "dense");
  // What the last layer makes is what the network answers.
  EXPECT_EQ(report.layers[5].layer_snr_db, report.layers[5].network_snr_db);
}

TEST(Sensitivity, NamesTheLayerThatLosesMost) {
  const Graph floats = network();
  auto ranges = ranges_of(floats);
  ValueId fc2 = 0;
  while (floats.values[fc2].name != "fc2") ++fc2;
  ranges[fc2] = {-0.01, 0.01};  // far too narrow: fc2 saturates, and tanh1 reads what is left
  const SensitivityReport report = measured(floats, quantised(floats, ranges));
  const auto worst = std::ranges::min_element(report.layers, {}, &LayerSensitivity::layer_snr_db);
  EXPECT_EQ(worst->layer, "fc2");
  EXPECT_LT(worst->layer_snr_db, 3);
  EXPECT_GT(worst->changed, 5U);
  EXPECT_GT(report.layers[0].layer_snr_db, 20) << "the layer before it is as good as ever";
}

TEST(Sensitivity, IsTheSameWhateverThreadRunsWhat) {
  const Graph floats = network();
  const Graph integers = quantised(floats, ranges_of(floats));
  const SensitivityReport first = measured(floats, integers);
  const SensitivityReport second = measured(floats, integers);
  for (std::size_t i = 0; i < first.layers.size(); ++i) {
    EXPECT_EQ(first.layers[i].network_snr_db, second.layers[i].network_snr_db);
  }
}

TEST(Sensitivity, RefusesGraphsThatDoNotBelongTogether) {
  const Graph floats = network();
  Graph integers = quantised(floats, ranges_of(floats));
  integers.layers.pop_back();
  const std::vector inputs = {sample_inputs(floats, 3, 18)};
  const auto refused = measure_sensitivity(floats, integers, library(), inputs);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "the network of integers is not the one that was made of the network of floats");
  std::vector bad = inputs;
  bad[0].elements<float>()[13] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(measure_sensitivity(floats, quantised(floats, ranges_of(floats)), library(), bad).error().message,
            "input 'x': element [1,1] is nan, must be finite");
}

}  // namespace
}  // namespace algean::partitioner::testing
