// What can go wrong while a deployment of several nodes runs, or stops: an error says what and where, within a
// deadline.
#include "tests/e2e/fault_fixture.hpp"

namespace algean::e2e {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::SizeIs;

using ClusterFaults = FaultTest;

TEST_F(ClusterFaults, AgentKilledDuringInference) {
  const auto document = deployed(local_);
  const auto client = asking();
  ASSERT_EQ(::kill(pid_of(document, 1), SIGKILL), 0);
  const Ended ended = client->end();
  EXPECT_TRUE(ended.status == 1 || ended.status == 3) << ended.status;
  EXPECT_THAT(ended.err, AnyOf(HasSubstr("node b"), HasSubstr("b at "), HasSubstr("`b`"))) << ended.err;
  const auto seen = status();
  EXPECT_EQ(seen["state"], "dead");
  EXPECT_EQ(seen["nodes"][0]["state"], "running");
  EXPECT_EQ(seen["nodes"][1]["state"], "dead");
  const Ended asked = infer();
  EXPECT_EQ(asked.status, 1);
  EXPECT_THAT(asked.err, HasSubstr("deployment `one`: node b is dead"));
  EXPECT_EQ(place_.run({"stop", "one"}).status, 0);
  expect_nothing_left();
}

TEST_F(ClusterFaults, InFrontANodeThatDiesIsReported) {
  const auto front = place_.start({"deploy", local_, net_, "--name", "one"});
  ASSERT_TRUE(front->prints("Ctrl-C stops it"));
  ASSERT_EQ(::kill(pid_of(status(), 2), SIGKILL), 0);
  const Ended ended = front->end();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err,
              HasSubstr("deployment `one`: node c: the node process was killed by signal 9 (Killed); its log "
                        "ends:"));
  expect_nothing_left();
}

TEST_F(ClusterFaults, StoppedNode) {
  const auto document = deployed(local_);
  const pid_t node = pid_of(document, 1);
  ASSERT_EQ(::kill(node, SIGSTOP), 0);
  ASSERT_TRUE(is_in_state(node, 'T'));
  const Ended ended = infer("0.5");
  EXPECT_TRUE(ended.status == 1 || ended.status == 3) << ended.status;
  EXPECT_THAT(ended.err, HasSubstr("inference"));
  const auto seen = status();
  EXPECT_EQ(seen["state"], "not answering");
  EXPECT_EQ(seen["nodes"][1]["state"], "not answering");
  EXPECT_EQ(seen["nodes"][2]["state"], "running");
  ASSERT_EQ(::kill(node, SIGCONT), 0);
  EXPECT_TRUE(eventually([&] { return infer("1").status == 0; })) << "it goes on";
  expect_answers();
  ASSERT_EQ(::kill(node, SIGSTOP), 0);
  EXPECT_EQ(place_.run({"stop", "one", "--grace", "0.05"}).out, "one: killed\n");
  expect_nothing_left();
}

TEST_F(ClusterFaults, ClientKilledWithRequestsInFlight) {
  deployed(local_);
  const auto client = asking();
  client->signal(SIGKILL);
  EXPECT_EQ(client->end().status, 128 + SIGKILL);
  expect_answers();
  EXPECT_TRUE(eventually([&] {
    const auto nodes = status()["nodes"];
    return std::ranges::all_of(
        nodes, [](const auto& node) { return node["counters"]["attached"] == node["counters"]["freed"]; });
  })) << "its slots are freed on all nodes";
}
TEST_F(ClusterFaults, FailedReplacementLeavesTheFormer) {
  deployed(local_);
  const HeldPort held(SOCK_DGRAM);
  const std::string cluster =
      write_cluster(place_, {{"a", ""}, {"b", ", listen: \"" + held.address + "\""}, {"c", ""}}, "", "other.yaml");
  EXPECT_EQ(deploy(cluster, {"--replace"}).status, 1);
  expect_answers();
  EXPECT_THAT(place_.processes(), SizeIs(3));
}

TEST_F(ClusterFaults, StopOfAnAgentThatDoesNotAnswer) {
  HandAgent agent(place_);
  deployed(write_cluster(place_, {{"a", ""}, {"b", host(agent.address())}, {"c", ""}}));
  agent.process().signal(SIGSTOP);
  ASSERT_TRUE(is_in_state(agent.pid(), 'T'));
  const Ended stopped = place_.run({"stop", "one", "--timeout", "0.3"});
  EXPECT_EQ(stopped.status, 1);
  EXPECT_THAT(stopped.err,
              AllOf(HasSubstr("one: node b may run on: agent b at " + agent.address()), HasSubstr("its folder stays")));
  EXPECT_EQ(status()["nodes"][0]["state"], "dead");
  EXPECT_EQ(place_.run({"stop", "one", "--timeout", "0.3", "--force"}).status, 0);
  EXPECT_EQ(place_.state_entries(), 0U);
  agent.process().signal(SIGCONT);
}
}  // namespace
}  // namespace algean::e2e
