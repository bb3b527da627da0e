// Deployments over agents that a test plays, with one real node that answers.
#include "cluster/deploy/bring_up.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "cluster/deploy/end.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "runtime/base/file.hpp"
#include "runtime/node/node.hpp"
#include "runtime/transport/udp.hpp"
#include "tests/unit/cluster/control/raw_peer.hpp"
#include "tests/unit/cluster/deploy/fake_agent.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::cluster {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing_support::FakeAgent;
using testing_support::link_status;

constexpr std::int64_t second_ns = 1'000'000'000;

// A node that answers for the whole deployment.
class RealNode {
 public:
  explicit RealNode(const kernels::Graph& graph)
      : engine_(kernels::make_engine(graph, kernels::library()).value()),
        node_(make()),
        thread_([this] { node_->run(); }) {}
  RealNode(const RealNode&) = delete;
  RealNode& operator=(const RealNode&) = delete;
  ~RealNode() { node_->stop(); }
  [[nodiscard]] std::string address() const { return node_->address(); }

 private:
  std::unique_ptr<Node> make() {
    NodeOptions options;
    options.poll = Poll::block;
    return Node::make(single_node(*engine_, "two", "0.1.0"), listen_udp().value(), options, clock_).value();
  }

  SteadyClock clock_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Node> node_;
  std::jthread thread_;
};

// Two nodes, a and b; a is home.
class BringUpTest : public testing::Test {
 protected:
  BringUpTest() {
    std::string folder = (fs::temp_directory_path() / "algean_bring_up.XXXXXX").string();
    base_ = ::mkdtemp(folder.data());
    states_ = StateRoot(base_ / "algean");
    Random random(1);
    const auto values = kernels::testing::random_reals(random, 6, -1, 1);
    inferences_.push_back({kernels::testing::tensor(kernels::testing::real({6}), values)});
  }
  ~BringUpTest() override { fs::remove_all(base_); }

  static kernels::Graph network(std::uint64_t seed) {
    kernels::Graph graph = kernels::testing::dense_network(kernels::library(), {6, 9, 4}, seed);
    graph.inputs[0].form = ExternalForm::float32;
    graph.outputs[0].form = ExternalForm::float32;
    return graph;
  }
  // A part as far as deploy looks at it.
  static Shipment part(const FakeAgent& agent, std::uint16_t node, const std::string& listen = "127.0.0.1:0") {
    Shipment shipment;
    shipment.host = agent.address();
    shipment.bundle.deployment = "two";
    shipment.bundle.network = "network";
    shipment.bundle.node = node;
    shipment.bundle.name = node == 0 ? "a" : "b";
    shipment.bundle.listen = listen;
    shipment.bundle.kernels.push_back({std::uint16_t(node + 1), "k.graph", "", 3, {"layer"}, {}, {}});
    shipment.bundle.peers.push_back({std::uint16_t(1 - node), node == 0 ? "b" : "a", {}, "udp", 1500});
    shipment.files.push_back({"k.graph", {std::byte{1}, std::byte{2}, std::byte{3}}});
    return shipment;
  }
  BringUp plan(std::vector<Shipment> parts) {
    BringUp plan;
    plan.name = "two";
    plan.parts = std::move(parts);
    plan.save = [](const fs::path& folder) { return write_text(folder / plan_file, "{}"); };
    plan.software = "0.1.0";
    plan.inferences = inferences_;
    plan.deadline_ns = clock_.now_ns() + 60 * second_ns;
    plan.warn = [this](std::string_view line) { warnings_.emplace_back(line); };
    return plan;
  }
  BringUp plan(const FakeAgent& a, const FakeAgent& b) { return plan({part(a, 0), part(b, 1)}); }
  Result<Deployed> up(const BringUp& plan) {
    return bring_up(plan, graph_, kernels::library(), states_, clock_, interrupts_);
  }
  static void link(FakeAgent& a, FakeAgent& b) {
    a.set_links({link_status("b", control::LINK_UP, 5000)});
    b.set_links({link_status("a", control::LINK_UP, 6000)});
  }
  std::size_t entries() {
    std::error_code ignored;
    return static_cast<std::size_t>(
        std::distance(fs::recursive_directory_iterator(states_.path(), ignored), fs::recursive_directory_iterator()));
  }
  // Nothing is left of a deployment that failed.
  void expect_rolled_back(const FakeAgent& a, const FakeAgent& b) {
    EXPECT_THAT(a.parts(), SizeIs(0));
    EXPECT_THAT(b.parts(), SizeIs(0));
    EXPECT_EQ(entries(), 0U);
  }
  // An agent that answers one call with an error, having done what was asked where `does`.
  static FakeAgent::Twist fails(control::Request::CallCase call) {
    return [call](const control::Request& request) -> std::optional<FakeAgent::Twisted> {
      if (request.call_case() != call) return std::nullopt;
      return FakeAgent::Twisted{error_reply({ErrorKind::bad_input, "not with me"})};
    };
  }
  static FakeAgent::Twist ignores(control::Request::CallCase call) {
    return [call](const control::Request& request) -> std::optional<FakeAgent::Twisted> {
      if (request.call_case() != call) return std::nullopt;
      return FakeAgent::Twisted{};
    };
  }

  fs::path base_;
  StateRoot states_{""};
  SteadyClock clock_;
  Interrupts interrupts_;
  kernels::Graph graph_ = network(5);
  std::vector<Inference> inferences_;
  std::vector<std::string> warnings_;
};

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

class FailingStep : public BringUpTest, public testing::WithParamInterface<control::Request::CallCase> {};

TEST_P(FailingStep, IsRolledBackEverywhere) {
  const RealNode node(graph_);
  for (const bool first_fails : {true, false}) {
    FakeAgent a(node.address(), first_fails ? fails(GetParam()) : FakeAgent::Twist());
    FakeAgent b("127.0.0.1:10", first_fails ? FakeAgent::Twist() : fails(GetParam()));
    link(a, b);
    const auto deployed = up(plan(a, b));
    ASSERT_FALSE(deployed);
    EXPECT_EQ(deployed.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(deployed.error().message, AllOf(HasSubstr("not with me"), HasSubstr((first_fails ? a : b).address())));
    expect_rolled_back(a, b);
  }
}

INSTANTIATE_TEST_SUITE_P(Calls, FailingStep,
                         testing::Values(control::Request::kHello, control::Request::kLoad, control::Request::kConnect,
                                         control::Request::kStart, control::Request::kStatus,
                                         control::Request::kCommit));

TEST_F(BringUpTest, WrongAnswersAreRolledBack) {
  const RealNode node(network(6));
  FakeAgent a(node.address());
  FakeAgent b;
  link(a, b);
  const auto deployed = up(plan(a, b));
  ASSERT_FALSE(deployed);
  EXPECT_THAT(deployed.error().message, HasSubstr("but the reference says"));
  expect_rolled_back(a, b);
}

TEST_F(BringUpTest, NobodyListens) {
  std::string address;
  {
    const FakeAgent gone;
    address = gone.address();
  }
  FakeAgent a;
  Shipment second = part(a, 1);
  second.host = address;
  const auto deployed = up(plan({part(a, 0), second}));
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().message, "agent b at " + address + ": cannot connect for `hello`: nobody listens there");
  EXPECT_THAT(a.calls(), ElementsAre("hello"));
  EXPECT_EQ(entries(), 0U);
}

TEST_F(BringUpTest, HostThatDoesNotAnswer) {
  const Descriptor mute(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));  // connects, and never reads
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ASSERT_EQ(::bind(mute.get(), reinterpret_cast<const sockaddr*>(&at), size), 0);
  ASSERT_EQ(::listen(mute.get(), 8), 0);
  ASSERT_EQ(::getsockname(mute.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
  FakeAgent a;
  Shipment second = part(a, 1);
  second.host = fmt::format("tcp://127.0.0.1:{}", ntohs(at.sin_port));
  BringUp late = plan({part(a, 0), second});
  late.hello_timeout_ns = second_ns / 10;
  const auto deployed = up(late);
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().kind, ErrorKind::deadline);
  EXPECT_EQ(deployed.error().message, "agent b at " + second.host + ": no connection for `hello` within 100 ms");
  EXPECT_EQ(entries(), 0U);
}

TEST_F(BringUpTest, AgentOfAnotherVersion) {
  testing_support::RawPeer other(zmq::socket_type::router);
  FakeAgent a;
  Shipment second = part(a, 1);
  second.host = other.bind();
  const std::jthread answer([&] {
    const auto frames = other.receive();
    ASSERT_THAT(frames, SizeIs(2));
    control::Request request;
    ASSERT_TRUE(request.ParseFromString(frames[1]));
    control::Reply reply;
    reply.set_version(2);
    reply.set_software("0.2.0");
    reply.set_id(request.id());
    reply.mutable_hello();
    other.send({frames[0], reply.SerializeAsString()});
  });
  const auto deployed = up(plan({part(a, 0), second}));
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().message,
            "agent b at " + second.host + ": speaks control version 2 (software 0.2.0), this is 1 (software 0.1.0)");
  EXPECT_THAT(a.calls(), ElementsAre("hello")) << "nothing was loaded";
  EXPECT_EQ(entries(), 0U);
}

TEST_F(BringUpTest, SilentAgentMeetsTheDeadline) {
  for (const auto call : {control::Request::kLoad, control::Request::kCommit}) {
    const RealNode node(graph_);
    FakeAgent a(node.address());
    FakeAgent b("127.0.0.1:10", ignores(call));
    link(a, b);
    BringUp late = plan(a, b);
    late.deadline_ns = clock_.now_ns() + second_ns / 2;
    const auto deployed = up(late);
    ASSERT_FALSE(deployed);
    EXPECT_EQ(deployed.error().kind, ErrorKind::deadline);
    EXPECT_THAT(deployed.error().message, HasSubstr("agent b at " + b.address() + ": no answer to `"));
    expect_rolled_back(a, b);
  }
}

TEST_F(BringUpTest, TooLargePart) {
  FakeAgent a;
  FakeAgent b;
  Shipment large = part(b, 1);
  large.files[0].bytes.resize(2U << 20U);
  const auto deployed = up(plan({part(a, 0), large}));
  ASSERT_FALSE(deployed);
  EXPECT_THAT(deployed.error().message, HasSubstr("agent b at " + b.address() + ": its part has "));
  EXPECT_THAT(b.calls(), ElementsAre("hello"));
}

TEST_F(BringUpTest, LinkThatDoesNotComeUpIsNamed) {
  FakeAgent a("127.0.0.1:11");
  FakeAgent b("127.0.0.1:12");
  link(a, b);
  b.set_links({link_status("a", control::LINK_WAITING)});
  BringUp late = plan(a, b);
  late.link_timeout_ns = second_ns / 20;
  const auto deployed = up(late);
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().kind, ErrorKind::deadline);
  EXPECT_EQ(deployed.error().message,
            "link b (127.0.0.1:12) - a (127.0.0.1:11): no packet of 1500 bytes came back in time");
  expect_rolled_back(a, b);
}

TEST_F(BringUpTest, LinkThatIsDownIsNamed) {
  FakeAgent a("127.0.0.1:11");
  FakeAgent b("127.0.0.1:12");
  link(a, b);
  a.set_links({link_status("b", control::LINK_DOWN)});
  const auto deployed = up(plan(a, b));
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().message, "link a (127.0.0.1:11) - b (127.0.0.1:12) is down");
  expect_rolled_back(a, b);
}

TEST_F(BringUpTest, InterruptRollsBack) {
  FakeAgent a;
  FakeAgent b("127.0.0.1:10", [](const control::Request& request) -> std::optional<FakeAgent::Twisted> {
    if (!request.has_load()) return std::nullopt;
    (void)::kill(::getpid(), SIGINT);  // while everybody waits for this one
    return FakeAgent::Twisted{};
  });
  const auto deployed = up(plan(a, b));
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().kind, ErrorKind::failed);
  EXPECT_THAT(deployed.error().message, HasSubstr("interrupted"));
  expect_rolled_back(a, b);
  EXPECT_THAT(b.calls(), Contains("stop"));
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
