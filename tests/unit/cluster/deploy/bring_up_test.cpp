// Deployments over agents that a test plays: what each is asked, what is kept, and what is replaced.
#include <sys/wait.h>

#include "cluster/deploy/end.hpp"
#include "tests/unit/cluster/deploy/bring_up_fixture.hpp"

namespace algean::cluster {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing_support::BringUpTest;
using testing_support::FakeAgent;
using testing_support::RealNode;

TEST_F(BringUpTest, EveryStepOnEveryAgent) {
  const RealNode node(graph_);
  FakeAgent a(node.address());
  FakeAgent b("127.0.0.1:10");
  link(a, b);
  const auto deployed = up(plan(a, b));
  ASSERT_TRUE(deployed) << deployed.error().message;
  EXPECT_THAT(a.calls(), ElementsAre("hello", "load", "connect", "start", "commit"));
  EXPECT_THAT(b.calls(), ElementsAre("hello", "load", "connect", "start", "commit"));
  const Deployment& record = deployed->deployment;
  EXPECT_EQ(states_.read("two").value(), record);
  EXPECT_EQ(record.address, node.address());
  EXPECT_EQ(record.nodes[1], (DeployedNode{"b", b.address(), b.address(), "127.0.0.1:10", std::nullopt}));
  EXPECT_THAT(a.parts(), ElementsAre(testing::Pair(record.epoch, true)));
  EXPECT_EQ(b.load().part().node(), 1U);
  EXPECT_EQ(b.load().replaces(), 0U);
  EXPECT_EQ(b.load().files(0).data(), "\1\2\3");
  EXPECT_EQ(b.connect().nodes(0).address(), node.address());
  EXPECT_EQ(b.connect().nodes(1).address(), "127.0.0.1:10");
  EXPECT_EQ(deployed->nodes[0].links[0].peer, "b");
  EXPECT_EQ(deployed->nodes[0].links[0].rtt_ns, 5000);
  EXPECT_TRUE(fs::exists(states_.folder("two") / "plan.json"));
  EXPECT_EQ(read_text(states_.folder("two") / "bundle" / "b" / "node.json").value(),
            to_text(plan(a, b).parts[1].bundle));
  EXPECT_EQ(read_text(states_.folder("two") / "bundle" / "b" / "k.graph").value(), "\1\2\3");
  EXPECT_THAT(warnings_, SizeIs(0));
}
TEST_F(BringUpTest, LeasesAreKeptWhileAnotherLoads) {
  const RealNode node(graph_);
  FakeAgent a(node.address(), {}, 20);
  int seen = 0;
  FakeAgent* others = &a;
  FakeAgent b("127.0.0.1:10", [&](const control::Request& request) -> std::optional<FakeAgent::Twisted> {
    if (!request.has_load()) return std::nullopt;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (others->statuses() < 5 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    seen = others->statuses();
    return std::nullopt;
  });
  link(a, b);
  const auto deployed = up(plan(a, b));
  ASSERT_TRUE(deployed) << deployed.error().message;
  EXPECT_GE(seen, 5);
}

TEST_F(BringUpTest, NameTaken) {
  const RealNode node(graph_);
  FakeAgent a(node.address());
  FakeAgent b;
  link(a, b);
  ASSERT_TRUE(up(plan(a, b)));
  const auto again = up(plan(a, b));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(again.error().message, HasSubstr("the name `two` is taken"));
  EXPECT_THAT(a.calls(), SizeIs(5)) << "nobody was asked";
}

TEST_F(BringUpTest, ReplaceRunsBesideAndThenEndsTheFormer) {
  const RealNode node(graph_);
  FakeAgent a(node.address());
  FakeAgent b("127.0.0.1:10");
  link(a, b);
  const auto former = up(plan(a, b));
  ASSERT_TRUE(former);
  BringUp next = plan(a, b);
  next.replace = true;
  const auto deployed = up(next);
  ASSERT_TRUE(deployed) << deployed.error().message;
  EXPECT_EQ(b.load().replaces(), former->deployment.epoch);
  EXPECT_THAT(b.calls(), ElementsAre("hello", "load", "connect", "start", "commit", "hello", "load", "connect", "start",
                                     "commit", "stop"));
  EXPECT_THAT(b.parts(), ElementsAre(testing::Pair(deployed->deployment.epoch, true)));
  EXPECT_EQ(states_.read("two")->epoch, deployed->deployment.epoch);
  EXPECT_THAT(states_.names(), ElementsAre("two"));
}

TEST_F(BringUpTest, FailedReplaceLeavesTheFormerAlone) {
  const RealNode node(graph_);
  std::atomic<bool> unwilling = false;
  FakeAgent a(node.address());
  FakeAgent b("127.0.0.1:10", [&](const control::Request& request) -> std::optional<FakeAgent::Twisted> {
    if (!unwilling || !request.has_commit()) return std::nullopt;
    return FakeAgent::Twisted{error_reply({ErrorKind::failed, "not now"})};
  });
  link(a, b);
  const auto former = up(plan(a, b));
  ASSERT_TRUE(former);
  unwilling = true;
  BringUp next = plan(a, b);
  next.replace = true;
  ASSERT_FALSE(up(next));
  EXPECT_THAT(a.parts(), ElementsAre(testing::Pair(former->deployment.epoch, true)));
  EXPECT_THAT(b.parts(), ElementsAre(testing::Pair(former->deployment.epoch, true)));
  EXPECT_EQ(states_.read("two").value(), former->deployment);
}

TEST_F(BringUpTest, FixedPortInTheWayOfAReplacement) {
  const RealNode node(graph_);
  FakeAgent a(node.address());
  FakeAgent b("127.0.0.1:4321");
  link(a, b);
  ASSERT_TRUE(up(plan(a, b)));
  BringUp next = plan({part(a, 0), part(b, 1, "127.0.0.1:4321")});
  next.replace = true;
  const auto deployed = up(next);
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(deployed.error().message,
              AllOf(HasSubstr("node b is to listen at 127.0.0.1:4321"), HasSubstr("`algean stop two` first")));
  EXPECT_THAT(b.calls(), SizeIs(5)) << "nobody was asked";
}

TEST_F(BringUpTest, WhatAKilledDeployLeftIsEndedByTheNext) {
  FakeAgent a;
  const Deployment left{"two", "127.0.0.1:9", 77, "network", {{"a", a.address(), a.address(), "127.0.0.1:9", {}}}};
  a.hold(part_id("two", 77, 0));
  const pid_t child = ::fork();
  if (child == 0) {
    auto staging = states_.stage("two");
    const bool written = staging && write_text(staging->folder() / record_file, to_text(left));
    ::_exit(written ? 0 : 1);  // without the destructor, as a deploy killed between commit and publish
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_GT(entries(), 0U);
  EndOptions options;
  options.software = "0.1.0";
  clear_abandoned(states_, options, clock_);
  EXPECT_THAT(a.parts(), SizeIs(0));
  EXPECT_EQ(entries(), 0U);
}

TEST_F(BringUpTest, GreetingStartsNothing) {
  FakeAgent a;
  FakeAgent b;
  EXPECT_TRUE(greet_agents(plan(a, b), clock_, interrupts_));
  EXPECT_THAT(b.calls(), ElementsAre("hello"));
  EXPECT_EQ(entries(), 0U);
}

}  // namespace
}  // namespace algean::cluster