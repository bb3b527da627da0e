// Nodes that work together: every shape of graph, clients, slots, flow control.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/runtime/node/deployment.hpp"

namespace algean {
namespace {

using namespace testing_support;
using testing::HasSubstr;
using wire::ErrorCode;

PlannedKernel kernel(std::uint16_t id, std::size_t inputs, int constant, std::int64_t size,
                     std::vector<std::vector<Destination>> routes) {
  const std::size_t outputs = routes.size();
  return {id, adder(inputs, outputs, constant, size), std::move(routes)};
}

// a -> b -> c -> client.
Plan chain(std::int64_t size = 100) {
  Plan plan;
  plan.size = size;
  plan.nodes.push_back({"a", {}});
  plan.nodes.push_back({"b", {}});
  plan.nodes.push_back({"c", {}});
  plan.nodes[0].kernels.push_back(kernel(1, 1, 1, size, {{{2, 0}}}));
  plan.nodes[1].kernels.push_back(kernel(2, 1, 10, size, {{{3, 0}}}));
  plan.nodes[2].kernels.push_back(kernel(3, 1, 100, size, {{{0, 0}}}));
  plan.inputs = {{{1, 0}}};
  plan.output_kernels = {3};
  return plan;
}

TEST(Nodes, Chain) {
  for (const std::int64_t size : {1, 100, 5000}) {
    Deployment deployment(chain(size));
    deployment.bring_up();
    TestClient client(deployment, 1);
    for (std::uint32_t id = 0xfffffffe; id != 3; ++id) {
      client.submit(id, static_cast<int>(id & 7U));
      client.pump();
      client.expect(id, {static_cast<int>(id & 7U) + 111});
    }
    EXPECT_TRUE(client.failures.empty());
  }
}

TEST(Nodes, ChainOverUdp) {
  Deployment deployment(chain(5000), {}, UdpOptions{1472});
  deployment.bring_up();
  TestClient client(deployment, 1);
  for (std::uint32_t id = 1; id <= 4; ++id) client.submit(id, static_cast<int>(id));
  for (int i = 0; i < 20; ++i) client.pump();
  for (std::uint32_t id = 1; id <= 4; ++id) client.expect(id, {static_cast<int>(id) + 111});
  deployment.nodes[2].reset();  // the kernel refuses what comes for it
  client.submit(5, 1);
  for (int i = 0; i < 20; ++i) client.pump();
  ASSERT_FALSE(client.failures.empty());
  EXPECT_THAT(client.failures[0].text, HasSubstr("node c is lost: nobody answers there: connection refused"));
}

// b and c both take a's output (and one input of their own, the same external one); d joins them. Outputs come from c
// and from d.
TEST(Nodes, DiamondInputOnTwoNodesOutputsFromTwo) {
  constexpr std::int64_t size = 3000;
  Plan plan;
  plan.size = size;
  for (const char* name : {"a", "b", "c", "d"}) plan.nodes.push_back({name, {}});
  plan.nodes[0].kernels.push_back(kernel(1, 1, 1, size, {{{2, 0}, {3, 0}}}));
  plan.nodes[1].kernels.push_back(kernel(2, 2, 2, size, {{{4, 0}}}));
  plan.nodes[2].kernels.push_back(kernel(3, 2, 3, size, {{{4, 1}}, {{0, 0}}}));
  plan.nodes[3].kernels.push_back(kernel(4, 2, 4, size, {{{0, 1}}}));
  plan.inputs = {{{1, 0}}, {{2, 1}, {3, 1}}};
  plan.output_kernels = {3, 4};
  Deployment deployment(std::move(plan));
  deployment.bring_up();
  TestClient client(deployment, 1);
  for (std::uint32_t id = 1; id <= 4; ++id) {
    client.submit(id, {client.all(static_cast<int>(id)), client.all(20)});
  }
  client.pump();
  for (std::uint32_t id = 1; id <= 4; ++id) {
    const int a = static_cast<int>(id) + 1;
    const int b = a + 20 + 2;
    const int c = a + 20 + 3;
    client.expect(id, {c, b + c + 4});
  }
}

// Kernels 1 and 3 lie on a, 2 on b: a -> b -> a. Kernel 3 also takes 1's output, without a network.
TEST(Nodes, CyclicNodesAndLocalEdges) {
  constexpr std::int64_t size = 2000;
  Plan plan;
  plan.size = size;
  plan.nodes.push_back({"a", {}});
  plan.nodes.push_back({"b", {}});
  plan.nodes[0].kernels.push_back(kernel(1, 1, 1, size, {{{2, 0}, {3, 1}}}));
  plan.nodes[1].kernels.push_back(kernel(2, 1, 5, size, {{{3, 0}}}));
  plan.nodes[0].kernels.push_back(kernel(3, 2, 0, size, {{{4, 0}}}));
  plan.nodes[0].kernels.push_back(kernel(4, 1, 50, size, {{{0, 0}}}));
  plan.inputs = {{{1, 0}}};
  plan.output_kernels = {4};
  Deployment deployment(std::move(plan));
  deployment.bring_up();
  TestClient client(deployment, 1);
  for (std::uint32_t id = 1; id <= 4; ++id) client.submit(id, static_cast<int>(id));
  client.pump();
  for (std::uint32_t id = 1; id <= 4; ++id) {
    const int one = static_cast<int>(id) + 1;
    client.expect(id, {one + one + 5 + 50});
  }
  EXPECT_EQ(deployment.nodes[0]->counts().inferences, 12U);
  EXPECT_EQ(deployment.nodes[0]->kernels().size(), 3U);
  EXPECT_EQ(deployment.nodes[0]->kernels()[1].runs, 4U);
}

TEST(Nodes, SeveralClientsHaveSlotsOfTheirOwn) {
  Deployment deployment(chain());
  deployment.bring_up();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) clients.push_back(std::make_unique<TestClient>(deployment, epoch));
  for (std::size_t i = 0; i < clients.size(); ++i) EXPECT_EQ(clients[i]->slot, i);
  for (std::size_t i = 0; i < clients.size(); ++i) clients[i]->submit(9, static_cast<int>(i));  // the same id
  for (const auto& client : clients) client->pump();
  for (std::size_t i = 0; i < clients.size(); ++i) clients[i]->expect(9, {static_cast<int>(i) + 111});
  // A slot that was freed is the last to be given out again.
  clients[0]->channels[0]->signal(wire::FrameType::detach);
  deployment.settle();
  EXPECT_EQ(TestClient(deployment, 20).slot, 5U);
}

TEST(Nodes, OnlyHomeGivesOutSlots) {
  Deployment deployment(chain());
  deployment.bring_up();
  TestClient client(deployment, 1, false);
  client.attach(1, wire::any_slot);
  ASSERT_EQ(client.failures.size(), 1U);
  EXPECT_EQ(client.failures[0].code, ErrorCode::not_home);
  EXPECT_EQ(client.failures[0].text, "b: home is a at loopback://a");
  client.attach(1, 64);
  EXPECT_EQ(client.failures.back().text, "b: client slot 64: there are 64");
}

TEST(Nodes, AHeldSlotIsTakenUntilItsHolderIsFoundDead) {
  Deployment deployment(chain());
  deployment.bring_up();
  TestClient alive(deployment, 1);
  TestClient other(deployment, 2, false);
  other.attach(1, alive.slot);
  EXPECT_EQ(other.failures.back().code, ErrorCode::slot_taken);
  alive.take();  // answers the ping
  deployment.settle();
  for (int i = 0; i < 4; ++i) {
    deployment.pass(200 * ms);
    alive.take();
    deployment.settle();
  }
  other.attach(1, alive.slot);
  EXPECT_EQ(other.failures.back().code, ErrorCode::slot_taken);
  // The holder neither refuses nor answers: after a grace it loses the slot.
  deployment.pass(600 * ms);
  other.failures.clear();
  other.attach(1, alive.slot);
  EXPECT_TRUE(other.failures.empty());
  EXPECT_EQ(other.slot, alive.slot);
  // A holder whose process died refuses, and loses it at once.
  auto dead = std::make_unique<TestClient>(deployment, 3);
  const std::uint16_t slot = dead->slot;
  dead.reset();
  TestClient next(deployment, 4, false);
  next.attach(1, slot);
  EXPECT_EQ(next.failures.back().code, ErrorCode::slot_taken);
  next.failures.clear();
  next.attach(1, slot);
  EXPECT_TRUE(next.failures.empty());
}

TEST(Nodes, ErrorsReachTheClientByNameOverHome) {
  Plan plan = chain();
  plan.nodes[2].kernels[0] = kernel(3, 2, 100, 100, {{{0, 0}}});
  plan.inputs.push_back({{3, 1}});
  Deployment deployment(std::move(plan));
  deployment.bring_up();
  TestClient client(deployment, 1, false);
  client.attach(0, wire::any_slot);  // to home only, so that input 1 never reaches c
  client.submit(4, 1);
  deployment.pass(4990 * ms);
  client.take();
  EXPECT_TRUE(client.failures.empty());
  deployment.pass(20 * ms);
  client.take();
  ASSERT_EQ(client.failures.size(), 1U);
  EXPECT_EQ(client.failures[0].inference_id, 4U);
  EXPECT_EQ(client.failures[0].code, ErrorCode::incomplete);
  EXPECT_EQ(client.failures[0].text, "c: kernel 3: input \"x1\" lacks byte 0 of 100");
}

TEST(Nodes, LinksComeUpByAFullPingAndTellTheirFigures) {
  Deployment deployment(chain());
  EXPECT_EQ(deployment.nodes[0]->links()[0].state, LinkState::waiting);
  deployment.bring_up();
  for (const auto& node : deployment.nodes) {
    for (const LinkStatus& link : node->links()) {
      EXPECT_GE(link.rtt_ns, 0);
      EXPECT_GE(link.counts.bytes_in, 1500U) << "a datagram of the whole MTU came";
    }
  }
  EXPECT_THAT(deployment.log.front(), HasSubstr("is up: 1500 bytes there and back"));
  TestClient client(deployment, 1);
  const auto before = deployment.nodes[1]->links()[1].counts.frames_out;
  client.submit(1, 5);
  client.pump();
  client.expect(1, {116});
  EXPECT_EQ(deployment.nodes[1]->links()[1].counts.frames_out, before + 1);
  EXPECT_EQ(deployment.nodes[1]->links()[1].name, "c");
}

TEST(Nodes, BeforeALinkIsUpInferencesThatNeedItFailByName) {
  Deployment deployment(chain());
  deployment.nodes[1].reset();  // never there
  deployment.pass(100 * ms);
  TestClient client(deployment, 1, false);
  client.attach(0, wire::any_slot);
  client.submit(1, 5);
  client.pump();
  ASSERT_EQ(client.failures.size(), 1U);
  EXPECT_EQ(client.failures[0].inference_id, 1U);
  EXPECT_EQ(client.failures[0].code, ErrorCode::node_lost);
  EXPECT_EQ(client.failures[0].text, "a: the link with node b is not up yet");
}

TEST(Nodes, EveryClientIsToldOfALostNodeAtOnce) {
  Deployment deployment(chain());
  deployment.bring_up();
  TestClient one(deployment, 1);
  TestClient two(deployment, 2);
  deployment.nodes[2].reset();  // c is killed: the next frame to it is refused
  one.submit(7, 1);
  one.pump();
  two.pump();
  for (TestClient* client : {&one, &two}) {
    ASSERT_FALSE(client->failures.empty());
    const auto& first = client->failures.front();
    EXPECT_EQ(first.code, ErrorCode::node_lost);
    EXPECT_EQ(first.inference_id, 0U);  // all that is in flight
    EXPECT_EQ(first.text, "b: node c is lost: nobody answers there: connection refused");
  }
  one.submit(8, 1);
  one.pump();
  EXPECT_EQ(one.failures.back().inference_id, 8U);
  EXPECT_EQ(one.failures.back().text, "b: the link with node c is down");
  EXPECT_EQ(deployment.nodes[1]->links()[1].state, LinkState::down);
}

TEST(Nodes, ASilentNodeIsLostAfterTheLinkTimeoutAndMayComeBack) {
  Deployment deployment(chain());
  deployment.bring_up();
  TestClient client(deployment, 1);
  auto stopped = std::move(deployment.nodes[2]);  // as by SIGSTOP: its sockets stay
  client.submit(1, 1);
  deployment.pass(1900 * ms);
  client.take();
  EXPECT_TRUE(client.failures.empty());
  deployment.pass(700 * ms);
  client.take();
  ASSERT_FALSE(client.failures.empty());
  EXPECT_EQ(client.failures[0].code, ErrorCode::node_lost);
  EXPECT_THAT(client.failures[0].text, HasSubstr("node c is lost: silent for 2"));
  deployment.nodes[2] = std::move(stopped);
  deployment.pass(500 * ms);
  EXPECT_EQ(deployment.nodes[2]->links()[1].state, LinkState::up);
  EXPECT_EQ(deployment.nodes[1]->links()[1].state, LinkState::up);
  client.failures.clear();
  client.submit(2, 1);
  client.pump();
  client.expect(2, {112});
}

TEST(Nodes, ANodeThatStopsSaysSo) {
  Deployment deployment(chain());
  deployment.bring_up();
  TestClient client(deployment, 1);
  deployment.nodes[1]->stop();
  deployment.nodes[1]->run();
  client.pump();
  EXPECT_GE(client.detached, 1U);
  ASSERT_FALSE(client.failures.empty());
  EXPECT_EQ(client.failures[0].text, "a: node b is lost: it stopped");
}

TEST(Nodes, TracedInferencesAreAddedUp) {
  Deployment deployment(chain());
  deployment.bring_up();
  TestClient client(deployment, 1);
  client.submit(1, {client.all(1)}, true);
  client.submit(2, {client.all(1)}, false);
  deployment.clock.now += 3 * ms;
  client.pump();
  client.expect(1, {112});
  client.expect(2, {112});
  EXPECT_EQ(deployment.nodes[0]->clients().wire.count, 1U);
  EXPECT_EQ(deployment.nodes[0]->clients().wire.sum_ns, 3U * ms);
  for (const auto& node : deployment.nodes) EXPECT_EQ(node->kernels()[0].traced, 1U);
  EXPECT_EQ(deployment.nodes[2]->links()[1].wire.count, 1U);
}

class Observer final : public RunObserver {
 public:
  void on_run(std::uint16_t kernel, std::uint16_t client_slot, std::uint32_t inference_id) noexcept override {
    runs.push_back({kernel, client_slot, inference_id});
  }
  std::vector<std::array<std::uint32_t, 3>> runs;
};

TEST(Nodes, RunsAreObservedAndEnginesExchanged) {
  Deployment deployment(chain());
  deployment.bring_up();
  TestClient client(deployment, 1);
  Observer observer;
  deployment.nodes[1]->observe(&observer);
  client.submit(1, 1);
  client.pump();
  FakeEngine other = adder(1, 1, 20, 100);
  ASSERT_TRUE(deployment.nodes[1]->use(2, other));
  client.submit(2, 1);
  client.pump();
  deployment.nodes[1]->observe(nullptr);
  client.submit(3, 1);
  client.pump();
  client.expect(1, {112});
  client.expect(2, {122});
  client.expect(3, {122});
  using Runs = std::vector<std::array<std::uint32_t, 3>>;
  EXPECT_EQ(observer.runs, (Runs{{2, 0, 1}, {2, 0, 2}}));
  FakeEngine wrong = adder(2, 1, 20, 100);
  EXPECT_EQ(deployment.nodes[1]->use(2, wrong).error().message, "kernel 2: the other engine has other ports");
  EXPECT_EQ(deployment.nodes[1]->use(3, other).error().message, "kernel 3 is not here");
}

TEST(Nodes, PlansThatDoNotFitTogetherAreRefused) {
  const auto message = [](auto change) {
    Deployment deployment(chain());
    NodeConfig config = deployment.config(1);
    change(config);
    LoopbackNetwork network;
    const auto node = Node::make(std::move(config), network.listen(), {}, deployment.clock);
    return node ? std::string("accepted") : node.error().message;
  };
  EXPECT_EQ(message([](NodeConfig&) {}), "accepted");
  EXPECT_EQ(message([](NodeConfig& c) { c.kernels[0].routes[0][0].kernel = 9; }),
            "kernel 2: output 0 goes to kernel 9, which is nowhere");
  EXPECT_EQ(message([](NodeConfig& c) { c.peers[0].kernels = {2}; }), "kernel 2 is there twice");
  EXPECT_EQ(message([](NodeConfig& c) { c.epoch = 0; }), "a deployment of several nodes needs an epoch");
  EXPECT_EQ(message([](NodeConfig& c) { c.home_peer = 2; }), "home is none of the peers");
  EXPECT_EQ(message([](NodeConfig& c) { c.kernels.clear(); }), "a node without kernels");
  EXPECT_THAT(message([](NodeConfig& c) { c.peers[1].address = "nowhere"; }), HasSubstr("node c: address \"nowhere\""));
  EXPECT_EQ(message([](NodeConfig& c) { c.kernels[0].routes[0][0] = {2, 3}; }),
            "kernel 2: an output of 100 bytes does not fit port 3 of kernel 2");
}

}  // namespace
}  // namespace algean
