// What can go wrong while several nodes are deployed: an error says what and where, and nothing is left.
#include <fstream>

#include "tests/e2e/fault_fixture.hpp"

namespace algean::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

using DeployFaults = FaultTest;

TEST_F(DeployFaults, PortInUse) {
  const HeldPort held(SOCK_DGRAM);
  const std::string cluster =
      write_cluster(place_, {{"a", ""}, {"b", ", listen: \"" + held.address + "\""}, {"c", ""}});
  const Ended ended = deploy(cluster);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("agent b at "), HasSubstr(held.address), HasSubstr("in use")));
  expect_nothing_left();
}

TEST_F(DeployFaults, HostThatDoesNotAnswer) {
  const HeldPort mute(SOCK_STREAM);
  const std::string address = "tcp://" + mute.address;
  const Ended ended = deploy(write_cluster(place_, {{"a", ""}, {"b", host(address)}, {"c", ""}}), {"--deadline", "2"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("agent b at " + address), HasSubstr("no connection for `hello` within")));
  expect_nothing_left();
}

TEST_F(DeployFaults, HostThatRefuses) {
  std::string address;
  {
    const HeldPort free(SOCK_STREAM);
    address = "tcp://" + free.address;
  }
  const Ended ended = deploy(write_cluster(place_, {{"a", ""}, {"b", host(address)}, {"c", ""}}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("agent b at " + address + ": cannot connect for `hello`: nobody listens there"));
  expect_nothing_left();
}

TEST_F(DeployFaults, BundleWhoseHashIsWrong) {
  HandAgent agent(place_);
  const Proxy proxy(agent.address(), [](cluster::control::Request& request) {
    if (request.has_load()) {
      std::string& bytes = *request.mutable_load()->mutable_files(0)->mutable_data();
      bytes[bytes.size() / 2] ^= 1;
    }
    return true;
  });
  const Ended ended = deploy(write_cluster(place_, {{"a", ""}, {"b", host(proxy.address())}, {"c", ""}}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("agent b at " + proxy.address()), HasSubstr("has SHA-256")));
  EXPECT_EQ(parts_of(agent), 0);
  EXPECT_EQ(place_.state_entries(), 0U);
}

TEST_F(DeployFaults, AgentKilledDuringDeploy) {
  const auto deploying = place_.start({"deploy", local_, net_, "--detach", "--name", "one"});
  const auto agent_of_b = [&]() -> pid_t {
    for (const pid_t pid : place_.processes()) {
      std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
      const std::string words{std::istreambuf_iterator<char>(file), {}};
      if (words.find(std::string("--name\0b\0", 9)) != std::string::npos) return pid;
    }
    return 0;
  };
  pid_t agent = 0;
  ASSERT_TRUE(eventually([&] { return (agent = agent_of_b()) != 0; }));
  ASSERT_EQ(::kill(agent, SIGKILL), 0);
  const Ended ended = deploying->end();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("node b: the node process was killed by signal 9"));
  expect_nothing_left();
}

TEST_F(DeployFaults, AgentElsewhereKilledDuringDeploy) {
  HandAgent agent(place_);
  const Proxy proxy(agent.address(), [&](cluster::control::Request& request) {
    if (request.has_connect()) agent.process().signal(SIGKILL);
    return true;
  });
  const Ended ended = deploy(write_cluster(place_, {{"a", ""}, {"b", host(proxy.address())}, {"c", ""}}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("agent b at " + proxy.address()));
  EXPECT_EQ(agent.process().end().status, 128 + SIGKILL);
  expect_nothing_left();
}
TEST_F(DeployFaults, DeployKilledBeforeItCommits) {
  HandAgent first(place_, {"--lease", "0.3"});
  HandAgent second(place_, {"--lease", "0.3"});
  std::atomic<bool> reached = false;
  const Proxy proxy(second.address(), [&](cluster::control::Request& request) {
    if (request.has_start()) reached = true;
    return !request.has_start();
  });
  const auto deploying = place_.start(
      {"deploy", write_cluster(place_, {{"a", host(first.address())}, {"b", host(proxy.address())}, {"c", ""}}), net_,
       "--detach", "--name", "one"});
  ASSERT_TRUE(eventually([&] { return reached.load(); }));
  EXPECT_EQ(parts_of(first), 1);
  EXPECT_THAT(place_.processes(), SizeIs(4)) << "two by hand, one local, and deploy";
  deploying->signal(SIGKILL);
  EXPECT_EQ(deploying->end().status, 128 + SIGKILL);
  EXPECT_TRUE(eventually([&] { return parts_of(first) == 0 && parts_of(second) == 0; })) << "the lease is over";
  EXPECT_TRUE(eventually([&] { return place_.processes().size() == 2; })) << "the local agent ends by itself";
  EXPECT_EQ(place_.run({"stop", "--all"}).status, 0);
  EXPECT_EQ(place_.state_entries(), 0U);
}

TEST_F(DeployFaults, InterruptedDeployLeavesNothing) {
  HandAgent agent(place_);
  std::atomic<bool> reached = false;
  const Proxy proxy(agent.address(), [&](cluster::control::Request& request) {
    if (request.has_start()) reached = true;
    return !request.has_start();
  });
  const auto deploying = place_.start(
      {"deploy", write_cluster(place_, {{"a", ""}, {"b", host(proxy.address())}, {"c", ""}}), net_, "--name", "one"});
  ASSERT_TRUE(eventually([&] { return reached.load(); }));
  EXPECT_EQ(parts_of(agent), 1);
  deploying->signal(SIGINT);
  const Ended ended = deploying->end();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("interrupted"));
  EXPECT_EQ(parts_of(agent), 0);
  EXPECT_EQ(place_.state_entries(), 0U);
  EXPECT_THAT(place_.processes(), SizeIs(1)) << "the agent started by hand";
}
TEST_F(DeployFaults, DeadlineOfTheCluster) {
  HandAgent agent(place_);
  const Proxy proxy(agent.address(), [](cluster::control::Request& request) { return !request.has_load(); });
  const std::string cluster =
      write_cluster(place_, {{"a", ""}, {"b", host(proxy.address())}, {"c", ""}}, "{deploy_deadline_s: 2}");
  const Ended ended = deploy(cluster);
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("agent b at " + proxy.address() + ": no answer to `load` within"));
  EXPECT_EQ(place_.state_entries(), 0U);
  EXPECT_THAT(place_.processes(), SizeIs(1));
}

}  // namespace
}  // namespace algean::e2e