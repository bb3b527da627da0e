// `algean build --hls`, as a user runs it. The project of a small network is compared with golden files, compiled and
// run; ALGEAN_REGENERATE=1 writes the golden files anew.
#include <gmock/gmock.h>

#include <cstdlib>

#include "runtime/base/file.hpp"
#include "tests/e2e/networks.hpp"
#include "tests/support/golden.hpp"

namespace algean::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Whether a file of a project is made from the network, and text.
bool is_generated(const std::string& path) {
  return (path.starts_with("ips/") || path.starts_with("network/") || path == "README.md") && !path.ends_with(".bin");
}

// Runs the test benches of a project with its own script; what they say goes to `said` in the place.
int run_csim(const Place& place, const std::string& project, const std::string& tops) {
  const std::string command = "sh '" + project + "/csim.sh' " + tops + " > '" + place.path("said") + "' 2>&1";
  return std::system(
      command.c_str());  // NOLINT(concurrency-mt-unsafe,bugprone-command-processor): one thread, our text
}

TEST(BuildHls, SmallNetworkIsTheGoldenOneAndSimulates) {
  const Place place;
  const Ended built = place.run({"build", small_net(place), "-o", place.path("hls"), "--hls", "--interval", "24"});
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_THAT(built.out, HasSubstr("small: 3 layers in HLS C++"));
  const fs::path project = place.path("hls");
  testing_support::GoldenFolder("hls/golden/small", is_generated).expect(project);
  EXPECT_EQ(run_csim(place, project, "network ips/dense_2"), 0) << read_text(place.path("said")).value();
  EXPECT_EQ(read_text(place.path("said")).value(),
            "network: 8 inferences, 32 elements compared, 0 wrong\n"
            "ips/dense_2: 8 inferences, 64 elements compared, 0 wrong\n");
  // The bench bites: another weight gives other integers.
  const fs::path layer = project / "ips/dense_2/layer_dense_2.hpp";
  std::string text = read_text(layer).value();
  const std::size_t weight = text.find("{{{") + 3;
  text.replace(weight, text.find(',', weight) - weight, "-77");
  ASSERT_TRUE(write_text(layer, text).has_value());
  EXPECT_NE(run_csim(place, project, "ips/dense_2"), 0);
  EXPECT_THAT(read_text(place.path("said")).value(), HasSubstr("out0, inference 1: element 8 is "));
}

TEST(BuildHls, ALayerAloneThatAHostStarts) {
  const Place place;
  const Ended built = place.run({"build", small_net(place), "-o", place.path("one"), "--hls", "--layers", "dense_2",
                                 "--vectors", "3", "--axi-lite", "--json"});
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_EQ(built.document()["layers"], 1);
  EXPECT_THAT(read_text(place.path("one/ips/dense_2/ip_dense_2.cpp")).value(),
              HasSubstr("#pragma HLS INTERFACE mode = s_axilite port = return"));
  EXPECT_EQ(run_csim(place, place.path("one"), ""), 0) << read_text(place.path("said")).value();
  EXPECT_EQ(read_text(place.path("said")).value(), "network: 3 inferences, 24 elements compared, 0 wrong\n");
}

TEST(BuildHls, RefusesWhatItCannotDo) {
  const Place place;
  const std::string net = small_net(place);
  const auto refused = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"build", net, "-o", place.path("hls")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = place.run(arguments);
    EXPECT_EQ(ended.status, 2);
    return ended.err;
  };
  EXPECT_THAT(refused({"--hls", "--rtl"}), HasSubstr("--hls and --rtl write projects of their own, one at a time"));
  EXPECT_THAT(refused({"--hls", "--loadable"}), HasSubstr("build: --loadable goes with --rtl, not with --hls"));
  EXPECT_THAT(refused({"--axi-lite"}), HasSubstr("build: --axi-lite goes with --hls"));
  const Ended slow = place.run({"build", four_rows(place), "-o", place.path("slow"), "--hls", "--interval", "3"});
  EXPECT_EQ(slow.status, 2);
  EXPECT_THAT(slow.err, HasSubstr("cycles an inference at its fastest"));
  EXPECT_THAT(refused({"--hls", "--name", "x"}), HasSubstr("--name is of a deployment"));
  EXPECT_THAT(refused({"--hls", "--layers", "dense_9"}), HasSubstr("--layers: the network has no layer 'dense_9'"));
  EXPECT_FALSE(fs::exists(place.path("hls")));
  // What is not such a project stays as it is; what is one is replaced.
  fs::create_directories(place.path("hls/mine"));
  EXPECT_THAT(refused({"--hls"}),
              HasSubstr("holds no network/network.cpp, so it is no HLS project and is left as it is"));
  fs::remove_all(place.path("hls"));
  for (const char* interval : {"100", "50"}) {
    ASSERT_EQ(place.run({"build", net, "-o", place.path("hls"), "--hls", "--interval", interval}).status, 0);
    EXPECT_THAT(read_text(place.path("hls/README.md")).value(), HasSubstr(std::string("--interval ") + interval));
  }
}

}  // namespace
}  // namespace algean::e2e
