#include "partitioner/passes/calibrate.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "networks.hpp"
#include "partitioner/passes/histogram.hpp"
#include "partitioner/passes/quantise.hpp"
#include "runtime/tensor/quantise.hpp"

namespace algean::partitioner::testing {
namespace {

using Kind = CalibrationMethod::Kind;
using kernels::Range;

// x [2] -> fc (identity) -> y.
Graph identity() {
  Network net(1, {2});
  net.dense("y", 2, false);
  net.graph.layers[0].spec.constants["weight"] = floats({2, 2}, {1, 0, 0, 1});
  return net.finish();
}

Tensor batch_of(const Shape& shape, const std::vector<float>& values) { return *floats(shape, values); }

std::string message(const Graph& graph, std::vector<Tensor> inputs) {
  const auto result = calibrate(graph, library(), inputs, {});
  return result ? "accepted" : result.error().message;
}

TEST(Calibrate, MinmaxSeesEveryValueOfEveryInference) {
  std::vector<std::size_t> progress;
  const std::vector inputs = {batch_of({3, 2}, {1, 2, -7, 0.5, 3, 2.5})};
  const auto ranges = calibrate(identity(), library(), inputs, {}, [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 3U);
    progress.push_back(done);
  });
  ASSERT_TRUE(ranges.has_value()) << ranges.error().message;
  ASSERT_EQ(ranges->size(), 2U);
  for (const Range& range : *ranges) {
    EXPECT_EQ(range.low, -7);
    EXPECT_EQ(range.high, 3);
  }
  EXPECT_THAT(progress, ::testing::ElementsAre(1, 2, 3));
}

// 9,999 pairs in [-1, 1] and one outlier at 50.
std::vector<Tensor> with_outlier() {
  Random random(5);
  std::vector<float> values(20000);
  for (float& value : values) value = static_cast<float>(2 * random.unit() - 1);
  values[777] = 50;
  return {batch_of({10000, 2}, values)};
}

TEST(Calibrate, PercentileDropsOutliers) {
  const auto ranges = calibrate(identity(), library(), with_outlier(), {Kind::percentile, 99.9});
  ASSERT_TRUE(ranges.has_value());
  const double bin = 51.0 / 2048;
  EXPECT_NEAR((*ranges)[1].low, -1, 2 * bin);
  EXPECT_NEAR((*ranges)[1].high, 1, 2 * bin);
  const auto all = calibrate(identity(), library(), with_outlier(), {Kind::percentile, 100});
  EXPECT_NEAR((*all)[1].high, 50, bin);
}

double squared_error(const Tensor& real, Range range) {
  const Tensor back = dequantise(*algean::quantise(real, activation_type(range)));
  double sum = 0;
  for (std::size_t i = 0; i < real.elements<float>().size(); ++i) {
    const double error =
        static_cast<double>(back.elements<float>()[i]) - static_cast<double>(real.elements<float>()[i]);
    sum += error * error;
  }
  return sum;
}

TEST(Calibrate, MseChoosesTheClippingWithLessError) {
  for (const double spread : {1.0, 3.0}) {  // normal samples, and normal samples cubed: long tails
    Tensor real = sample_inputs(identity(), 5000, 8);
    for (float& value : real.elements<float>())
      value = static_cast<float>(std::copysign(std::pow(std::abs(value), spread), value));
    const std::vector inputs = {real};
    const Range whole = calibrate(identity(), library(), inputs, {Kind::minmax})->at(0);
    const Range chosen = calibrate(identity(), library(), inputs, {Kind::mse})->at(0);
    EXPECT_GE(chosen.low, whole.low);
    EXPECT_LE(chosen.high, whole.high);
    EXPECT_LT(squared_error(real, chosen), squared_error(real, whole)) << spread;
    // No coarser search finds a much better one.
    for (double low = 0.1; low <= 1; low += 0.1) {
      for (double high = 0.1; high <= 1; high += 0.1) {
        EXPECT_LT(squared_error(real, chosen), 1.05 * squared_error(real, {low * whole.low, high * whole.high}));
      }
    }
  }
}

TEST(Calibrate, ConstantValuesHaveARange) {
  const std::vector inputs = {batch_of({2, 2}, {0, 0, 0, 0})};
  for (const Kind kind : {Kind::minmax, Kind::percentile, Kind::mse}) {
    const auto ranges = calibrate(identity(), library(), inputs, {kind});
    ASSERT_TRUE(ranges.has_value());
    EXPECT_EQ((*ranges)[1].low, 0);
    EXPECT_EQ((*ranges)[1].high, 0);
  }
}

TEST(Calibrate, RejectsWrongInputs) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(message(identity(), {}), "0 calibration inputs, the network has 1");
  EXPECT_EQ(message(identity(), {batch_of({2}, {1, 2})}),
            "calibration input 'x' is float32[2], must be float32[batch,2]");
  EXPECT_EQ(message(identity(), {batch_of({1, 3}, {1, 2, 3})}),
            "calibration input 'x' is float32[1,3], must be float32[batch,2]");
  EXPECT_EQ(message(identity(), {Tensor({ElementType::int8(), {1, 2}})}),
            "calibration input 'x' is int8[1,2], must be float32[batch,2]");
  EXPECT_EQ(message(identity(), {batch_of({2, 2}, {1, 2, 3, nan})}),
            "calibration input 'x': element [1,1] is nan, must be finite");
  EXPECT_EQ(message(identity(), {batch_of({2, 2}, {1, 2, -infinity, 3})}),
            "calibration input 'x': element [1,0] is -inf, must be finite");
}

TEST(Calibrate, RejectsInputsOfDifferentBatches) {
  Graph graph = identity();
  const ValueId z = graph.add_value("z", {ElementType::float32(), {1}});
  graph.inputs.push_back({"z", z, ExternalForm::float32});
  EXPECT_EQ(message(graph, {batch_of({2, 2}, {1, 2, 3, 4}), batch_of({3, 1}, {1, 2, 3})}),
            "calibration input 'z' holds 3 inferences, 'x' 2");
}

TEST(Calibrate, RejectsWhatIsNotFinite) {
  Graph weights = identity();
  weights.layers[0].spec.constants["weight"] = floats({2, 2}, {1, 0, std::numeric_limits<float>::quiet_NaN(), 1});
  EXPECT_EQ(message(weights, {batch_of({1, 2}, {1, 2})}),
            "layer 'y': constant 'weight': element [1,0] is nan, must be finite");
  Graph overflow = identity();
  overflow.layers[0].spec.constants["weight"] = floats({2, 2}, {1e30F, 0, 0, 1});
  EXPECT_EQ(message(overflow, {batch_of({2, 2}, {1, 2, 1e30F, 2})}),
            "calibration inference 1: value 'y': element [0] is inf, must be finite");
}

// Inferences run in several threads: neither ranges nor the error depend on which ends first.
TEST(Calibrate, IsTheSameWhateverThreadRunsWhat) {
  const std::vector inputs = {sample_inputs(identity(), 500, 3)};
  for (const Kind kind : {Kind::minmax, Kind::percentile, Kind::mse}) {
    const auto first = calibrate(identity(), library(), inputs, {kind, 99});
    for (int again = 0; again < 5; ++again) {
      const auto ranges = calibrate(identity(), library(), inputs, {kind, 99});
      for (ValueId id = 0; id < 2; ++id) {
        EXPECT_EQ((*ranges)[id].low, (*first)[id].low);
        EXPECT_EQ((*ranges)[id].high, (*first)[id].high);
      }
    }
  }
  Graph overflow = identity();
  overflow.layers[0].spec.constants["weight"] = floats({2, 2}, {1e30F, 0, 0, 1});
  std::vector<float> values(400, 1);
  for (std::size_t i = 80; i < values.size(); ++i) values[i] = 1e30F;  // from inference 40 on
  for (int again = 0; again < 20; ++again) {
    EXPECT_EQ(message(overflow, {batch_of({200, 2}, values)}),
              "calibration inference 40: value 'y': element [0] is inf, must be finite");
  }
}

TEST(Calibrate, ReadsTheNamesOfMethods) {
  EXPECT_EQ(parse_calibration_method("minmax")->kind, Kind::minmax);
  EXPECT_EQ(parse_calibration_method("mse")->kind, Kind::mse);
  EXPECT_EQ(parse_calibration_method("percentile")->percent, 99.99);
  EXPECT_EQ(parse_calibration_method("percentile:99.5")->percent, 99.5);
  EXPECT_EQ(parse_calibration_method("kl").error().message,
            "calibration method 'kl' is none of minmax, percentile, percentile:PERCENT, mse");
  for (const char* text : {"percentile:", "percentile:50", "percentile:101", "percentile:99x", "percentile:nan"}) {
    EXPECT_THAT(parse_calibration_method(text).error().message,
                ::testing::HasSubstr("the percentile must be a number above 50 and at most 100"))
        << text;
  }
}

}  // namespace
}  // namespace algean::partitioner::testing
