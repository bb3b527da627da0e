// `compare` and `bench` on clusters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/e2e/clusters.hpp"
#include "tests/e2e/networks.hpp"

namespace algean::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// dense_1 and dense_3 lie on a, dense_2 on b: a has two kernels.
class CompareCluster : public testing::Test {
 protected:
  void deploy(const std::string& name, const std::string& net) {
    const Ended ended = place_.run({"deploy", cluster_, net, "--detach", "--name", name});
    ASSERT_EQ(ended.status, 0) << ended.err;
  }
  Ended compare(std::vector<std::string> words) {
    words.insert(words.begin(), "compare");
    for (const std::string& word : {std::string("--input"), x_, std::string("--poll"), std::string("block")}) {
      words.push_back(word);
    }
    return place_.run(words);
  }
  void expect_nothing_left() {
    EXPECT_EQ(place_.state_entries(), 0U);
    EXPECT_TRUE(eventually([&] { return place_.processes().empty(); }));
  }

  Place place_;
  std::string graph_ = small_net(place_);
  std::string net_ = write_net(place_, {{"dense_1", "a"}, {"dense_2", "b"}, {"dense_3", "a"}});
  std::string cluster_ = local_cluster(place_, {"a", "b"});
  std::string x_ = write_array(place_, "x.npy", random_rows(20, 12));
};

void expect_all_equal(const nlohmann::json& document) {
  EXPECT_EQ(document["equal"], true);
  EXPECT_EQ(document["inferences"], 20);
  ASSERT_EQ(document["sources"].size(), 2U);
  EXPECT_EQ(document["sources"][0]["name"], "program");
  EXPECT_EQ(document["sources"][1]["name"], "cluster");
  int layers = 0;
  for (const auto& tensor : document["tensors"]) {
    if (tensor["layer"].get<std::string>().empty()) continue;
    ++layers;
    EXPECT_EQ(tensor["node"], tensor["layer"] == "dense_2" ? "b" : "a");
    const nlohmann::json never{{"tapped", 0}, {"untapped", 0}};
    EXPECT_EQ(tensor["differs"]["program"], never);
    EXPECT_EQ(tensor["differs"]["cluster"], never) << tensor;
  }
  EXPECT_EQ(layers, 3);
}

TEST_F(CompareCluster, DeploysForTheComparisonAndLeavesNothing) {
  const Ended ended = compare({cluster_, net_, "--json"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  expect_all_equal(ended.document());
  EXPECT_THAT(ended.err, HasSubstr("cluster and integer reference: equal, bit for bit, over 20 inferences"));
  expect_nothing_left();
}

TEST_F(CompareCluster, ARunningDeploymentWhileOthersAreServed) {
  deploy("one", net_);
  const auto other = place_.start({"bench", "one", "--duration", "100", "--timeout", "60", "--poll", "block"});
  const auto inferences = [&] {
    const auto document = place_.run({"status", "one", "--json"}).document();
    std::uint64_t sum = 0;
    for (const auto& node : document["nodes"]) {
      sum += node["counters"]["inferences"].get<std::uint64_t>();
    }
    return sum;
  };
  const auto before = inferences();
  ASSERT_TRUE(eventually([&] { return inferences() > before + 100; }));
  const Ended ended = compare({"one", "--json"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  expect_all_equal(ended.document());
  EXPECT_THAT(ended.err, HasSubstr("no float reference"));
  const auto after = inferences();
  EXPECT_TRUE(eventually([&] { return inferences() > after + 100; })) << "the other client is served on";
  other->signal(SIGINT);
  other->end();
  EXPECT_EQ(place_.run({"stop", "one"}).status, 0);
  expect_nothing_left();
}

TEST_F(CompareCluster, OneFlippedWeightBitNamesLayerAndNode) {
  deploy("one", net_);
  kernels::Graph other = small_graph();
  auto& weight = other.layers.at(1).spec.constants.at("weight");
  Tensor flipped = *weight;
  flipped.elements<std::int8_t>()[3] ^= 0x40;
  weight = std::make_shared<Tensor>(flipped);
  const std::string reference = write_graph(place_, "other.graph", other);
  const Ended text = compare({"one", reference});
  EXPECT_EQ(text.status, 1);
  EXPECT_THAT(text.out, AllOf(HasSubstr("program and integer reference: equal"),
                              HasSubstr("cluster and integer reference: DIFFER first at inference"),
                              HasSubstr("tensor `dense_2_out` of layer `dense_2` on node `b`, element 0")));
  const auto document = compare({"one", reference, "--json"}).document();
  EXPECT_EQ(document["equal"], false);
  EXPECT_EQ(document["difference"]["source"], "cluster");
  EXPECT_EQ(document["difference"]["layer"], "dense_2");
  EXPECT_EQ(document["difference"]["node"], "b");
}

TEST_F(CompareCluster, InterruptedLeavesNothing) {
  x_ = write_array(place_, "x.npy", random_rows(20000, 12));
  const auto running = place_.start({"compare", cluster_, net_, "--input", x_, "--poll", "block"});
  ASSERT_TRUE(eventually([&] { return place_.run({"status"}).out.find("compare.") != std::string::npos; }));
  running->signal(SIGINT);
  const Ended ended = running->end();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("interrupted"));
  expect_nothing_left();
}

TEST_F(CompareCluster, BadWords) {
  EXPECT_EQ(compare({cluster_, net_, "third"}).status, 2);
  const Ended address = compare({"127.0.0.1:4000"});
  EXPECT_EQ(address.status, 2);
  EXPECT_THAT(address.err, HasSubstr("give a deployment's name"));
  deploy("one", net_);
  const std::string wide = write_array(place_, "wide.npy", random_rows(3, 276));
  const Ended other = place_.run({"compare", "one", example("net.json"), "--input", wide});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("deployment `one` has other inputs or outputs"));
}

// What bench says of where the time goes.
void expect_times(const nlohmann::json& time, const std::vector<std::string>& ways) {
  ASSERT_TRUE(time.is_object());
  EXPECT_GT(time["inferences"], 0);
  double sum = time["rest_ns"];
  std::vector<std::string> steps;
  for (const auto& step : time["steps"]) {
    EXPECT_GE(step["mean_ns"], 0);
    if (!step["on_longest_way"].get<bool>()) continue;
    sum += step["mean_ns"].get<double>();
    steps.push_back(step["kind"] == "wire" ? step["from"].get<std::string>() + "->" + step["to"].get<std::string>()
                                           : step["kind"].get<std::string>() + " " + step["node"].get<std::string>());
  }
  EXPECT_EQ(steps, ways);
  EXPECT_NEAR(sum, time["mean_ns"].get<double>(), 1);
}

TEST_F(CompareCluster, BenchTellsWhereTheTimeGoes) {
  deploy("one", net_);
  const std::vector<std::string> words{"bench", "one", "--count", "200", "--poll", "block"};
  const Ended text = place_.run(words);
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("where the time goes, by 200 traced inferences"), HasSubstr("client -> a"),
                              HasSubstr("a, kernel 1"), HasSubstr("request to reply")));
  auto json = words;
  json.emplace_back("--json");
  expect_times(place_.run(json).document()["time"], {"client->a", "queue a", "compute a", "a->b", "queue b",
                                                     "compute b", "b->a", "queue a", "compute a", "a->client"});
}

TEST_F(CompareCluster, BenchOfALoneNodeDoesToo) {
  ASSERT_EQ(place_.run({"deploy", graph_, "--detach", "--name", "one", "--poll", "block"}).status, 0);
  const Ended ended = place_.run({"bench", "one", "--count", "200", "--poll", "block", "--histogram", "--json"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  expect_times(ended.document()["time"], {"client->local", "queue local", "compute local", "local->client"});
  EXPECT_THAT(ended.err, HasSubstr("####")) << "the histogram";
}

}  // namespace
}  // namespace algean::e2e
