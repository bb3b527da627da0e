// Calls out of order, and calls that make no sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/random.hpp"
#include "tests/unit/cluster/agent/fixture.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;
using testing::HasSubstr;

TEST(AgentNonsense, CallsOutOfOrder) {
  TestAgent agent;
  const Shipment shipment = one_node(small_network());
  const auto id = part_id(shipment.bundle);
  const std::string address = agent.call(load_request(shipment)).load().address();
  EXPECT_EQ(agent.error(start_request(id)), "quick/0000000000000001/0 is loaded: `start` wants it connected");
  EXPECT_EQ(agent.error(commit_request(id)), "quick/0000000000000001/0 is loaded: `commit` wants it running");
  EXPECT_EQ(agent.error(tap_request(id, true)), "quick/0000000000000001/0 is loaded: `tap` wants it running");
  agent.call(connect_request(id, {address}));
  EXPECT_EQ(agent.error(connect_request(id, {address})),
            "quick/0000000000000001/0 is connected: `connect` wants it loaded");
  agent.call(start_request(id));
  EXPECT_EQ(agent.error(start_request(id)), "quick/0000000000000001/0 is running: `start` wants it connected");
}

TEST(AgentNonsense, PartThatIsNotHere) {
  TestAgent agent;
  const auto id = part_id(one_node(small_network()).bundle);
  control::Request log;
  *log.mutable_log()->mutable_part() = id;
  control::Request taps;
  *taps.mutable_taps()->mutable_part() = id;
  for (const auto& request : {connect_request(id, {}), start_request(id), commit_request(id), status_request(id), log,
                              taps, tap_request(id, true)}) {
    EXPECT_EQ(agent.error(request), "quick/0000000000000001/0 is not here") << call_name(request);
  }
  EXPECT_EQ(agent.error(control::Request()), "the request asks for nothing that this agent knows");
}

TEST(AgentNonsense, PartWithoutNameOrEpoch) {
  TestAgent agent;
  control::Request load;
  load.mutable_load();
  EXPECT_EQ(agent.error(load), "/0000000000000000/0: a part has a deployment, an epoch and a node");
  load.mutable_load()->mutable_part()->set_deployment(std::string(1000, 'x'));
  load.mutable_load()->mutable_part()->set_epoch(1);
  EXPECT_THAT(agent.error(load), HasSubstr("a part has a deployment, an epoch and a node"));
}

TEST(AgentNonsense, AddressesThatAreNone) {
  TestAgent agent;
  const Shipment shipment = one_node(small_network());
  const auto id = part_id(shipment.bundle);
  agent.call(load_request(shipment));
  auto twice = connect_request(id, {"127.0.0.1:1"});
  *twice.mutable_connect()->add_nodes() = twice.connect().nodes(0);
  EXPECT_EQ(agent.error(twice), "node 0 has two addresses");
  auto beyond = connect_request(id, {"127.0.0.1:1"});
  beyond.mutable_connect()->mutable_nodes(0)->set_node(65536);
  EXPECT_EQ(agent.error(beyond), "there is no node 65536");
}

TEST(AgentNonsense, AnyBytesThatAreARequest) {
  TestAgent agent;
  const Shipment shipment = one_node(small_network());
  agent.run(shipment);
  std::vector<std::string> seeds{
      load_request(shipment, 2).SerializeAsString(),
      connect_request(part_id(shipment.bundle), {"127.0.0.1:1"}).SerializeAsString(),
      status_request(part_id(shipment.bundle)).SerializeAsString(),
      tap_request(part_id(shipment.bundle), false).SerializeAsString(),
  };
  Random random(3);
  std::size_t answered = 0;
  std::size_t asked = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = seeds[random.below(seeds.size())];
    for (std::uint64_t changes = random.below(4); changes > 0; --changes) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    bytes.resize(bytes.size() - random.below(2) * random.below(bytes.size()));
    auto request = parse_request(std::as_bytes(std::span(bytes)));
    if (!request || request->has_stop()) continue;
    request->set_deadline_ms(1);
    ++asked;
    agent->handle(*std::move(request), [&](const control::Reply&) { ++answered; });
  }
  agent.clock.move(1 * ms);
  agent->tick();
  EXPECT_EQ(answered, asked) << "each is answered once";
  EXPECT_GT(asked, 1000U);
}

}  // namespace
}  // namespace algean::cluster
