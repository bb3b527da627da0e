// What can go wrong with agents before a deployment is committed: the error names it, and everything is undone.
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>

#include "tests/unit/cluster/control/raw_peer.hpp"
#include "tests/unit/cluster/deploy/bring_up_fixture.hpp"

namespace algean::cluster {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing_support::BringUpTest;
using testing_support::FakeAgent;
using testing_support::link_status;
using testing_support::RealNode;
using testing_support::second_ns;

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
}  // namespace
}  // namespace algean::cluster
