// An agent without sockets: the life of parts, and what may go wrong in it.
#include "cluster/agent/agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/transport/udp.hpp"
#include "tests/unit/cluster/agent/fixture.hpp"

namespace algean::cluster {
namespace {

using namespace testing_support;
using testing::ElementsAre;

TEST(Agent, SaysWhoItIs) {
  AgentOptions options;
  options.name = "rack 1";
  options.pid = 77;
  options.started_ticks = 88;
  TestAgent agent(options);
  control::Request hello;
  hello.mutable_hello();
  const auto greeting = agent.call(hello).hello();
  EXPECT_EQ(greeting.agent(), "rack 1");
  EXPECT_EQ(greeting.pid(), 77U);
  EXPECT_EQ(greeting.started_ticks(), 88U);
  EXPECT_GE(greeting.cores(), 1U);
  EXPECT_EQ(greeting.speed_gmacs(), 0) << "nobody asked to measure it";
  EXPECT_FALSE(greeting.instruction_set().empty());
  EXPECT_EQ(greeting.lease_ms(), 5000U);
  EXPECT_EQ(greeting.parts_size(), 0);
}

TEST(Agent, RunsAPartFromLoadToStop) {
  const auto graph = small_network();
  const Shipment shipment = one_node(graph);
  const auto id = part_id(shipment.bundle);
  TestAgent agent;
  const std::string address = agent.run(shipment);
  EXPECT_TRUE(answers(address, graph));

  const auto status = agent.status(id);
  EXPECT_EQ(status.state(), control::PART_RUNNING);
  EXPECT_EQ(status.name(), "a");
  EXPECT_EQ(status.network(), "network");
  EXPECT_EQ(status.address(), address);
  EXPECT_EQ(status.poll(), "block");
  EXPECT_FALSE(status.committed());
  EXPECT_EQ(status.counts().inferences(), 1U);
  EXPECT_EQ(status.counts().attached(), 1U);

  EXPECT_TRUE(agent.call(commit_request(id)).has_commit());
  EXPECT_TRUE(agent.status(id).committed());
  EXPECT_TRUE(agent.call(stop_request(id)).stop().was_there());
  EXPECT_EQ(agent->parts(), 0U);
  EXPECT_TRUE(listen_udp(UdpAddress::parse(address).value())) << "its port is free again";
}

TEST(Agent, StopOfWhatIsGoneIsNoError) {
  TestAgent agent;
  const Shipment shipment = one_node(small_network());
  agent.run(shipment);
  EXPECT_TRUE(agent.call(stop_request(part_id(shipment.bundle))).stop().was_there());
  EXPECT_FALSE(agent.call(stop_request(part_id(shipment.bundle))).stop().was_there());
}

TEST(Agent, ClientsAreToldWhenAPartStops) {
  TestAgent agent;
  const auto graph = small_network();
  const Shipment shipment = one_node(graph);
  const std::string address = agent.run(shipment);
  ClientOptions options;
  options.poll = Poll::block;
  const auto client = Client::connect(address, options).value();
  agent.call(stop_request(part_id(shipment.bundle)));
  Random random(7);
  const Tensor x = kernels::testing::random_int8(random, graph.values[0].type);
  const auto outputs = client->infer(std::vector<NamedTensor>{{"x", x}}, minute);
  ASSERT_FALSE(outputs);
  EXPECT_NE(outputs.error().kind, ErrorKind::deadline) << outputs.error().message;
}

TEST(Agent, StatusOfAllParts) {
  TestAgent agent;
  agent.run(one_node(small_network(1), "one"));
  agent.run(one_node(small_network(2), "two"));
  control::Request status;
  status.mutable_status();
  const auto report = agent.call(status).status();
  ASSERT_EQ(report.parts_size(), 2);
  EXPECT_EQ(report.parts(0).part().deployment(), "one");
  EXPECT_EQ(report.parts(1).part().deployment(), "two");
  EXPECT_EQ(report.now_ns(), agent.clock.now_ns());
}

// --- several controllers

TEST(AgentSharing, PartsRunSideBySide) {
  const auto first = small_network(1);
  const auto second = small_network(2);
  TestAgent agent;
  const std::string one = agent.run(one_node(first, "one"), 11);
  const std::string two = agent.run(one_node(second, "two"), 22);
  EXPECT_TRUE(answers(one, first));
  EXPECT_TRUE(answers(two, second));
  agent.call(stop_request(part_id(one_node(first, "one").bundle, 11)));
  EXPECT_TRUE(answers(two, second));
}

TEST(AgentSharing, NameIsOneEpochs) {
  const Shipment shipment = one_node(small_network());
  TestAgent agent;
  agent.run(shipment, 1);
  EXPECT_EQ(agent.error(load_request(shipment, 1)), "quick/0000000000000001/0 is here already");
  EXPECT_EQ(agent.error(load_request(shipment, 2)),
            "a deployment `quick` runs here already (quick/0000000000000001/0); stop it or replace it");
  EXPECT_EQ(agent->parts(), 1U);
}

TEST(AgentSharing, ReplacementComesUpBesideTheFormer) {
  const auto former = small_network(1);
  const auto latter = small_network(2);
  TestAgent agent;
  const std::string old_address = agent.run(one_node(former), 1);
  auto load = load_request(one_node(latter), 2);
  load.mutable_load()->set_replaces(1);
  const auto loaded = agent.call(load);
  ASSERT_TRUE(loaded.has_load()) << loaded.error().message();
  const auto id = part_id(one_node(latter).bundle, 2);
  agent.call(connect_request(id, {loaded.load().address()}));
  agent.call(start_request(id));
  EXPECT_TRUE(answers(old_address, former));
  EXPECT_TRUE(answers(loaded.load().address(), latter));
  agent.call(stop_request(part_id(one_node(former).bundle, 1)));
  EXPECT_TRUE(answers(loaded.load().address(), latter));
  EXPECT_EQ(agent->parts(), 1U);
}

TEST(AgentSharing, PartsAreBounded) {
  AgentOptions options;
  options.max_parts = 1;
  TestAgent agent(options);
  agent.run(one_node(small_network(), "one"));
  EXPECT_EQ(agent.error(load_request(one_node(small_network(), "two"))), "1 parts run here, at most that many may");
}

// --- controllers that go

TEST(AgentLease, LoadedPartIsDropped) {
  TestAgent agent;
  const Shipment shipment = one_node(small_network());
  const std::string address = agent.call(load_request(shipment)).load().address();
  EXPECT_EQ(agent->tick(), agent.clock.now_ns() + 5000 * ms);
  agent.clock.move(4999 * ms);
  agent->tick();
  EXPECT_EQ(agent->parts(), 1U);
  agent.clock.move(1 * ms);
  EXPECT_EQ(agent->tick(), Agent::never_ns);
  EXPECT_EQ(agent->parts(), 0U);
  EXPECT_TRUE(listen_udp(UdpAddress::parse(address).value())) << "its port is free again";
  control::Request log;
  log.mutable_log()->set_lines(1);
  EXPECT_EQ(agent.call(log).log().lines(0).text(),
            "quick/0000000000000001/0: dropped: no word of its controller within 5000 ms");
}

TEST(AgentLease, RunningPartIsDroppedUntilItIsCommitted) {
  TestAgent agent;
  const auto graph = small_network();
  const std::string kept = agent.run(one_node(graph, "kept"));
  agent.run(one_node(graph, "lost"));
  agent.call(commit_request(part_id(one_node(graph, "kept").bundle)));
  agent.clock.move(5000 * ms);
  EXPECT_EQ(agent->tick(), Agent::never_ns);
  EXPECT_EQ(agent->parts(), 1U);
  EXPECT_TRUE(answers(kept, graph));
}

TEST(AgentLease, RenewedByWhoeverNamesThePart) {
  TestAgent agent;
  const Shipment shipment = one_node(small_network());
  agent.run(shipment);
  control::Request all;
  all.mutable_status();
  for (int i = 0; i < 3; ++i) {
    agent.clock.move(4000 * ms);
    agent.status(part_id(shipment.bundle));
    agent->tick();
    EXPECT_EQ(agent->parts(), 1U);
  }
  agent.clock.move(4000 * ms);
  agent.call(all);  // names none
  agent.clock.move(1000 * ms);
  agent->tick();
  EXPECT_EQ(agent->parts(), 0U);
}

// --- deadlines

// Asks for a load that is not done when handle() returns (a small one may be: then it is stopped and asked for again).
void begin_load(TestAgent& agent, const control::Request& load, control::Reply& reply) {
  const auto begin = [&] {
    reply.Clear();
    agent->handle(load, [&](control::Reply answer) { reply = std::move(answer); });
    return !reply.has_load();
  };
  while (!begin()) agent.call(stop_request(load.load().part()));
}

TEST(AgentDeadline, LoadThatTakesTooLongIsDropped) {
  TestAgent agent;
  auto load = load_request(one_node(small_network()));
  load.set_deadline_ms(20);
  control::Reply reply;
  begin_load(agent, load, reply);
  agent.clock.move(20 * ms);
  agent->tick();
  EXPECT_EQ(reply.error().kind(), static_cast<unsigned>(ErrorKind::deadline));
  EXPECT_EQ(reply.error().message(), "`load` was not done within 20 ms");
  EXPECT_EQ(agent->parts(), 0U);
}

TEST(AgentDeadline, StopEndsALoadThatIsUnderWay) {
  TestAgent agent;
  const Shipment shipment = one_node(small_network());
  control::Reply reply;
  begin_load(agent, load_request(shipment), reply);
  EXPECT_TRUE(agent.call(stop_request(part_id(shipment.bundle))).stop().was_there());
  agent->tick();
  EXPECT_EQ(reply.error().message(), "the part was stopped during `load`");
  EXPECT_EQ(agent->parts(), 0U);
}

TEST(AgentDeadline, EndOfTheAgentAnswersWhoWaits) {
  TestAgent agent;
  control::Reply reply;
  agent->handle(load_request(one_node(small_network())), [&](control::Reply answer) { reply = std::move(answer); });
  agent.end();
  EXPECT_TRUE(reply.has_load() || reply.error().message() == "the agent ends") << reply.error().message();
}

// --- logs

TEST(AgentLog, LinesOfAPartAndOfTheAgent) {
  std::vector<std::string> lines;
  AgentOptions options;
  options.log = [&](std::string_view line) { lines.emplace_back(line); };
  TestAgent agent(options);
  const Shipment shipment = one_node(small_network());
  const std::string address = agent.call(load_request(shipment)).load().address();
  EXPECT_THAT(lines, ElementsAre("quick/0000000000000001/0: loading 1 kernels of network",
                                 "quick/0000000000000001/0: loaded, listens at " + address));
  control::Request log;
  *log.mutable_log()->mutable_part() = part_id(shipment.bundle);
  log.mutable_log()->set_lines(10);
  auto all = agent.call(log).log();
  ASSERT_EQ(all.lines_size(), 2);
  EXPECT_EQ(all.lines(1).text(), "loaded, listens at " + address);
  EXPECT_EQ(all.lines(1).number(), 2U);
  EXPECT_GT(all.lines(1).unix_time_ms(), 1'600'000'000'000);
  log.mutable_log()->set_after(1);
  EXPECT_EQ(agent.call(log).log().lines_size(), 1);
  log.mutable_log()->set_after(2);
  EXPECT_EQ(agent.call(log).log().lines_size(), 0);
}

}  // namespace
}  // namespace algean::cluster
