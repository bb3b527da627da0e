// `algean build --rtl` and `algean cost`, as a user runs them. The project of a small network is compared with golden
// files, linted and simulated; ALGEAN_REGENERATE=1 writes the golden files anew.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "runtime/base/file.hpp"
#include "tests/e2e/networks.hpp"
#include "tests/rtl/harness/simulation.hpp"
#include "tests/support/golden.hpp"

namespace algean::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Whether a file of a project is made from the network, and text: not the library, the driver or vectors.
bool is_generated(const std::string& path) {
  return path.starts_with("rtl/layer_") || path.starts_with("rtl/algean_top") || path.starts_with("mem/") ||
         path == "sim/ports.inc" || path == "sim/rtl.f" || path == "README.md";
}

TEST(BuildRtl, SmallNetworkIsTheGoldenOneAndSimulates) {
  const Place place;
  const Ended built = place.run({"build", small_net(place), "-o", place.path("rtl"), "--rtl", "--interval", "24"});
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr("small: 3 layers, 24 cycles an inference"));
  const fs::path project = place.path("rtl");
  testing_support::GoldenFolder("rtl/golden/small", is_generated).expect(project);
  // Nothing to say for either tool.
  const std::string lint =
      "cd '" + project.string() +
      "' && verilator --lint-only -Wall --top-module algean_top -f sim/rtl.f && "
      "yosys -q -p 'read_verilog -sv -defer rtl/*.sv; hierarchy -check -top algean_top; check -assert'";
  EXPECT_EQ(std::system(lint.c_str()), 0);  // NOLINT(concurrency-mt-unsafe)
  const auto verilated = rtl::verilate(project, {});
  ASSERT_TRUE(verilated.has_value()) << verilated.error().message;
  for (const auto& [valid, ready] : {std::pair{100, 100}, std::pair{40, 70}}) {
    const auto run = rtl::simulate(project, {valid, ready, 7, {}, 20, {}});
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(run->inferences, 20);
    if (valid == 100) {
      EXPECT_EQ(run->interval, 24);
    }
  }
}

TEST(BuildRtl, LoadableWeightsComeThroughTheirPorts) {
  const Place place;
  const Ended built =
      place.run({"build", small_net(place), "-o", place.path("rtl"), "--rtl", "--interval", "24", "--loadable"});
  ASSERT_EQ(built.status, 0) << built.err;
  const fs::path project = place.path("rtl");
  EXPECT_FALSE(fs::exists(project / "mem"));
  EXPECT_EQ(fs::file_size(project / "vectors" / "load2.bin") % 4, 0U);
  const auto verilated = rtl::verilate(project, {});
  ASSERT_TRUE(verilated.has_value()) << verilated.error().message;
  const auto run = rtl::simulate(project, {80, 80, 7, {}, 20, {}});
  ASSERT_TRUE(run.has_value()) << run.error().message;
  // The same words once more in the middle of the work, and a marker: nothing changes.
  for (const char* more : {"--load load2=vectors/load2.bin --load-after 9", "--mark-after 30"}) {
    const auto again = rtl::simulate(project, {80, 80, 7, {}, 20, {more}});
    EXPECT_TRUE(again.has_value()) << again.error().message;
  }
  // Other weights: the outputs differ from the first inference behind the load on.
  auto bytes = read_file(project / "vectors" / "load2.bin");
  ASSERT_TRUE(bytes.has_value());
  for (std::byte& byte : *bytes) byte ^= std::byte{0x10};
  ASSERT_TRUE(write_file(project / "other.bin", *bytes).has_value());
  for (const char* after : {"0", "9"}) {
    const auto other =
        rtl::simulate(project, {80, 80, 7, {}, 20, {std::string("--load load2=other.bin --load-after ") + after}});
    ASSERT_FALSE(other.has_value());
    EXPECT_THAT(other.error().message,
                HasSubstr(std::string("of inference ") + after + " differs from what is expected"));
  }
}

TEST(BuildRtl, LoadableWeightsMayLieInUltraRam) {
  const Place place;
  const std::string net = small_net(place);
  const Ended built =
      place.run({"build", net, "-o", place.path("rtl"), "--rtl", "--interval", "24", "--loadable", "--uram"});
  ASSERT_EQ(built.status, 0) << built.err;
  const auto verilated = rtl::verilate(place.path("rtl"), {});
  ASSERT_TRUE(verilated.has_value()) << verilated.error().message;
  const auto run = rtl::simulate(place.path("rtl"), {80, 80, 7, {}, 20, {}});
  EXPECT_TRUE(run.has_value()) << run.error().message;
  const auto block = place.run({"cost", net, "--interval", "24", "--loadable", "--json"}).document();
  const auto ultra = place.run({"cost", net, "--interval", "24", "--loadable", "--uram", "--json"}).document();
  EXPECT_EQ(block["uram"], 0);
  EXPECT_GT(ultra["uram"], 0);
  const Ended refused = place.run({"cost", net, "--uram"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("--uram goes with --loadable"));
}

TEST(BuildRtl, ABridgeMakesItAKernelWithAxiPorts) {
  const Place place;
  const Ended built = place.run({"build", small_net(place), "-o", place.path("rtl"), "--rtl", "--bridge-bits", "64"});
  ASSERT_EQ(built.status, 0) << built.err;
  const std::string node = read_text(place.path("rtl/rtl/algean_node.sv")).value();
  EXPECT_THAT(node, HasSubstr("input  logic [63:0] s_axis_tdata"));
  const std::size_t hash = node.find("64'h");
  ASSERT_NE(hash, std::string::npos);
  // Linted by both tools, built, run; the driver says what is wrong.
  const char* source = std::getenv("ALGEAN_SOURCE");  // NOLINT(concurrency-mt-unsafe)
  const std::string command = fmt::format(
      "cd '{0}' && verilator --lint-only -Wall --top-module algean_node -f sim/rtl.f && "
      "yosys -q -p 'read_verilog -sv -defer rtl/*.sv; hierarchy -check -top algean_node; check -assert' && "
      "verilator --cc --exe --build --threads 1 --noassert --top-module algean_node --Mdir build_node -MAKEFLAGS "
      "CXX=clang++ "
      "-CFLAGS -std=c++17 -f sim/rtl.f '{1}/tests/rtl/node/node_main.cpp' -o node > build.log && "
      "build_node/node 8 12 4 {2}",
      place.path("rtl"), fs::absolute(source == nullptr ? "." : source).string(), node.substr(hash + 4, 16));
  EXPECT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(concurrency-mt-unsafe)
  const Ended refused = place.run({"build", small_net(place), "-o", place.path("no"), "--rtl", "--bridge-bits", "20"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("--bridge-bits 20: 'x' needs a multiple of 8"));
}

TEST(BuildRtl, ALayerAloneHasItsOwnVectors) {
  const Place place;
  const Ended built = place.run(
      {"build", small_net(place), "-o", place.path("one"), "--rtl", "--layers", "dense_2", "--vectors", "3", "--json"});
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_EQ(built.document()["interval_cycles"], 16 * 8 / 2);  // two outputs share a multiplier
  EXPECT_EQ(fs::file_size(place.path("one/vectors/in0.bin")), 3 * 16U);
  EXPECT_EQ(fs::file_size(place.path("one/vectors/out0.bin")), 3 * 8U);
}

TEST(BuildRtl, RefusesWhatItCannotDo) {
  const Place place;
  const std::string net = four_rows(place);
  const auto refused = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"build", net, "-o", place.path("rtl")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = place.run(arguments);
    EXPECT_EQ(ended.status, 2);
    return ended.err;
  };
  EXPECT_THAT(
      refused({"--rtl", "--interval", "3"}),
      StartsWith("algean: layer 'dense_1': 4 cycles an inference at its fastest (SIMD 12, PE 16), more than the 3"));
  EXPECT_THAT(refused({"--rtl", "--layers", "dense_9"}), HasSubstr("--layers: the network has no layer 'dense_9'"));
  EXPECT_THAT(refused({"--interval", "9"}), HasSubstr("build: --interval goes with --rtl"));
  EXPECT_THAT(refused({"--vectors", "3"}), HasSubstr("build: --vectors goes with --rtl"));
  EXPECT_THAT(refused({"--rtl", "--name", "x"}), HasSubstr("--name is of a deployment"));
  EXPECT_FALSE(fs::exists(place.path("rtl")));
  // What is not a project stays as it is.
  fs::create_directories(place.path("rtl"));
  EXPECT_THAT(refused({"--rtl"}), HasSubstr("holds no sim/ports.inc, so it is no RTL project and is left as it is"));
  EXPECT_TRUE(fs::is_empty(place.path("rtl")));
}

TEST(BuildRtl, ReplacesAProject) {
  const Place place;
  const std::string net = small_net(place);
  for (const char* interval : {"100", "50"}) {
    const Ended built = place.run({"build", net, "-o", place.path("rtl"), "--rtl", "--interval", interval});
    ASSERT_EQ(built.status, 0) << built.err;
    EXPECT_THAT(read_text(place.path("rtl/README.md")).value(), HasSubstr(std::string("--interval ") + interval));
  }
  for (const auto& entry : fs::directory_iterator(place.folder())) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(StartsWith(".rtl")));  // nothing half made is left
  }
}

// The autoencoder of example 01 with more in its net.json.
std::string autoencoder_with(const Place& place, const std::string& more) {
  const std::string text = fmt::format(
      R"({{"version": 1, "name": "ae", "model": {{"file": "{}", "weights": "{}"}}, "calibration": {{"inputs": "{}"}}, {}}})",
      example("autoencoder.json"), example("autoencoder_weights.h5"), example("calibration.npy"), more);
  EXPECT_TRUE(write_text(place.path("net.json"), text).has_value());
  return place.path("net.json");
}

TEST(Cost, NetJsonStatesTargetAndReuseFactors) {
  const Place place;
  auto document =
      place.run({"cost", autoencoder_with(place, R"("target": {"interval_cycles": 552})"), "--json"}).document();
  EXPECT_EQ(document["interval_cycles"], 552);
  EXPECT_EQ(document["multipliers"], 620);
  EXPECT_EQ(document["dsp_multiply"], 310);
  document = place
                 .run({"cost", autoencoder_with(place, R"("target": {"inferences_per_s": 500000, "clock_mhz": 200})"),
                       "--json"})
                 .document();
  EXPECT_LE(document["interval_cycles"], 400);
  EXPECT_GT(document["interval_cycles"], 300);
  const std::string hinted = R"("target": {"interval_cycles": 552}, "layers": {"dense_4": {"reuse_factor": 50}})";
  document = place.run({"cost", autoencoder_with(place, hinted), "--json"}).document();
  EXPECT_EQ(document["layers"][4]["layer"], "dense_4");
  EXPECT_LE(document["layers"][4]["interval_cycles"], 50);
  EXPECT_GT(document["layers"][5]["interval_cycles"], 50);
  const Ended refused = place.run({"cost", autoencoder_with(place, R"("target": {"inferences_per_s": 1000})")});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("`target` states inferences_per_s without clock_mhz"));
}

// Paths that part and meet again, in a trained network, at whatever pace: the FIFOs between them follow.
TEST(Cost, AResidualNetworkGoesAtAnyPace) {
  const char* shared = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
  const fs::path net = fs::path(shared == nullptr ? "../shared" : shared) /
                       "models/mlperf_tiny_ic_resnet8/pretrainedResnet_quant.tflite";
  if (!fs::exists(net)) GTEST_SKIP() << net << " is absent";
  const Place place;
  for (int interval = 4700; interval < 60'000; interval += 300 + interval / 20) {
    const Ended ended = place.run({"cost", net.string(), "--interval", std::to_string(interval)});
    EXPECT_EQ(ended.status, 0) << interval << ": " << ended.err;
  }
}

TEST(Cost, TableCsvAndJsonAgree) {
  const Place place;
  const std::string net = small_net(place);
  const auto document = place.run({"cost", net, "--interval", "24", "--json"}).document();
  EXPECT_EQ(document["interval_cycles"], 24);
  ASSERT_EQ(document["layers"].size(), 3U);
  std::int64_t multipliers = 0;
  std::int64_t luts = document["between_layers"]["lut"].get<std::int64_t>();
  for (const auto& layer : document["layers"]) {
    EXPECT_LE(layer["interval_cycles"], 24);
    EXPECT_GT(layer["lut"], 0);
    multipliers += layer["multipliers"].get<std::int64_t>();
    luts += layer["lut"].get<std::int64_t>();
  }
  EXPECT_EQ(document["lut"], luts);
  EXPECT_EQ(document["multipliers"], multipliers);
  const Ended csv = place.run({"cost", net, "--interval", "24", "--csv"});
  EXPECT_EQ(csv.status, 0);
  EXPECT_THAT(csv.out, StartsWith("layer,operation,simd,pe,interval_cycles,latency_cycles,multipliers,"));
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 1 + 3 + 1);  // titles, layers, what stands between them
  const Ended table = place.run({"cost", net, "--interval", "24"});
  EXPECT_THAT(table.out, HasSubstr("small: 24 cycles an inference, " + std::to_string(multipliers) + " multipliers"));
  const Ended refused = place.run({"cost", four_rows(place), "--interval", "3"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("cycles an inference at its fastest"));
}

// What a vendor's report says of a layer's module takes the place of the prediction.
TEST(Cost, VendorReports) {
  const Place place;
  const std::string net = small_net(place);
  const auto before = place.run({"cost", net, "--interval", "24", "--json"}).document();
  const auto module = before["layers"][0]["module"].get<std::string>();
  std::filesystem::create_directories(place.path("reports"));
  EXPECT_TRUE(write_text(place.path("reports/utilisation.rpt"),
                         "| Instance | Module | Total LUTs | FFs | RAMB36 | RAMB18 | URAM | DSP Blocks |\n"
                         "| u_first | " +
                             module + " | 123 | 456 | 2 | 1 | 0 | 9 |\n")
                  .has_value());
  const auto made =
      place.run({"calibrate", place.path("reports"), "-o", place.path("calibration.json"), "--json"}).document();
  EXPECT_EQ(made["modules"], 1);
  const auto after =
      place.run({"cost", net, "--interval", "24", "--calibration", place.path("calibration.json"), "--json"})
          .document();
  EXPECT_EQ(after["layers"][0]["measured"], true);
  EXPECT_EQ(after["layers"][0]["lut"], 123);
  EXPECT_EQ(after["layers"][0]["ff"], 456);
  EXPECT_EQ(after["layers"][0]["bram18"], 5);
  EXPECT_EQ(after["layers"][1]["measured"], false);
  EXPECT_EQ(after["layers"][1]["lut"], before["layers"][1]["lut"]);
  const Ended refused = place.run({"calibrate", place.path("nowhere"), "-o", place.path("none.json")});
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(write_text(place.path("bad.json"),
                         R"({"version": 1, "modules": {"a": {"lut": -1, "ff": 0, "dsp": 0, "bram18": 0, "uram": 0}}})")
                  .has_value());
  const Ended bad = place.run({"cost", net, "--calibration", place.path("bad.json")});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("bad.json:1:"));
  // Of the same layer in another folding nothing is known.
  const Ended other = place.run({"cost", net, "--interval", "48", "--calibration", place.path("calibration.json")});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("calibration.json: none of its 1 modules is a layer of this circuit"));
}

}  // namespace
}  // namespace algean::e2e
