// What can go wrong with several nodes: each time an error says what and where, within a deadline, and nothing is left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <functional>
#include <thread>

#include "cluster/control/client.hpp"
#include "cluster/control/server.hpp"
#include "runtime/base/descriptor.hpp"
#include "tests/e2e/clusters.hpp"
#include "tests/e2e/networks.hpp"

namespace algean::e2e {
namespace {

using cluster::ControlClient;
using cluster::ControlServer;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::int64_t minute_ns = 60'000'000'000;

// A socket of this process at a free port of loopback; TCP ones listen, and nobody accepts.
struct HeldPort {
  explicit HeldPort(int type) : socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), size), 0);
    const int listening = type == SOCK_STREAM ? ::listen(socket.get(), 8) : 0;
    EXPECT_EQ(listening, 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
    address = fmt::format("127.0.0.1:{}", ntohs(at.sin_port));
  }
  Descriptor socket;
  std::string address;
};

// Stands between deploy and an agent. The handler may change a request; false: it goes no further.
class Proxy {
 public:
  using Handler = std::function<bool(cluster::control::Request&)>;
  Proxy(const std::string& agent, Handler handler)
      : handler_(std::move(handler)),
        server_(ControlServer::listen("tcp://127.0.0.1:*", {"proxy"}).value()),
        client_(ControlClient::connect("behind", agent, {"proxy"}, clock_).value()),
        thread_([this] { serve(); }) {}
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy() {
    ended_ = true;
    server_->wake();
  }
  [[nodiscard]] const std::string& address() const { return server_->address(); }

 private:
  void serve() {
    while (!ended_) {
      server_->wait(-1, {});
      while (auto incoming = server_->receive()) {
        if (!handler_(incoming->request)) continue;
        auto reply = client_->call(std::move(incoming->request), minute_ns);
        server_->reply(incoming->caller, reply ? *std::move(reply) : cluster::error_reply(reply.error()));
      }
    }
  }

  SteadyClock clock_;
  Handler handler_;
  std::unique_ptr<ControlServer> server_;
  std::unique_ptr<ControlClient> client_;
  std::atomic<bool> ended_ = false;
  std::jthread thread_;
};

class ClusterFaults : public testing::Test {
 protected:
  std::string host(const std::string& address) const { return ", host: \"" + address + "\""; }
  Ended deploy(const std::string& cluster, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"deploy", cluster, net_, "--detach", "--name", "one", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return place_.run(arguments);
  }
  nlohmann::json deployed(const std::string& cluster) {
    const Ended ended = deploy(cluster);
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.document();
  }
  Ended infer(const std::string& timeout_s = "10") {
    return place_.run(
        {"infer", "one", "--input", x_, "--output", place_.path("y.npy"), "--poll", "block", "--timeout", timeout_s});
  }
  void expect_answers() {
    const Ended ended = infer();
    ASSERT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(read_array(place_.path("y.npy")), integer_reference(graph_, read_array(x_)));
  }
  nlohmann::json status() { return place_.run({"status", "one", "--json", "--timeout", "0.5"}).document(); }
  // A client that keeps asking, once an inference has run.
  std::unique_ptr<Running> asking() {
    auto client = place_.start({"bench", "one", "--duration", "100", "--timeout", "2", "--poll", "block"});
    EXPECT_TRUE(eventually([&] { return status()["nodes"][2]["counters"]["inferences"] > 16; }));
    return client;
  }
  static pid_t pid_of(const nlohmann::json& document, std::size_t node) { return document["nodes"][node]["pid"]; }
  // Parts that an agent has now.
  int parts_of(const HandAgent& agent) {
    const SteadyClock clock;
    const auto client = ControlClient::connect("hand", agent.address(), {"test"}, clock).value();
    cluster::control::Request request;
    request.mutable_hello();
    const auto reply = client->call(std::move(request), minute_ns);
    return reply ? reply->hello().parts_size() : -1;
  }
  void expect_nothing_left() {
    EXPECT_EQ(place_.state_entries(), 0U);
    EXPECT_TRUE(eventually([&] { return place_.processes().empty(); }));
  }

  Place place_;
  std::string graph_ = small_net(place_);
  std::string net_ = write_net(place_, {{"dense_1", "a"}, {"dense_2", "b"}, {"dense_3", "c"}});
  std::string local_ = local_cluster(place_, {"a", "b", "c"});
  std::string x_ = write_array(place_, "x.npy", random_rows(30, 12));
};

TEST_F(ClusterFaults, PortInUse) {
  const HeldPort held(SOCK_DGRAM);
  const std::string cluster =
      write_cluster(place_, {{"a", ""}, {"b", ", listen: \"" + held.address + "\""}, {"c", ""}});
  const Ended ended = deploy(cluster);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("agent b at "), HasSubstr(held.address), HasSubstr("in use")));
  expect_nothing_left();
}

TEST_F(ClusterFaults, HostThatDoesNotAnswer) {
  const HeldPort mute(SOCK_STREAM);
  const std::string address = "tcp://" + mute.address;
  const Ended ended = deploy(write_cluster(place_, {{"a", ""}, {"b", host(address)}, {"c", ""}}), {"--deadline", "2"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("agent b at " + address), HasSubstr("no connection for `hello` within")));
  expect_nothing_left();
}

TEST_F(ClusterFaults, HostThatRefuses) {
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

TEST_F(ClusterFaults, BundleWhoseHashIsWrong) {
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

TEST_F(ClusterFaults, AgentKilledDuringDeploy) {
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

TEST_F(ClusterFaults, AgentElsewhereKilledDuringDeploy) {
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

TEST_F(ClusterFaults, DeployKilledBeforeItCommits) {
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

TEST_F(ClusterFaults, InterruptedDeployLeavesNothing) {
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

TEST_F(ClusterFaults, DeadlineOfTheCluster) {
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
