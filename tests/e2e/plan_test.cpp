// The commands plan and build, and their artefacts as NETs of other commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/e2e/networks.hpp"

namespace algean::e2e {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string write(const Place& place, const std::string& file, const std::string& text) {
  std::ofstream(place.path(file)) << text;
  return place.path(file);
}

// Speeds are declared, so that the plan is the same on every machine.
std::string three_nodes(const Place& place) {
  return write(place, "cluster.yaml",
               "version: 1\n"
               "name: lab\n"
               "nodes:\n"
               "  - {name: a, kind: cpu, speed_gmacs: 0.1}\n"
               "  - {name: b, kind: cpu, speed_gmacs: 0.1}\n"
               "  - {name: c, kind: cpu, speed_gmacs: 0.1, listen: \"127.0.0.1:4100\"}\n"
               "links:\n"
               "  default: {mtu: 1500}\n");
}

// A net.json of small_net (dense_1, dense_2, dense_3) with these lines of `layers`.
std::string net_with(const Place& place, const std::string& layers) {
  const std::string graph = small_net(place);
  return write(place, "net.json",
               "{\"version\": 1, \"name\": \"small\", \"model\": {\"file\": \"" + graph + "\"},\n \"layers\": {" +
                   layers + "}}\n");
}

// Greedy needs two nodes only: dense_1 is the bottleneck, and the rest fits the second.
constexpr auto on_c = "\"dense_3\": {\"node\": \"c\"}";

std::string text_of(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Plan, PrintsATableOfNodes) {
  const Place place;
  const std::string out = place.path("plan.json");
  const Ended plan = place.run({"plan", three_nodes(place), net_with(place, on_c), "-o", out});
  EXPECT_EQ(plan.status, 0) << plan.err;
  EXPECT_EQ(plan.out,
            "node  kernels  layers   MACs    us  bytes out  address\n"
            "a           1  dense_1   192  1.92         16  127.0.0.1:0\n"
            "b           1  dense_2   128  1.28          8  127.0.0.1:0\n"
            "c           1  dense_3    32  0.32          4  127.0.0.1:4100\n"
            "small: 3 kernels on 3 nodes -> " +
                out + "\n");
  EXPECT_THAT(text_of(out), HasSubstr("\"file\": \"plan.graph\""));
}

TEST(Plan, AsADocument) {
  const Place place;
  const auto document =
      place.run({"plan", "--json", three_nodes(place), net_with(place, "\"dense_1\": {\"node\": \"c\"}")}).document();
  EXPECT_EQ(document["name"], "small");
  ASSERT_EQ(document["nodes"].size(), 2U);
  EXPECT_EQ(document["unused"], nlohmann::json::array({"b"}));
  EXPECT_EQ(document["nodes"][0]["layers"], nlohmann::json::array({"dense_2", "dense_3"}));
  EXPECT_EQ(document["nodes"][1]["name"], "c");
  EXPECT_EQ(document["nodes"][1]["layers"], nlohmann::json::array({"dense_1"}));
  EXPECT_EQ(document["nodes"][1]["bytes_out"], 16);
  EXPECT_FALSE(document.contains("file"));
}

TEST(Plan, WithoutAClusterIsOneLocalNode) {
  const Place place;
  const auto document = place.run({"plan", "--json", small_net(place)}).document();
  ASSERT_EQ(document["nodes"].size(), 1U);
  EXPECT_EQ(document["nodes"][0]["host"], "local");
  EXPECT_EQ(document["nodes"][0]["layers"].size(), 3U);
}

TEST(Plan, ALineInNetJsonMovesALayerAndAnswersStay) {
  const Place place;
  const std::string cluster = three_nodes(place);
  const std::string x = write_array(place, "x.npy", random_rows(5, 12));
  const Tensor expected = integer_reference(small_net(place), read_array(x));
  for (const std::string layer : {"dense_1", "dense_2", "dense_3"}) {
    for (const std::string node : {"a", "b", "c"}) {
      const std::string net = net_with(place, "\"" + layer + "\": {\"node\": \"" + node + "\"}");
      const auto document = place.run({"plan", "--json", cluster, net, "-o", place.path("plan.json")}).document();
      bool found = false;
      for (const auto& entry : document["nodes"]) {
        for (const auto& name : entry["layers"]) found = found || (name == layer && entry["name"] == node);
      }
      EXPECT_TRUE(found) << layer << " on " << node;
      const Ended infer = place.run({"infer", place.path("plan.json"), "--input", x, "--output", place.path("y.npy")});
      ASSERT_EQ(infer.status, 0) << infer.err;
      EXPECT_EQ(read_array(place.path("y.npy")), expected);
    }
  }
}

TEST(Plan, ErrorsNameThePlace) {
  const Place place;
  const std::string cluster = three_nodes(place);
  const Ended node = place.run({"plan", cluster, net_with(place, "\"dense_1\": {\"node\": \"z\"}")});
  EXPECT_EQ(node.status, 2);
  EXPECT_EQ(node.err, "algean: " + place.path("net.json") +
                          ":2:24: 'layers.dense_1.node' names no node of the cluster: 'z'; it has 'a', 'b', 'c'\n");
  const Ended layer = place.run({"plan", cluster, net_with(place, "\"dense_9\": {\"node\": \"a\"}")});
  EXPECT_EQ(layer.status, 2);
  EXPECT_THAT(layer.err, HasSubstr("'layers.dense_9' names no layer of the model"));
  const std::string bad = write(place, "bad.yaml", "version: 1\nname: lab\nnodes:\n  - {name: a, kind: fpga}\n");
  const Ended kind = place.run({"plan", bad, small_net(place)});
  EXPECT_EQ(kind.status, 2);
  EXPECT_EQ(kind.err, "algean: " + bad + ":4:21: 'nodes[0].kind' is fpga, which is not supported yet; cpu is\n");
  EXPECT_EQ(place.run({"plan", cluster, small_net(place), "extra"}).status, 2);
  EXPECT_EQ(place.run({"plan"}).status, 2);
}

TEST(Plan, ARateThatTheNodesDoNotReach) {
  const Place place;
  const std::string graph = small_net(place);
  const std::string net = write(place, "net.json",
                                "{\"version\": 1, \"name\": \"small\", \"model\": {\"file\": \"" + graph +
                                    "\"}, \"target\": {\"inferences_per_s\": 1e9}}");
  const Ended ended = place.run({"plan", three_nodes(place), net});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, StartsWith("algean: 1e+09 inferences/s do not fit: each node filled to 80 %"));
}

TEST(Build, WritesABundleThatOtherCommandsTake) {
  const Place place;
  const std::string bundle = place.path("bundle");
  const std::string net = net_with(place, on_c);
  const Ended build = place.run({"build", three_nodes(place), net, "-o", bundle + "/", "--name", "mine"});
  EXPECT_EQ(build.status, 0) << build.err;
  EXPECT_THAT(build.out, HasSubstr("mine: bundles of 3 nodes -> " + bundle));
  const auto node = nlohmann::json::parse(text_of(bundle + "/b/node.json"));
  EXPECT_EQ(node["deployment"], "mine");
  EXPECT_EQ(node["kernels"][0]["layers"], nlohmann::json::array({"dense_2"}));
  EXPECT_EQ(node["peers"].size(), 2U);
  EXPECT_TRUE(std::filesystem::exists(bundle + "/b/kernel2.graph"));
  const std::string x = write_array(place, "x.npy", random_rows(3, 12));
  const Ended infer = place.run({"infer", bundle, "--input", x, "--output", place.path("y.npy")});
  ASSERT_EQ(infer.status, 0) << infer.err;
  EXPECT_EQ(read_array(place.path("y.npy")), integer_reference(small_net(place), read_array(x)));
  // A plan and a bundle have their cluster in them.
  const Ended again = place.run({"build", bundle, "-o", place.path("copy")});
  EXPECT_EQ(again.status, 0) << again.err;
  const Ended refused = place.run({"build", place.path("cluster.yaml"), bundle, "-o", place.path("copy")});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("a plan has its cluster in it"));
}

TEST(Build, LeavesAFolderThatIsNoBundle) {
  const Place place;
  const std::string folder = place.path("mine");
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/thesis.tex") << "text";
  const Ended ended = place.run({"build", small_net(place), "-o", folder});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "algean: " + folder +
                           ": holds `thesis.tex`, so it is no bundle and is left as it is; name another folder\n");
  EXPECT_EQ(text_of(folder + "/thesis.tex"), "text");
}

TEST(Build, ABundleWhosePlanIsHarmedIsRefused) {
  const Place place;
  const std::string bundle = place.path("bundle");
  ASSERT_EQ(place.run({"build", three_nodes(place), small_net(place), "-o", bundle}).status, 0);
  std::string text = text_of(bundle + "/plan.json");
  text.replace(text.find("\"dense_2\""), 9, "\"dense_1\"");
  std::ofstream(bundle + "/plan.json") << text;
  const Ended ended = place.run({"check", bundle});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "algean: " + bundle + "/plan.json: plan: layer 'dense_1' is in kernel 1 and in kernel 2\n");
}

}  // namespace
}  // namespace algean::e2e
