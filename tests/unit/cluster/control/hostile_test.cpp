// Peers of another version, and peers that are no peers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "runtime/base/descriptor.hpp"
#include "runtime/base/random.hpp"
#include "tests/unit/cluster/control/answering.hpp"
#include "tests/unit/cluster/control/raw_peer.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;
using testing::HasSubstr;

using ControlVersions = ControlTest;
using ControlGarbage = ControlTest;

// --- versions

TEST_F(ControlVersions, AgentOfAnotherVersion) {
  RawPeer agent(zmq::socket_type::router);
  auto to_agent = client(agent.bind());
  ASSERT_TRUE(to_agent->send(hello(), minute));
  auto frames = agent.receive();
  ASSERT_EQ(frames.size(), 2U);
  control::Reply reply;
  reply.set_version(2);
  reply.set_software("0.2.0");
  reply.set_id(parse_request(std::as_bytes(std::span(frames[1]))).value().id());
  agent.send({frames[0], reply.SerializeAsString()});
  const auto answer = to_agent->receive();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::failed);
  EXPECT_THAT(answer.error().message,
              testing::EndsWith(": speaks control version 2 (software 0.2.0), this is 1 (software 0.1.0)"));
}

TEST_F(ControlVersions, ControllerOfAnotherVersion) {
  Answering agent(greet);
  control::Request request = hello();
  request.set_version(7);
  request.set_software("7.0.0");
  request.set_id(99);
  RawPeer controller(zmq::socket_type::dealer);
  controller.connect(agent.address()).send({request.SerializeAsString()});
  const auto frames = controller.receive();
  ASSERT_EQ(frames.size(), 1U);
  const auto reply = parse_reply(std::as_bytes(std::span(frames[0]))).value();
  EXPECT_EQ(reply.version(), control_version);
  EXPECT_EQ(reply.id(), 99U);
  EXPECT_EQ(reply.error().message(), "speaks control version 7 (software 7.0.0), this is 1 (software 0.1.0)");
  EXPECT_EQ(agent.end().refused, 1U);
}

TEST_F(ControlVersions, RequestForNothingIsRefused) {
  Answering agent(greet);
  const auto reply = client(agent.address())->call(control::Request(), minute);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(reply.error().message, HasSubstr("asks for nothing that this agent knows"));
}

// --- what is no request

TEST_F(ControlGarbage, GarbageIsDroppedAndCounted) {
  Answering agent(greet);
  RawPeer garbage(zmq::socket_type::dealer);
  garbage.connect(agent.address());
  Random random(2);
  std::size_t malformed = 0;
  for (int round = 0; round < 200; ++round) {
    std::string bytes(1 + random.below(100), ' ');
    for (char& byte : bytes) byte = static_cast<char>(random.next());
    malformed += parse_request(std::as_bytes(std::span(bytes))) ? 0U : 1U;
    garbage.send({bytes});
  }
  control::Request whole = hello();
  whole.set_version(control_version);
  garbage.send({whole.SerializeAsString(), "and more"});
  garbage.send({"", whole.SerializeAsString()});  // as a REQ socket would
  control::Request load;
  load.set_version(control_version);
  load.mutable_load()->set_bundle(std::string(1000, 'x'));
  garbage.send({load.SerializeAsString().substr(0, 500)});
  whole.set_id(12);
  garbage.send({whole.SerializeAsString()});  // whoever babbles is answered all the same when it asks
  while (true) {
    const auto frames = garbage.receive();
    ASSERT_EQ(frames.size(), 1U);
    if (parse_reply(std::as_bytes(std::span(frames[0]))).value().hello().pid() == 12) break;
  }
  EXPECT_TRUE(client(agent.address())->call(hello(), minute));
  EXPECT_EQ(agent.end().malformed, malformed + 3);
}

TEST_F(ControlGarbage, OversizedMessageCostsTheSenderItsConnection) {
  Answering agent(greet, {"0.1.0", 1 << 20});
  auto to_agent = client(agent.address());
  auto other = client(agent.address());
  ASSERT_TRUE(to_agent->call(hello(), minute));
  ASSERT_TRUE(other->call(hello(), minute));
  control::Request load;
  load.mutable_load()->set_bundle(std::string(10 << 20, 'x'));
  const auto reply = to_agent->call(load, minute);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::failed);
  EXPECT_THAT(reply.error().message, HasSubstr("the connection broke during `load`"));
  EXPECT_TRUE(other->call(hello(), minute));
  EXPECT_EQ(agent.end().requests, 3U);
}

TEST_F(ControlGarbage, ReplyThatIsTooLongIsAnError) {
  Answering agent(
      [](const auto&) {
        control::Reply reply;
        reply.mutable_hello()->set_agent(std::string(2 << 20, 'a'));
        return reply;
      },
      {"0.1.0", 1 << 20});
  const auto reply = client(agent.address())->call(hello(), minute);
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("a reply of 2097"));
}

TEST_F(ControlGarbage, BytesThatAreNoZeroMq) {
  Answering agent(greet);
  const auto colon = agent.address().rfind(':');
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(agent.address().substr(colon + 1))));
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    std::string bytes(1000, ' ');
    for (char& byte : bytes) byte = static_cast<char>(random.next());
    (void)::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  EXPECT_TRUE(client(agent.address())->call(hello(), minute));
}

TEST_F(ControlGarbage, ReplyThatIsNone) {
  for (const std::string& answer : {std::string("\xff\xff\xff"), std::string()}) {
    RawPeer agent(zmq::socket_type::router);
    auto to_agent = client(agent.bind());
    ASSERT_TRUE(to_agent->send(hello(), 30 * ms));
    const auto frames = agent.receive();
    ASSERT_EQ(frames.size(), 2U);
    agent.send({frames[0], answer});
    const auto reply = to_agent->receive();
    ASSERT_FALSE(reply);
    // An empty one is a reply without an id, and so none to this call.
    EXPECT_THAT(reply.error().message,
                HasSubstr(answer.empty() ? "no answer" : "answered `hello` with what is no reply"));
  }
}

TEST_F(ControlGarbage, ResultOfAnotherCall) {
  Answering agent([](const auto&) {
    control::Reply reply;
    reply.mutable_stop();
    return reply;
  });
  const auto reply = client(agent.address())->call(hello(), minute);
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("answered `hello` with another's result"));
}

TEST_F(ControlGarbage, PeerThatReadsNothingCostsNoMemory) {
  std::atomic<int> answered = 0;
  Answering agent([&](const auto&) {
    ++answered;
    control::Reply reply;
    reply.mutable_hello()->set_agent(std::string(1 << 20, 'a'));
    return reply;
  });
  RawPeer greedy(zmq::socket_type::dealer, 1);
  greedy.connect(agent.address());
  control::Request request = hello();
  request.set_version(control_version);
  constexpr int requests = 200;
  for (int i = 0; i < requests; ++i) greedy.send({request.SerializeAsString()});
  auto to_agent = client(agent.address());
  while (answered < requests) ASSERT_TRUE(to_agent->call(hello(), minute));
  EXPECT_GT(agent.end().unsent, 100U) << "replies of 1 MiB that nobody reads";
}

}  // namespace
}  // namespace algean::cluster
