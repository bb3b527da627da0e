// A server and clients of the control plane.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>

#include "cluster/control/client.hpp"
#include "cluster/control/server.hpp"
#include "runtime/base/descriptor.hpp"
#include "tests/unit/cluster/control/answering.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;
using testing::HasSubstr;
using testing::StartsWith;

using Control = ControlTest;

TEST_F(Control, CallsAreAnswered) {
  Answering agent(greet);
  EXPECT_THAT(agent.address(), StartsWith("tcp://127.0.0.1:"));
  auto one = client(agent.address());
  auto two = client(agent.address());
  for (std::uint32_t i = 1; i <= 100; ++i) {
    const auto reply = (i % 2 == 0 ? one : two)->call(hello(), minute);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->hello().pid(), (i + 1) / 2) << "each client counts its own requests";
    EXPECT_EQ(reply->software(), "0.1.0");
  }
  EXPECT_EQ(agent.end().requests, 100U);
}

TEST_F(Control, RequestCarriesVersionSoftwareAndDeadline) {
  control::Request seen;
  Answering agent([&](const control::Request& request) {
    seen = request;
    return greet(request);
  });
  ASSERT_TRUE(client(agent.address(), {"0.9.0"})->call(hello(), 1500 * ms));
  agent.end();
  EXPECT_EQ(seen.version(), control_version);
  EXPECT_EQ(seen.software(), "0.9.0");
  EXPECT_EQ(seen.deadline_ms(), 1500U);
}

TEST_F(Control, OverALocalSocket) {
  const std::string address = fmt::format("ipc://@algean_control_test_{}", ::getpid());
  Answering agent(greet, {"0.1.0"}, address);
  EXPECT_EQ(agent.address(), address);
  EXPECT_TRUE(client(address)->call(hello(), minute));
}

TEST_F(Control, SocketFileIsNobodyElsesAndGoesWithItsServer) {
  std::string folder = (std::filesystem::temp_directory_path() / "algean_control.XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string address = "ipc://" + folder + "/agent";
  for (int round = 0; round < 2; ++round) {
    Answering agent(greet, {"0.1.0"}, address);
    EXPECT_TRUE(client(address)->call(hello(), minute));
    const auto second = ControlServer::listen(address, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message, address + ": cannot listen: Address already in use");
    EXPECT_TRUE(client(address)->call(hello(), minute)) << "as before";
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));

  // What a killed server leaves behind is in nobody's way; a file is.
  const Descriptor stale(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  (folder + "/agent").copy(at.sun_path, sizeof at.sun_path - 1);
  ASSERT_EQ(::bind(stale.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  EXPECT_TRUE(ControlServer::listen(address, {}));
  std::ofstream(folder + "/file") << "text";
  const auto file = ControlServer::listen("ipc://" + folder + "/file", {});
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("there is a file of that name"));
  const auto far = ControlServer::listen("ipc:///" + std::string(200, 'x'), {});
  ASSERT_FALSE(far);
  EXPECT_THAT(far.error().message, HasSubstr("a path of more than 107 bytes"));
  std::filesystem::remove_all(folder);
}

TEST_F(Control, NoAnswerIsADeadlineThatNamesTheCall) {
  Answering agent([](const auto& request) { return request.has_hello() ? greet(request) : std::nullopt; });
  auto to_agent = client(agent.address());
  ASSERT_TRUE(to_agent->call(hello(), minute));
  control::Request load;
  load.mutable_load();
  const auto reply = to_agent->call(load, 20 * ms);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::deadline);
  EXPECT_EQ(reply.error().message, fmt::format("agent b at {}: no answer to `load` within 20 ms", agent.address()));
}

TEST_F(Control, LateReplyIsNotTakenForTheNextOne) {
  // Answers one request late: always the one before.
  std::optional<control::Request> before;
  auto server = ControlServer::listen("tcp://127.0.0.1:*", {"0.1.0"}).value();
  auto to_agent = client(server->address());
  ASSERT_TRUE(to_agent->send(hello(), 1));
  EXPECT_EQ(to_agent->receive().error().kind, ErrorKind::deadline);
  ASSERT_TRUE(to_agent->send(hello(), minute));
  for (int requests = 0; requests < 2;) {
    server->wait(minute, {});
    while (const auto incoming = server->receive()) {
      server->reply(incoming->caller, *greet(incoming->request));
      ++requests;
    }
  }
  const auto reply = to_agent->receive();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->hello().pid(), 2U) << "the second request's";
}

TEST_F(Control, AgentsErrorKeepsItsKind) {
  Answering agent([](const auto&) { return error_reply({ErrorKind::bad_input, "kernel 1: no such layer"}); });
  const auto reply = client(agent.address())->call(hello(), minute);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(reply.error().message, fmt::format("agent b at {}: kernel 1: no such layer", agent.address()));
}

TEST_F(Control, NobodyListens) {
  std::string address;
  {
    address = Answering(greet).address();
  }
  const auto reply = client(address)->call(hello(), minute);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::failed);
  EXPECT_EQ(reply.error().message,
            fmt::format("agent b at {}: cannot connect for `hello`: nobody listens there", address));
}

TEST_F(Control, HostThatDoesNotAnswer) {
  // Listens, and accepts nobody: what a stopped agent looks like.
  const Descriptor silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ASSERT_EQ(::bind(silent.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
  ASSERT_EQ(::listen(silent.get(), 1), 0);
  ASSERT_EQ(::getsockname(silent.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
  const std::string address = fmt::format("tcp://127.0.0.1:{}", ntohs(at.sin_port));
  const auto reply = client(address)->call(hello(), 30 * ms);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::deadline);
  EXPECT_EQ(reply.error().message, fmt::format("agent b at {}: no connection for `hello` within 30 ms", address));
}

TEST_F(Control, AgentThatDiesIsNoticedAtOnce) {
  std::unique_ptr<Answering> agent;
  std::atomic<bool> asked = false;
  agent = std::make_unique<Answering>([&](const auto& request) -> std::optional<control::Reply> {
    if (request.has_hello()) return greet(request);
    asked = true;
    asked.notify_all();
    return std::nullopt;
  });
  auto to_agent = client(agent->address());
  ASSERT_TRUE(to_agent->call(hello(), minute));
  control::Request load;
  load.mutable_load();
  ASSERT_TRUE(to_agent->send(load, minute));
  asked.wait(false);
  agent.reset();
  const auto reply = to_agent->receive();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::failed);
  EXPECT_THAT(reply.error().message, HasSubstr("the connection broke during `load`"));
}

TEST_F(Control, AgentThatComesBackIsFoundAgain) {
  std::string address;
  std::unique_ptr<ControlClient> to_agent;
  {
    Answering agent(greet);
    address = agent.address();
    to_agent = client(address);
    ASSERT_TRUE(to_agent->call(hello(), minute));
  }
  Answering again(greet, {"0.1.0"}, address);
  // A call may still meet the end of the old connection, the next one an attempt to connect that was refused before
  // somebody listened again.
  auto reply = to_agent->call(hello(), minute);
  for (int tries = 0; !reply && tries < 20; ++tries) reply = to_agent->call(hello(), minute);
  EXPECT_TRUE(reply) << reply.error().message;
}

TEST_F(Control, InterruptEndsTheWait) {
  Answering agent([](const auto&) { return std::nullopt; });
  const Descriptor interrupt(::eventfd(1, EFD_CLOEXEC));
  const auto reply = client(agent.address(), {"0.1.0", interrupt.get()})->call(hello(), minute);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::failed);
  EXPECT_THAT(reply.error().message, HasSubstr("interrupted during `hello`"));
}

TEST_F(Control, PortInUseIsNamed) {
  const Answering agent(greet);
  const auto second = ControlServer::listen(agent.address(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::failed);
  EXPECT_EQ(second.error().message, agent.address() + ": cannot listen: Address already in use");
  const auto nowhere = ControlServer::listen("tcp://nobody has this name:1", {});
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, StartsWith("tcp://nobody has this name:1: "));
}

TEST(ControlServerWait, SeesOtherDescriptorsAndWakes) {
  auto server = ControlServer::listen("tcp://127.0.0.1:*", {}).value();
  const Descriptor ready(::eventfd(1, EFD_CLOEXEC));
  std::array<pollfd, 1> others{pollfd{ready.get(), POLLIN, 0}};
  server->wait(-1, others);
  EXPECT_EQ(others[0].revents, POLLIN);
  server->wake();
  server->wait(-1, {});
  EXPECT_FALSE(server->receive());
}

}  // namespace
}  // namespace algean::cluster
