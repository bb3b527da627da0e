// `algean node` as a process: how it is found, asked and ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "cluster/control/client.hpp"
#include "cluster/deploy/node_process.hpp"
#include "tests/e2e/harness.hpp"
#include "tests/unit/cluster/agent/fixture.hpp"

namespace algean::e2e {
namespace {

using namespace cluster::testing_support;
using cluster::ControlClient;
namespace control = cluster::control;
using testing::HasSubstr;
using testing::StartsWith;

class NodeCommand : public testing::Test {
 protected:
  NodeCommand() : address_("ipc://" + place_.path("agent")) {}

  // An agent at address_, in front.
  std::unique_ptr<Running> start() {
    auto running = place_.start({"node", "--listen", address_, "--name", "rack 1"});
    EXPECT_TRUE(running->prints(address_));
    return running;
  }
  Result<control::Greeting> greet(const std::string& address) {
    control::Request hello;
    hello.mutable_hello();
    ALGEAN_ASSIGN(const auto controller, ControlClient::connect("a", address, {"test"}, clock_));
    ALGEAN_ASSIGN(const auto reply, controller->call(hello, minute));
    return reply.hello();
  }

  Place place_;
  std::string address_;
  SteadyClock clock_;
};

TEST_F(NodeCommand, AnswersUntilASignalEndsIt) {
  for (const int signal : {SIGTERM, SIGINT}) {
    auto running = start();
    const auto greeting = greet(address_);
    ASSERT_TRUE(greeting) << greeting.error().message;
    EXPECT_EQ(greeting->agent(), "rack 1");
    EXPECT_EQ(greeting->pid(), static_cast<unsigned>(running->pid()));
    EXPECT_EQ(greeting->started_ticks(), cluster::identify(running->pid())->started_ticks);
    running->signal(signal);
    const Ended ended = running->end();
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(ended.out, address_ + "\n");
    EXPECT_THAT(ended.err, HasSubstr(fmt::format("stopping: signal {} came", signal)));
    EXPECT_FALSE(std::filesystem::exists(place_.path("agent"))) << "its socket is gone";
  }
}

TEST_F(NodeCommand, AnyFreePortOfLoopbackAsOneDocument) {
  auto running = place_.start({"node", "--json"});
  ASSERT_TRUE(running->prints("\"address\""));
  const pid_t pid = running->pid();
  running->signal(SIGTERM);
  const Ended ended = running->end();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(std::string(ended.document()["address"]), StartsWith("tcp://127.0.0.1:"));
  EXPECT_EQ(ended.document()["pid"], pid);
  EXPECT_THAT(ended.err, testing::Not(HasSubstr("warning")));
}

TEST_F(NodeCommand, WarnsOfAddressesThatOthersReach) {
  const Ended ended = place_.run({"node", "--listen", "tcp://192.0.2.1:4700"});  // RFC 5737: nobody has it
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("warning: --listen tcp://192.0.2.1:4700: whoever reaches this address can run "));
  EXPECT_THAT(ended.err, HasSubstr("tcp://192.0.2.1:4700: cannot listen: "));
}

TEST_F(NodeCommand, BadInputIsNamed) {
  const auto running = start();
  const Ended taken = place_.run({"node", "--listen", greet(address_) ? address_ : ""});
  EXPECT_EQ(taken.status, 1);
  EXPECT_THAT(taken.err, HasSubstr("cannot listen: Address already in use"));
  EXPECT_TRUE(greet(address_)) << "the first one has kept its address";
  const Ended odd = place_.run({"node", "--listen", "4700"});
  EXPECT_EQ(odd.status, 2);
  EXPECT_THAT(odd.err, HasSubstr("`4700` is no control address: tcp://HOST:PORT or ipc://PATH"));
  for (const char* address : {"tcp://127.0.0.1:-1", "tcp://127.0.0.1:99999", "tcp://127.0.0.1:x"}) {
    EXPECT_EQ(place_.run({"node", "--listen", address}).status, 2) << address;
  }
  const Ended core = place_.run({"node", "--cores", "1023"});
  EXPECT_EQ(core.status, 2);
  EXPECT_THAT(core.err, HasSubstr("this process may not use core 1023"));
}

TEST_F(NodeCommand, ItsEndIsToldToClients) {
  const auto graph = small_network();
  const Shipment shipment = one_node(graph);
  const auto id = part_id(shipment.bundle);
  auto running = start();
  auto controller = ControlClient::connect("a", address_, {"test"}, clock_).value();
  const auto loaded = controller->call(load_request(shipment), minute);
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_TRUE(controller->call(connect_request(id, {loaded->load().address()}), minute));
  ASSERT_TRUE(controller->call(start_request(id), minute));
  EXPECT_TRUE(answers(loaded->load().address(), graph));
  ClientOptions options;
  options.poll = Poll::block;
  const auto client = Client::connect(loaded->load().address(), options).value();
  running->signal(SIGTERM);
  EXPECT_EQ(running->end().status, 0);
  Random random(7);
  const Tensor x = kernels::testing::random_int8(random, graph.values[0].type);
  const auto outputs = client->infer(std::vector<NamedTensor>{{"x", x}}, minute);
  ASSERT_FALSE(outputs);
  EXPECT_NE(outputs.error().kind, ErrorKind::deadline) << outputs.error().message;
}

// --- as deploy starts it

class StartedNode : public NodeCommand {
 protected:
  [[nodiscard]] cluster::NodeCommand command() const {
    return {
        std::getenv("ALGEAN_BINARY"), {"node", "--control"}, place_.path("node.log")};  // NOLINT(concurrency-mt-unsafe)
  }
  Result<std::string> await(cluster::NodeProcess& node) {
    return node.await_ready(clock_.now_ns() + minute, clock_, interrupts_);
  }

  cluster::Interrupts interrupts_;
};

TEST_F(StartedNode, SaysWhereItListensAndEndsWithItsOwner) {
  cluster::ProcessId id;
  std::string address;
  {
    auto node = cluster::NodeProcess::start(command());
    ASSERT_TRUE(node) << node.error().message;
    const auto ready = await(*node);
    ASSERT_TRUE(ready) << ready.error().message;
    address = *ready;
    EXPECT_THAT(address, StartsWith("tcp://127.0.0.1:"));
    EXPECT_TRUE(greet(address));
    id = node->id();
  }
  EXPECT_FALSE(cluster::is_alive(id));
  EXPECT_FALSE(greet(address));
}

TEST_F(StartedNode, ReleasedOneGoesOn) {
  auto node = cluster::NodeProcess::start(command());
  const std::string address = await(*node).value();
  const auto id = node->id();
  ASSERT_TRUE(node->release());
  EXPECT_TRUE(greet(address));
  EXPECT_EQ(cluster::terminate(id, minute).value(), cluster::Ending::terminated);
  ASSERT_EQ(::waitpid(id.pid, nullptr, 0), id.pid);
}

TEST_F(StartedNode, EndsWhenItsDeployDies) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t deploy = ::fork();
  if (deploy == 0) {  // starts an agent, says which, and dies without a word
    auto node = cluster::NodeProcess::start(command());
    const bool ready = node && await(*node);
    const cluster::ProcessId id = ready ? node->id() : cluster::ProcessId();
    (void)!::write(pipe[1], &id, sizeof id);
    ::_exit(0);
  }
  cluster::ProcessId agent;
  ASSERT_EQ(::read(pipe[0], &agent, sizeof agent), static_cast<ssize_t>(sizeof agent));
  ASSERT_NE(agent.pid, 0);
  ASSERT_EQ(::waitpid(deploy, nullptr, 0), deploy);
  EXPECT_TRUE(eventually([&] { return !cluster::is_alive(agent); }));
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_F(StartedNode, ReportsWhatKeepsItFromStarting) {
  auto command = this->command();
  command.arguments.insert(command.arguments.end(), {"--cores", "1023"});
  auto node = cluster::NodeProcess::start(command);
  const auto ready = await(*node);
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(ready.error().message, "cores `1023`: this process may not use core 1023");
}

}  // namespace
}  // namespace algean::e2e
