#include "cluster/cli/weight_scan.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "cluster/cli/sensitivity_report.hpp"

namespace algean::cluster {
namespace {

using ::testing::HasSubstr;

Scan scan() {
  Scan scan;
  scan.inferences = 20;
  scan.metric = Metric::accuracy;
  const auto row = [&](int bits, std::size_t correct, double agreement, double snr_db, std::int64_t weights) {
    Score score;
    score.correct = correct;
    score.value = static_cast<double>(correct) / 20;
    scan.rows.push_back({bits, score, agreement, snr_db, weights});
  };
  row(0, 18, 1, std::numeric_limits<double>::infinity(), 3200);
  row(8, 18, 0.95, 31.25, 803);
  row(2, 5, 0.25, -3.5, 200);
  return scan;
}

TEST(WeightScan, IsATable) {
  EXPECT_EQ(scan_table(scan()),
            "weights  accuracy  correct  same class as float  SNR dB  weights, bytes\n"
            "float32       0.9    18/20               1.0000     inf             400\n"
            "int8          0.9    18/20               0.9500   31.25             101\n"
            "int2         0.25     5/20               0.2500   -3.50              25\n");
  Scan rebuilds = scan();
  rebuilds.metric = Metric::score;
  EXPECT_EQ(scan_table(rebuilds).find("same class"), std::string::npos);
}

TEST(WeightScan, IsACsvFile) {
  EXPECT_EQ(scan_csv(scan()),
            "weights,weight_bits,accuracy,agreement,snr_db,weight_bytes\n"
            "float32,32,0.9,1,inf,400\n"
            "int8,8,0.9,0.95,31.25,101\n"
            "int2,2,0.25,0.25,-3.50,25\n");
}

TEST(WeightScan, IsADrawing) {
  const std::string svg = scan_svg(scan(), "jets");
  EXPECT_THAT(svg, HasSubstr(">jets: 20 inferences</text>"));
  EXPECT_THAT(svg, HasSubstr(">accuracy</text>"));
  EXPECT_THAT(svg, HasSubstr("stroke-dasharray"));
}

TEST(WeightScan, IsADocument) {
  const Json document = to_json(scan());
  EXPECT_EQ(document["metric"], "accuracy");
  EXPECT_EQ(document["widths"][0]["snr_db"], nullptr);
  EXPECT_EQ(document["widths"][2]["weight_bits"], 2);
  EXPECT_EQ(document["widths"][2]["correct"], 5);
}

TEST(SensitivityReport, PutsTheWorstLayerFirst) {
  partitioner::SensitivityReport report;
  report.inferences = 4;
  report.layers = {{"fc1", "dense", 40, 50, 0}, {"fc2", "dense", 30, 20.5, 2}};
  report.all = {"", "", 19, 19, 2};
  EXPECT_EQ(sensitivity_table(report, true),
            "layer       operation  SNR dB, layer  SNR dB, network  class changed\n"
            "fc2         dense              30.00            20.50            2/4\n"
            "fc1         dense              40.00            50.00            0/4\n"
            "all layers                                      19.00            2/4\n");
  EXPECT_EQ(to_json(report)["layers"][0]["layer"], "fc1") << "in the order of the graph";
  EXPECT_EQ(to_json(report)["all"]["changed"], 2);
}

}  // namespace
}  // namespace algean::cluster
