// What quantisation costs, as a user asks for it: `algean quantise --sensitivity` and `--scan`.
#include <gmock/gmock.h>

#include <filesystem>

#include "runtime/base/file.hpp"
#include "tests/e2e/harness.hpp"
#include "tests/e2e/networks.hpp"

namespace algean::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Sensitivity, SaysWhichLayerLosesHowMuch) {
  const Place place;
  const Ended text = place.run({"quantise", example("net.json"), "--sensitivity"});
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, StartsWith("layer "));
  EXPECT_THAT(text.out, HasSubstr("\nall layers"));
  EXPECT_THAT(text.out, HasSubstr("each layer alone in integers, over 4 inferences\n"));
  const auto document =
      place.run({"quantise", example("net.json"), "--sensitivity", "--samples", "9", "--json"}).document();
  EXPECT_EQ(document["sensitivity"]["inferences"], 9);
  ASSERT_EQ(document["sensitivity"]["layers"].size(), 12U);
  const double all = document["sensitivity"]["all"]["network_snr_db"];
  EXPECT_GT(all, 15);
  for (const auto& layer : document["sensitivity"]["layers"]) EXPECT_GT(layer["network_snr_db"], all) << layer["layer"];
}

TEST(Scan, MeasuresEveryWidth) {
  const Place place;
  const Ended text =
      place.run({"quantise", example("net.json"), "--scan", "--inputs", example("test_inputs.npy"), "--labels",
                 example("test_labels.npy"), "--csv", place.path("scan.csv"), "--svg", place.path("scan.svg")});
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("\nint8 "));
  EXPECT_THAT(text.out, HasSubstr("\nint2 "));
  const auto csv = read_text(place.path("scan.csv"));
  ASSERT_TRUE(csv.has_value());
  EXPECT_THAT(*csv, StartsWith("weights,weight_bits,auc,agreement,snr_db,weight_bytes\nfloat32,32,0.966"));
  EXPECT_EQ(std::ranges::count(*csv, '\n'), 9) << "a title, float32, and 8 bits to 2";
  const auto svg = read_text(place.path("scan.svg"));
  ASSERT_TRUE(svg.has_value());
  EXPECT_THAT(*svg, HasSubstr(">autoencoder: 500 inferences</text>"));
  const auto document = place.run({"quantise", example("net.json"), "--scan", "--json"}).document();
  const auto& widths = document["scan"]["widths"];
  ASSERT_EQ(widths.size(), 8U);
  EXPECT_GT(widths[1]["snr_db"], widths[7]["snr_db"]) << "8 bits beside 2";
}

TEST(Scan, OfNarrowWeightsIsWhatTheyWouldCompute) {
  const Place place;
  const std::string graph = place.path("int4.graph");
  ASSERT_EQ(place.run({"quantise", example("net.json"), "--weight-bits", "4", "-o", graph}).status, 0);
  const auto evaluated = place
                             .run({"evaluate", graph, "--inputs", example("test_inputs.npy"), "--labels",
                                   example("test_labels.npy"), "--json"})
                             .document();
  const auto scanned = place
                           .run({"quantise", example("net.json"), "--scan", "--inputs", example("test_inputs.npy"),
                                 "--labels", example("test_labels.npy"), "--json"})
                           .document();
  EXPECT_EQ(scanned["scan"]["widths"][5]["weight_bits"], 4);
  EXPECT_EQ(scanned["scan"]["widths"][5]["auc"], evaluated["integer"]["auc"]);
}

TEST(Quantise, RefusesOptionsWithoutSense) {
  const Place place;
  const auto message = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"quantise", example("net.json")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = place.run(arguments);
    EXPECT_EQ(ended.status, 2);
    return ended.err;
  };
  EXPECT_THAT(message({}), StartsWith("algean: quantise: -o is missing"));
  EXPECT_THAT(message({"-o", place.path("x"), "--svg", place.path("y")}), HasSubstr("go with --scan"));
  EXPECT_THAT(message({"-o", place.path("x"), "--inputs", "z.npy"}), HasSubstr("goes with --sensitivity or --scan"));
  EXPECT_THAT(message({"-o", place.path("x"), "--weight-bits", "9"}), HasSubstr("2 - 8"));
  const std::string graph = place.path("int8.graph");
  ASSERT_EQ(place.run({"quantise", example("net.json"), "-o", graph}).status, 0);
  const Ended scan = place.run({"quantise", graph, "--scan", "--inputs", example("test_inputs.npy")});
  EXPECT_EQ(scan.status, 2);
  EXPECT_THAT(scan.err, HasSubstr("its weights are integers already: there is nothing to scan"));
}

}  // namespace
}  // namespace algean::e2e
