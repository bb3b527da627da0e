// Parts that run: links between them, what is tapped, several kernels on one node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/cluster/agent/fixture.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;
using testing::HasSubstr;

control::Request taps_request(const control::PartId& part, unsigned slot, unsigned inference) {
  control::Request request;
  *request.mutable_taps()->mutable_part() = part;
  request.mutable_taps()->set_slot(slot);
  request.mutable_taps()->set_inference(inference);
  return request;
}

// A client that says which inference it asked for.
class Asking {
 public:
  Asking(const std::string& address, const kernels::Graph& graph) : graph_(graph) {
    ClientOptions options;
    options.poll = Poll::block;
    client_ = Client::connect(address, options).value();
  }
  // Runs one inference; its id.
  std::uint32_t infer() {
    Random random(7);
    x = kernels::testing::random_int8(random, graph_.values[graph_.inputs[0].value].type);
    const auto ticket = client_->submit(std::vector<NamedTensor>{{graph_.inputs[0].name, x}}, minute).value();
    EXPECT_TRUE(client_->await(ticket));
    return ticket.inference_id;
  }
  [[nodiscard]] unsigned slot() const { return client_->slot(); }
  Tensor x;

 private:
  const kernels::Graph& graph_;
  std::unique_ptr<Client> client_;
};

TEST(AgentTaps, TensorsOfAnInference) {
  const auto graph = small_network();
  const Shipment shipment = one_node(graph);
  const auto id = part_id(shipment.bundle);
  TestAgent agent;
  Asking asking(agent.run(shipment), graph);
  EXPECT_EQ(agent.error(taps_request(id, asking.slot(), 1)), "quick/0000000000000001/0 is not tapped");
  asking.infer();

  ASSERT_TRUE(agent.call(tap_request(id, true)).has_tap());
  EXPECT_TRUE(agent.status(id).tapped());
  const auto inference = asking.infer();
  const auto reply = agent.call(taps_request(id, asking.slot(), inference));
  ASSERT_TRUE(reply.has_taps()) << reply.error().message();
  std::size_t compared = 0;
  const auto expected =
      kernels::interpret(graph, kernels::library(), {&asking.x, 1}, [&](auto value, const Tensor& tensor) {
        for (const auto& tap : reply.taps().tensors()) {
          if (tap.name() != graph.values[value].name) continue;
          ++compared;
          EXPECT_EQ(tap.kernel(), 1U);
          EXPECT_EQ(tap.element_type(), tensor.type().element.name());
          ASSERT_EQ(tap.extents_size(), 1);
          EXPECT_EQ(tap.extents(0), tensor.shape().extents()[0]);
          EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(tap.data())), tensor.bytes())) << tap.name();
        }
      });
  EXPECT_EQ(compared, graph.values.size());

  ASSERT_TRUE(agent.call(tap_request(id, false)).has_tap());
  EXPECT_FALSE(agent.status(id).tapped());
  const auto untapped = asking.infer();
  ASSERT_TRUE(agent.call(tap_request(id, true)).has_tap()) << "again, without compiling again";
  auto missed = taps_request(id, asking.slot(), untapped);
  control::Reply late;
  agent->handle(missed, [&](control::Reply answer) { late = std::move(answer); });
  agent.clock.move(minute);
  agent->tick();
  EXPECT_EQ(late.error().message(), "`taps` was not done within 60000 ms") << "nobody kept them";
}

control::Request tap_for(const control::PartId& part, bool on, unsigned slot) {
  control::Request request = tap_request(part, on);
  request.mutable_tap()->set_slot(slot);
  return request;
}

TEST(AgentTaps, OtherClientsPushNothingOut) {
  const auto graph = small_network();
  const Shipment shipment = one_node(graph);
  const auto id = part_id(shipment.bundle);
  TestAgent agent;
  const std::string address = agent.run(shipment);
  Asking one(address, graph);
  Asking other(address, graph);
  ASSERT_NE(one.slot(), other.slot());
  ASSERT_TRUE(agent.call(tap_for(id, true, one.slot())).has_tap());
  const auto inference = one.infer();
  for (std::size_t i = 0; i < 2 * TapStore::most_inferences; ++i) other.infer();
  EXPECT_TRUE(agent.call(taps_request(id, one.slot(), inference)).has_taps());

  ASSERT_TRUE(agent.call(tap_for(id, true, other.slot())).has_tap());
  ASSERT_TRUE(agent.call(tap_for(id, false, one.slot())).has_tap());
  EXPECT_TRUE(agent.status(id).tapped()) << "the other is still there";
  EXPECT_TRUE(agent.call(taps_request(id, other.slot(), other.infer())).has_taps());
  ASSERT_TRUE(agent.call(tap_for(id, false, other.slot())).has_tap());
  EXPECT_FALSE(agent.status(id).tapped());
  EXPECT_EQ(agent.error(tap_for(id, true, 0x10000)), "there is no slot 65536");
}

TEST(AgentTaps, AskedForBeforeItRan) {
  const auto graph = small_network();
  const Shipment shipment = one_node(graph);
  const auto id = part_id(shipment.bundle);
  TestAgent agent;
  Asking asking(agent.run(shipment), graph);
  agent.call(tap_request(id, true));
  const auto before = asking.infer();
  control::Reply reply;
  agent->handle(taps_request(id, asking.slot(), before + 1), [&](control::Reply answer) { reply = std::move(answer); });
  EXPECT_EQ(reply.result_case(), control::Reply::RESULT_NOT_SET);
  EXPECT_EQ(asking.infer(), before + 1);
  agent->tick();
  EXPECT_TRUE(reply.has_taps()) << reply.error().message();
}

TEST(AgentTaps, NothingToTap) {
  Shipment shipment = one_node(small_network());
  shipment.bundle.kernels[0].taps.clear();
  TestAgent agent;
  agent.run(shipment);
  EXPECT_EQ(agent.error(tap_request(part_id(shipment.bundle), true)),
            "quick/0000000000000001/0: its bundle lists nothing to tap");
}

TEST(AgentTaps, ValueThatTheGraphLacks) {
  Shipment shipment = one_node(small_network());
  shipment.bundle.kernels[0].taps = {"nowhere"};
  TestAgent agent;
  agent.run(shipment);
  EXPECT_THAT(agent.error(tap_request(part_id(shipment.bundle), true)),
              HasSubstr("tap 'nowhere' is no value of the graph"));
}

class AgentLinks : public testing::TestWithParam<std::string> {};

TEST_P(AgentLinks, ComeUpBetweenTwoAgents) {
  const auto graph = small_network();
  auto shipments = two_nodes(graph);
  for (Shipment& shipment : shipments) shipment.bundle.peers[0].transport = GetParam();
  TestAgent a({}, true);
  TestAgent b({}, true);
  const auto a_id = part_id(shipments[0].bundle);
  const auto b_id = part_id(shipments[1].bundle);
  const auto a_loaded = a.call(load_request(shipments[0]));
  ASSERT_TRUE(a_loaded.has_load()) << a_loaded.error().message();
  const auto b_loaded = b.call(load_request(shipments[1]));
  ASSERT_TRUE(b_loaded.has_load()) << b_loaded.error().message();
  const std::vector<std::string> addresses{a_loaded.load().address(), b_loaded.load().address()};
  for (auto* agent : {&a, &b}) {
    const auto& id = agent == &a ? a_id : b_id;
    const auto connected = agent->call(connect_request(id, addresses));
    ASSERT_TRUE(connected.has_connect()) << connected.error().message();
    ASSERT_EQ(agent->status(id).links_size(), 1);
    EXPECT_EQ(agent->status(id).links(0).state(), control::LINK_WAITING);
    ASSERT_TRUE(agent->call(start_request(id)).has_start());
  }
  const auto is_up = [](const control::PartStatus& status) { return status.links(0).state() == control::LINK_UP; };
  const std::int64_t end_ns = a.clock.now_ns() + minute;
  while (!is_up(a.status(a_id)) || !is_up(b.status(b_id))) {
    ASSERT_LT(a.clock.now_ns(), end_ns) << "the link does not come up";
    std::this_thread::yield();
  }
  EXPECT_EQ(a.status(a_id).links(0).peer(), "b");
  EXPECT_EQ(b.status(b_id).links(0).peer(), "a");
  EXPECT_GT(a.status(a_id).links(0).rtt_ns(), 0);
  EXPECT_TRUE(answers(addresses[0], graph)) << "the client asks a, and b answers";
  EXPECT_EQ(a.status(a_id).kernels(0).runs(), 1U);
  EXPECT_EQ(b.status(b_id).kernels(0).runs(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Transports, AgentLinks, testing::Values("udp", "tcp"),
                         [](const auto& transport) { return transport.param; });

TEST(AgentKernels, TwoOnOneNode) {
  const auto graph = small_network();
  const auto halves = two_nodes(graph);
  Shipment both = halves[0];
  both.bundle.kernels.push_back(halves[1].bundle.kernels[0]);
  both.files.push_back(halves[1].files[0]);
  both.bundle.places = {{1, 0}, {2, 0}};
  both.bundle.peers.clear();
  both.bundle.client_nodes.resize(1);
  const auto id = part_id(both.bundle);
  TestAgent agent;
  Asking asking(agent.run(both), graph);
  ASSERT_TRUE(agent.call(tap_request(id, true)).has_tap());
  const auto inference = asking.infer();
  const auto status = agent.status(id);
  ASSERT_EQ(status.kernels_size(), 2);
  EXPECT_EQ(status.kernels(0).runs(), 1U);
  EXPECT_EQ(status.kernels(1).runs(), 1U);
  const auto taps = agent.call(taps_request(id, asking.slot(), inference)).taps();
  ASSERT_EQ(taps.tensors_size(), 2);
  EXPECT_EQ(taps.tensors(0).kernel(), 1U);
  EXPECT_EQ(taps.tensors(1).kernel(), 2U);
}

}  // namespace
}  // namespace algean::cluster
