// Tables, latency statistics and metrics.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <sstream>

#include "cluster/cli/latency.hpp"
#include "cluster/cli/metrics.hpp"
#include "cluster/cli/table.hpp"
#include "cluster/cli/time_table.hpp"
#include "runtime/base/random.hpp"

namespace algean::cluster {
namespace {

TEST(Table, AlignsColumnsByCharacters) {
  Table table({{"layer"}, {"weights", true}, {"type"}});
  table.add({"d\xc3\xa9nse", "76176", "int8"});
  table.add({"relu_long", "0", ""});
  EXPECT_EQ(table.text(),
            "layer      weights  type\n"
            "d\xc3\xa9nse        76176  int8\n"
            "relu_long        0\n");
}

TEST(Table, LongNamesLoseTheirMiddle) {
  const std::string most(48, 'a');
  EXPECT_EQ(shortened(most), most);
  const std::string name = "functional_1/activation/Relu;functional_1/batch_normalization/FusedBatchNormV3";
  EXPECT_EQ(shortened(name), "functional_1/act..normalization/FusedBatchNormV3");
  EXPECT_EQ(shortened(name).size(), 48U);
}

TEST(Latency, QuantileIsTheNearestRank) {
  std::vector<std::int64_t> ten(10);
  std::iota(ten.begin(), ten.end(), 1);
  EXPECT_EQ(quantile(ten, 0.5), 5);
  EXPECT_EQ(quantile(ten, 0.9), 9);
  EXPECT_EQ(quantile(ten, 0.91), 10);
  EXPECT_EQ(quantile(ten, 0.999), 10);
  EXPECT_EQ(quantile(ten, 0.001), 1);
  EXPECT_EQ(quantile(std::vector<std::int64_t>{7}, 0.99), 7);
}

TEST(Latency, SummaryOfUnsortedSamples) {
  std::vector<std::int64_t> samples(1000);
  std::iota(samples.begin(), samples.end(), 1);
  std::swap(samples[0], samples[999]);
  std::swap(samples[3], samples[500]);
  const LatencySummary summary = summarise(samples);
  EXPECT_EQ(summary.count, 1000U);
  EXPECT_DOUBLE_EQ(summary.mean_ns, 500.5);
  EXPECT_EQ(summary.min_ns, 1);
  EXPECT_EQ(summary.p50_ns, 500);
  EXPECT_EQ(summary.p90_ns, 900);
  EXPECT_EQ(summary.p99_ns, 990);
  EXPECT_EQ(summary.p99_9_ns, 999);
  EXPECT_EQ(summary.max_ns, 1000);
  EXPECT_EQ(summarise({}).count, 0U);
}

TEST(Latency, DurationsAreReadable) {
  EXPECT_EQ(duration_text(120), "120 ns");
  EXPECT_EQ(duration_text(4812), "4.81 us");
  EXPECT_EQ(duration_text(1.25e6), "1.25 ms");
  EXPECT_EQ(duration_text(2e9), "2.00 s");
  EXPECT_EQ(duration_text(-120), "-120 ns");
}

TEST(Latency, HistogramHoldsEverySample) {
  Random random(1);
  std::vector<std::int64_t> samples(5000);
  for (auto& sample : samples) sample = random.between(1000, 9000);
  samples.back() = 1'000'000;
  summarise(samples);
  std::istringstream lines(histogram(samples));
  std::string line;
  std::size_t total = 0;
  while (std::getline(lines, line)) total += std::stoul(line.substr(line.find_last_of(' ') + 1));
  EXPECT_EQ(total, samples.size());
  EXPECT_EQ(histogram({}), "");
  EXPECT_NE(histogram(std::vector<std::int64_t>{5, 5, 5}), "");
}

TEST(TimeTable, SumsUpToTheMean) {
  const std::vector<KernelTime> kernels{{1, "a", 100, 2000}, {2, "b", 100, 500}, {3, "a", 200, 1000}};
  const std::vector<WireTime> wires{{"client", "a", 3000}, {"a", "client", 3100}, {"a", "b", 100}, {"b", "a", 100}};
  const std::vector<Hop> hops{{0, 1}, {1, 3}, {1, 2}, {2, 0}, {3, 0}};
  const TimeReport report{longest_way(kernels, wires, hops), 10000, 50};
  EXPECT_EQ(time_table(report),
            "step     where                   mean    share\n"
            "wire     client -> a          3.00 us   30.0 %\n"
            "queue    a, kernel 1           100 ns    1.0 %\n"
            "compute  a, kernel 1          2.00 us   20.0 %\n"
            "queue    a, kernel 3           200 ns    2.0 %\n"
            "compute  a, kernel 3          1.00 us   10.0 %\n"
            "wire     a -> client          3.10 us   31.0 %\n"
            "rest     client, sending       600 ns    6.0 %\n"
            "sum      request to reply    10.00 us  100.0 %\n"
            "wire     a -> b (meanwhile)    100 ns\n"
            "wire     b -> a (meanwhile)    100 ns\n"
            "queue    b (meanwhile)         100 ns\n"
            "compute  b (meanwhile)         500 ns\n");
  const Json document = to_json(report);
  EXPECT_EQ(document["inferences"], 50);
  double sum = document["rest_ns"];
  for (const Json& step : document["steps"]) sum += step["on_longest_way"] ? step["mean_ns"].get<double>() : 0;
  EXPECT_DOUBLE_EQ(sum, document["mean_ns"]);
  EXPECT_EQ(document["steps"][0],
            Json({{"kind", "wire"}, {"from", "client"}, {"to", "a"}, {"mean_ns", 3000.0}, {"on_longest_way", true}}));
  EXPECT_EQ(document["steps"][1]["kernel"], 1);
}

TEST(Metrics, ArgmaxTakesTheFirstOfEquals) {
  EXPECT_EQ(argmax(std::vector<float>{0.1F, 0.7F, 0.7F}), 1U);
  EXPECT_EQ(predicted_class(std::vector<float>{0.1F, 0.7F}), 1);
  EXPECT_EQ(predicted_class(std::vector<float>{0.5F}), 1);
  EXPECT_EQ(predicted_class(std::vector<float>{0.49F}), 0);
}

TEST(Metrics, MeanSquaredError) {
  EXPECT_DOUBLE_EQ(mean_squared_error(std::vector<float>{1, 2}, std::vector<float>{1, 4}), 2.0);
}

TEST(Metrics, AreaUnderCurveOfKnownCases) {
  const std::vector<std::int64_t> labels{0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{0.1, 0.4, 0.35, 0.8}, labels), 0.75);  // scikit-learn's example
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{1, 2, 3, 4}, labels), 1.0);
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{4, 3, 2, 1}, labels), 0.0);
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{5, 5, 5, 5}, labels), 0.5);
  EXPECT_DOUBLE_EQ(area_under_curve(std::vector<double>{1, 2, 2, 3}, labels), 0.875);
}

TEST(Metrics, AreaUnderCurveIsTheShareOfOrderedPairs) {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> scores(60);
    std::vector<std::int64_t> labels(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = static_cast<double>(random.below(12));  // many ties
      labels[i] = i < 2 ? static_cast<std::int64_t>(i) : random.between(0, 1);
    }
    double won = 0;
    double pairs = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      for (std::size_t j = 0; j < scores.size(); ++j) {
        if (labels[i] != 1 || labels[j] != 0) continue;
        pairs += 1;
        won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
      }
    }
    EXPECT_NEAR(area_under_curve(scores, labels), won / pairs, 1e-12);
  }
}

}  // namespace
}  // namespace algean::cluster
