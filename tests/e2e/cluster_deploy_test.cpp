// One network over several nodes: from deploy to stop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "tests/e2e/clusters.hpp"
#include "tests/e2e/networks.hpp"

namespace algean::e2e {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Clusters : public testing::Test {
 protected:
  nlohmann::json deploy(const std::string& cluster, const std::string& net, const std::string& name,
                        const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"deploy", cluster, net, "--detach", "--name", name, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = place_.run(arguments);
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.document();
  }
  Ended infer(const std::string& target) {
    return place_.run({"infer", target, "--input", x_, "--output", place_.path("y.npy"), "--poll", "block"});
  }
  void expect_answers(const std::string& target) {
    const Ended ended = infer(target);
    ASSERT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(read_array(place_.path("y.npy")), integer_reference(graph_, read_array(x_)));
  }
  nlohmann::json status(const std::string& name) { return place_.run({"status", name, "--json"}).document(); }
  void expect_nothing_left() { e2e::expect_nothing_left(place_); }

  Place place_;
  std::string graph_ = small_net(place_);
  std::string net_ = write_net(place_, {{"dense_1", "a"}, {"dense_2", "b"}, {"dense_3", "c"}});
  std::string cluster_ = local_cluster(place_, {"a", "b", "c"});
  std::string x_ = write_array(place_, "x.npy", random_rows(30, 12));
};

TEST_F(Clusters, OptionsWithoutSenseAreRefused) {
  deploy(cluster_, net_, "one");
  EXPECT_EQ(place_.run({"logs", "one", "--lines", "-1"}).status, 2);
  EXPECT_EQ(place_.run({"logs", "one", "--lines", "1"}).status, 0);
  EXPECT_EQ(place_.run({"deploy", cluster_, net_, "--name", "two", "--listen", ""}).status, 2);
  EXPECT_EQ(place_.run({"stop", "one"}).status, 0);
  expect_nothing_left();
}

TEST_F(Clusters, AHarmedBundleIsRefused) {
  const std::string bundle = place_.path("bundle");
  ASSERT_EQ(place_.run({"build", cluster_, net_, "-o", bundle}).status, 0);
  const Ended whole = place_.run({"deploy", bundle, "--dry-run"});
  EXPECT_EQ(whole.status, 0) << whole.err;
  std::filesystem::remove_all(std::filesystem::path(bundle) / "c");
  EXPECT_EQ(place_.run({"deploy", bundle, "--detach", "--name", "harmed"}).status, 2);
  expect_nothing_left();
}

TEST_F(Clusters, ThreeNodesAnswerAsTheReference) {
  const auto document = deploy(cluster_, net_, "one");
  EXPECT_EQ(document["checked"], 16);
  ASSERT_THAT(document["nodes"], SizeIs(3));
  EXPECT_EQ(document["nodes"][1]["name"], "b");
  EXPECT_EQ(document["nodes"][1]["layers"], nlohmann::json::array({"dense_2"}));
  EXPECT_THAT(document["links"], Not(IsEmpty()));
  for (const auto& link : document["links"]) EXPECT_GT(link["rtt_us"], 0) << link;
  expect_answers("one");
}

TEST_F(Clusters, StatusKnowsNodesAndLinks) {
  deploy(cluster_, net_, "one");
  expect_answers("one");
  const auto document = status("one");
  EXPECT_EQ(document["state"], "running");
  ASSERT_THAT(document["nodes"], SizeIs(3));
  for (const auto& node : document["nodes"]) {
    EXPECT_EQ(node["state"], "running");
    EXPECT_EQ(::kill(node["pid"].get<pid_t>(), 0), 0) << node;
    EXPECT_THAT(node["kernels"], SizeIs(1));
    EXPECT_EQ(node["kernels"][0]["runs"], 16 + 30) << "self-check and ours";
    EXPECT_EQ(node["counters"]["errors"], 0);
  }
  std::vector<std::string> pairs;
  for (const auto& link : document["links"]) {
    EXPECT_EQ(link["state"], "up");
    EXPECT_GT(link["rtt_us"], 0);
    EXPECT_EQ(link["lost"], 0);
    pairs.push_back(link["from"].get<std::string>() + link["to"].get<std::string>());
  }
  EXPECT_THAT(pairs, testing::IsSupersetOf({"ab", "ba", "bc", "cb"}));
  const Ended text = place_.run({"status", "one"});
  EXPECT_THAT(text.out, AllOf(HasSubstr("one: running at 127.0.0.1:"), HasSubstr("a -> b"), HasSubstr("rtt us")));
}

TEST_F(Clusters, StopLeavesNoProcessSocketOrFile) {
  const auto document = deploy(cluster_, net_, "one");
  const auto processes = place_.processes();
  EXPECT_THAT(processes, SizeIs(3));
  const std::set<int> ports = ports_of(processes);
  EXPECT_GE(ports.size(), 6U) << "a data and a control port each";
  EXPECT_EQ(ports_in_use(ports), ports);
  EXPECT_EQ(place_.run({"stop", "one"}).out, "one: stopped\n");
  EXPECT_THAT(place_.processes(), IsEmpty()) << "when stop returns, all is gone";
  EXPECT_THAT(ports_in_use(ports), IsEmpty());
  EXPECT_EQ(place_.state_entries(), 0U);
}

TEST_F(Clusters, LogsOfAllNodesWithTheirNames) {
  deploy(cluster_, net_, "one");
  const Ended logs = place_.run({"logs", "one", "--lines", "100"});
  EXPECT_EQ(logs.status, 0);
  for (const std::string node : {"a  20", "b  20", "c  20"}) EXPECT_THAT(logs.out, HasSubstr(node));
  const auto lines = place_.run({"logs", "one", "--json"}).document()["lines"];
  EXPECT_TRUE(std::ranges::is_sorted(
      lines, {}, [](const auto& line) { return line["unix_time_ms"].template get<std::int64_t>(); }));
  const auto only = place_.run({"logs", "one", "--node", "b", "--json"}).document()["lines"];
  EXPECT_THAT(only, Not(IsEmpty()));
  for (const auto& line : only) EXPECT_EQ(line["node"], "b");
  EXPECT_EQ(place_.run({"logs", "one", "--node", "x"}).status, 2);
}

TEST_F(Clusters, RunningAgentsElsewhere) {
  HandAgent here(place_);
  HandAgent there(place_);
  const std::string cluster = write_cluster(
      place_, {{"a", ", host: \"" + here.address() + "\""}, {"b", ", host: \"" + there.address() + "\""}, {"c", ""}});
  const auto document = deploy(cluster, net_, "one");
  EXPECT_EQ(document["nodes"][0]["pid"], here.pid());
  expect_answers("one");
  EXPECT_EQ(status("one")["state"], "running");
  EXPECT_THAT(place_.run({"logs", "one", "--node", "b"}).out, HasSubstr("b  20"));
  EXPECT_EQ(place_.run({"stop", "one"}).status, 0);
  EXPECT_EQ(place_.state_entries(), 0U);
  EXPECT_THAT(place_.processes(), SizeIs(2)) << "agents started by hand stay";
  deploy(cluster, net_, "two");
  expect_answers("two");
}

TEST_F(Clusters, DryRunShowsThePlanAndStartsNothing) {
  HandAgent there(place_);
  const std::string cluster =
      write_cluster(place_, {{"a", ""}, {"b", ", host: \"" + there.address() + "\""}, {"c", ""}});
  const Ended dry = place_.run({"deploy", cluster, net_, "--dry-run", "--json"});
  EXPECT_EQ(dry.status, 0) << dry.err;
  const auto document = dry.document();
  EXPECT_EQ(document["dry_run"], true);
  EXPECT_EQ(document["nodes"][1]["host"], there.address());
  EXPECT_GT(document["nodes"][1]["bytes"], 0);
  EXPECT_THAT(dry.err, HasSubstr("nothing was started or written"));
  EXPECT_EQ(place_.state_entries(), 0U);
  EXPECT_THAT(place_.processes(), ElementsAre(there.pid()));
}

TEST_F(Clusters, TwoSideBySide) {
  deploy(cluster_, net_, "one");
  deploy(cluster_, write_net(place_, {{"dense_1", "c"}, {"dense_3", "a"}}, "other.json"), "two");
  expect_answers("one");
  expect_answers("two");
  EXPECT_EQ(place_.run({"stop", "one"}).status, 0);
  expect_answers("two");
  EXPECT_EQ(place_.run({"stop", "--all"}).out, "two: stopped\n");
  expect_nothing_left();
}

TEST_F(Clusters, ReplaceMovesALayer) {
  const auto first = deploy(cluster_, net_, "one");
  const std::string moved = write_net(place_, {{"dense_1", "a"}, {"dense_2", "c"}, {"dense_3", "b"}}, "moved.json");
  const auto second = deploy(cluster_, moved, "one", {"--replace"});
  EXPECT_NE(first["nodes"][0]["pid"], second["nodes"][0]["pid"]);
  expect_answers("one");
  EXPECT_EQ(place_.run({"status", "--json"}).document()["deployments"].size(), 1U);
  EXPECT_THAT(place_.processes(), SizeIs(3));
}

TEST_F(Clusters, PlansAndBundlesAreDeployedToo) {
  const std::string plan = place_.path("plan.json");
  const std::string bundle = place_.path("bundle");
  ASSERT_EQ(place_.run({"plan", cluster_, net_, "-o", plan}).status, 0);
  ASSERT_EQ(place_.run({"build", cluster_, net_, "-o", bundle}).status, 0);
  for (const std::string& artefact : {plan, bundle}) {
    const Ended deployed = place_.run({"deploy", artefact, "--detach", "--name", "one", "--replace", "--json"});
    ASSERT_EQ(deployed.status, 0) << deployed.err;
    EXPECT_THAT(deployed.document()["nodes"], SizeIs(3));
    expect_answers("one");
  }
  const std::string again = (place_.states() / "one" / "plan.json").string();
  EXPECT_EQ(place_.run({"deploy", again, "--detach", "--name", "two"}).status, 0) << "the state folder keeps its plan";
}

TEST_F(Clusters, OptionsOfALoneNodeAreRefused) {
  for (const auto& [option, value] : {std::pair{"--listen", "127.0.0.1:0"}, {"--poll", "spin"}, {"--cores", "0"}}) {
    const Ended ended = place_.run({"deploy", cluster_, net_, "--detach", option, value});
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.err, HasSubstr("are for one node without a cluster.yaml"));
  }
  expect_nothing_left();
}

TEST_F(Clusters, TheExampleOnThreeNodes) {
  const Ended deployed = place_.run({"deploy", cluster_, example("net.json"), "--detach", "--json"});
  ASSERT_EQ(deployed.status, 0) << deployed.err;
  EXPECT_THAT(deployed.document()["nodes"], SizeIs(3));
  const std::string y = place_.path("y.npy");
  const Ended ended =
      place_.run({"infer", "autoencoder", "--input", example("test_inputs.npy"), "--output", y, "--poll", "block"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  ASSERT_EQ(place_.run({"quantise", example("net.json"), "-o", place_.path("int8.graph")}).status, 0);
  EXPECT_EQ(read_array(y).shape()[0], 500);
  EXPECT_EQ(read_array(y), integer_reference(place_.path("int8.graph"), read_array(example("test_inputs.npy"))));
}

TEST_F(Clusters, MovingAnyLayerToAnyNodeChangesNoBit) {
  for (const std::string layer : {"dense_1", "dense_2", "dense_3"}) {
    for (const std::string node : {"a", "b", "c"}) {
      SCOPED_TRACE(layer + " on " + node);
      const auto document = deploy(cluster_, write_net(place_, {{layer, node}}), "one", {"--replace"});
      for (const auto& each : document["nodes"]) {
        const std::vector<std::string> layers = each["layers"];
        EXPECT_EQ(std::ranges::count(layers, layer), each["name"] == node ? 1 : 0) << each;
      }
      expect_answers("one");
    }
  }
}

TEST_F(Clusters, InFrontUntilInterrupted) {
  const auto front = place_.start({"deploy", cluster_, net_, "--name", "one"});
  ASSERT_TRUE(front->prints("Ctrl-C stops it"));
  expect_answers("one");
  front->signal(SIGINT);
  const Ended ended = front->end();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("one: stopped\n"));
  expect_nothing_left();
}

TEST_F(Clusters, GoesOnWithoutItsDeploy) {
  const auto front = place_.start({"deploy", cluster_, net_, "--name", "one"});
  ASSERT_TRUE(front->prints("Ctrl-C stops it"));
  front->signal(SIGKILL);
  EXPECT_EQ(front->end().status, 128 + SIGKILL);
  expect_answers("one");
  EXPECT_EQ(status("one")["state"], "running");
  EXPECT_EQ(place_.run({"stop", "one"}).out, "one: stopped\n");
  expect_nothing_left();
}

}  // namespace
}  // namespace algean::e2e
