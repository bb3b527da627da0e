// Nodes under strain: slow receivers, loss, duplication, reordering, hostile peers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>

#include "runtime/base/crc32c.hpp"
#include "runtime/base/random.hpp"
#include "runtime/transport/faulty.hpp"
#include "tests/support/count_allocations.hpp"
#include "tests/unit/runtime/node/deployment.hpp"

namespace algean {
namespace {

using namespace testing_support;
using wire::Drop;
using wire::FrameType;

// a -> b -> client, tensors of `size` bytes.
Plan pair_of_nodes(std::int64_t size) {
  Plan plan;
  plan.size = size;
  plan.nodes.push_back({"a", {}});
  plan.nodes.push_back({"b", {}});
  plan.nodes[0].kernels.push_back({1, adder(1, 1, 1, size), {{{2, 0}}}});
  plan.nodes[1].kernels.push_back({2, adder(1, 1, 10, size), {{{0, 0}}}});
  plan.inputs = {{{1, 0}}};
  plan.output_kernels = {2};
  plan.max_in_flight = 16;
  return plan;
}

// b takes one datagram (or batch) where a and the client take a hundred.
void expect_nothing_lost(Deployment& deployment) {
  for (int i = 0; i < 20; ++i) deployment.pass(5 * ms);
  TestClient client(deployment, 1);
  std::uint32_t submitted = 0;
  std::uint32_t answered = 0;
  for (int step = 0; answered < 200 && step < 200'000; ++step) {
    for (; submitted < 200 && submitted - answered < 16; ++submitted) {
      client.submit(submitted + 1, static_cast<int>((submitted + 1) & 63U));
    }
    deployment.nodes[0]->step();
    if (step % 100 == 0) {
      deployment.nodes[1]->step();
      deployment.clock.now += ms;
    }
    client.take();
    for (const auto& channel : client.channels) channel->on_time(deployment.clock.now);
    while (client.has(answered + 1)) ++answered;
  }
  EXPECT_EQ(answered, 200U);
  for (std::uint32_t id = 1; id <= answered; ++id) client.expect(id, {static_cast<int>(id & 63U) + 11});
  EXPECT_TRUE(client.failures.empty());
  const auto link = deployment.nodes[0]->links()[0].counts;
  EXPECT_EQ(deployment.nodes[1]->links()[0].counts.gaps, 0U);
  EXPECT_EQ(link.lost, 0U);
  EXPECT_EQ(link.queued_bytes, 0U);
  EXPECT_GT(link.queued_most, 10'000U);                   // the sender was stopped
  EXPECT_LE(link.queued_most, 16U * (10'000 + 64 * 20));  // and holds no more than what is in flight
  EXPECT_EQ(deployment.nodes[1]->counts().evicted, 0U);
}

TEST(Strain, AReceiverThatIsAHundredTimesSlowerLosesNothing) {
  Deployment deployment(pair_of_nodes(10'000), {}, LoopbackOptions{1500, 16});  // less than two inferences
  expect_nothing_lost(deployment);
}

TEST(Strain, AReceiverThatIsAHundredTimesSlowerLosesNothingOverUdp) {
  Deployment deployment(pair_of_nodes(10'000), {}, UdpOptions{1472, 1 << 16});
  expect_nothing_lost(deployment);
}

TEST(Strain, AClientThatTakesNoAnswersIsBoundedAndFreed) {
  NodeOptions options;
  options.max_queued_bytes = 100'000;
  Deployment deployment(pair_of_nodes(10'000), options, LoopbackOptions{1500, 8});
  deployment.bring_up();
  auto client = std::make_unique<TestClient>(deployment, 1);
  TestClient other(deployment, 2);
  // It never reads what b sends, and asks on and on.
  for (std::uint32_t id = 1; id <= 100; ++id) {
    client->submit(id, 1);
    deployment.settle();
    client->take(0);
    deployment.settle();
  }
  const auto clients = deployment.nodes[1]->clients().counts;
  EXPECT_GT(clients.queued_bytes, 50'000U);
  EXPECT_LE(clients.queued_most, 100'000U + 12'000);
  EXPECT_GT(deployment.nodes[1]->counts().lost_replies, 0U);
  other.submit(1, 2);  // nobody else is harmed
  other.pump();
  other.pump();
  other.expect(1, {13});
  client.reset();
  deployment.pass(1500 * ms);
  EXPECT_EQ(deployment.nodes[0]->counts().clients(), 1U);
  EXPECT_EQ(deployment.nodes[1]->counts().clients(), 1U);
  EXPECT_EQ(deployment.nodes[1]->clients().counts.queued_bytes, 0U);
}

TEST(Strain, NothingIsAllocatedOnceWarm) {
  // Over UDP, as the loopback network makes copies.
  if (!counts_allocations()) GTEST_SKIP() << "a sanitizer owns operator new";
  FakeEngine engine = adder(1, 1, 1, 3000);
  auto net = udp_net(1472);
  const auto dialler = net.dialler();
  auto link = dialler->dial(net.listener->address()).value();
  MovedClock clock;
  const auto node = Node::make(single_node(engine, "d", "v"), std::move(net.listener), {}, clock).value();
  ChannelCounters counters;
  Channel channel(std::move(link), {}, counters);
  wire::MessageHeader header;
  header.client_slot = wire::any_slot;
  channel.begin(5, header, clock.now);
  channel.signal(FrameType::attach);
  Bytes buffer(receive_buffer_bytes);
  wire::Datagram datagram;
  std::size_t answers = 0;
  const auto take = [&] {
    for (int i = 0; i < 100; ++i) node->step();
    for (Received got = channel.receive(buffer); got.result == Transfer::done; got = channel.receive(buffer)) {
      std::span<const std::byte> rest = std::span(buffer).first(got.bytes);
      while (!rest.empty()) {
        ASSERT_EQ(parse(next_datagram(rest, got.segment_bytes), datagram), Drop::none);
        channel.accept(datagram, clock.now);
        const auto& last = datagram.messages().back().header;
        if (datagram.type() == FrameType::data && (last.flags & wire::flag_last) != 0) ++answers;
      }
    }
  };
  const Bytes input(3000);
  const std::array<wire::Shipment, 1> shipments{wire::Shipment{1, 0, 0, input}};
  header.client_slot = 0;
  const auto ask = [&](int times) {
    for (int i = 0; i < times; ++i) {
      ++header.inference_id;
      channel.send(header, shipments, clock.now);
      take();
    }
  };
  take();
  ask(20);
  ASSERT_EQ(answers, 20U);
  const std::uint64_t before = allocations();
  ask(100);
  EXPECT_EQ(allocations() - before, 0U);
  EXPECT_EQ(answers, 120U);
}

// One per cent of what comes to nodes is lost, five doubled, five late. No answer is wrong; what failed is named by
// the node that lacks something, or is one that nobody but the client can miss; nothing sticks.
TEST(Strain, LossFailsInferencesByNameAndNothingElse) {
  std::uint64_t faults_made = 0;
  for (const std::uint64_t seed : {1U, 2U}) {
    NodeOptions options;
    options.partial_timeout_ns = 100 * ms;
    FaultCounts faults;
    Deployment::wrap = [&](std::unique_ptr<Listener> listener, const Clock& clock) {
      FaultOptions fault_options;
      fault_options.seed = seed * 100 + faults_made++;
      fault_options.loss = 0.01;
      fault_options.duplication = 0.05;
      fault_options.reordering = 0.05;
      return make_faulty(std::move(listener), fault_options, clock, faults);
    };
    Deployment deployment(pair_of_nodes(6000), options);
    Deployment::wrap = nullptr;
    deployment.pass(200 * ms);
    std::optional<TestClient> client;
    for (std::uint64_t epoch = 1; epoch < 10 && (!client || client->slot == wire::any_slot); ++epoch) {
      client.emplace(deployment, epoch);
    }
    std::size_t answered = 0;
    constexpr std::uint32_t asked = 300;
    for (std::uint32_t id = 1; id <= asked; ++id) {
      client->submit(id, static_cast<int>(id & 63U));
      for (int i = 0; i < 3 && !client->has(id); ++i) {
        client->pump();
        for (const auto& channel : client->channels) channel->on_time(deployment.clock.now);
        deployment.clock.now += 2 * ms;
      }
      if (client->has(id)) {
        ++answered;
        client->expect(id, {static_cast<int>(id & 63U) + 11});
      }
    }
    deployment.pass(300 * ms);
    client->pump();
    EXPECT_GT(answered, asked * 3 / 4);
    EXPECT_LT(answered, asked);
    EXPECT_FALSE(client->failures.empty());
    bool named = false;
    for (const TestClient::Failure& failure : client->failures) {
      EXPECT_EQ(to_text(failure.code), "incomplete");
      EXPECT_FALSE(client->has(failure.inference_id)) << failure.text;
      named |= failure.text.find("lost on the link from a") != std::string::npos;
    }
    EXPECT_TRUE(named) << client->failures.front().text;
    EXPECT_GT(deployment.nodes[1]->counts().dropped_for(Drop::replayed), 0U);
    // No partial input is left, and it serves on.
    bool again = false;
    for (std::uint32_t id = 1000; id < 1020 && !again; ++id) {
      client->submit(id, 1);
      client->pump();
      again = client->has(id);
    }
    EXPECT_TRUE(again);
  }
}

// Something that knows the deployment's epoch and a's kernels sends rubbish to b.
TEST(Strain, AHostilePeerHarmsNobodyElse) {
  Deployment deployment(pair_of_nodes(1000));
  deployment.bring_up();
  TestClient client(deployment, 1);
  const auto stranger = deployment.network.connect("b");
  Random random(12);
  Bytes storage(1500);
  std::uint32_t sequence = 100;
  for (int i = 0; i < 30'000; ++i) {
    wire::DatagramWriter writer(storage);
    for (std::uint64_t messages = 1 + random.below(3); messages > 0; --messages) {
      wire::MessageHeader header;
      header.source_kernel = static_cast<std::uint16_t>(random.below(3));
      header.destination_kernel = static_cast<std::uint16_t>(random.below(4));
      header.destination_port = static_cast<std::uint8_t>(random.below(2));
      header.client_slot = static_cast<std::uint16_t>(random.below(4) == 0 ? random.next() : 1 + random.below(63));
      header.inference_id = static_cast<std::uint32_t>(random.next());
      header.tensor_offset = static_cast<std::uint32_t>(random.below(4) == 0 ? random.next() : 64 * random.below(20));
      header.flags = static_cast<std::uint8_t>(random.below(16));
      header.credit = static_cast<std::uint32_t>(random.next());
      header.payload_length = static_cast<std::uint16_t>(random.below(300));
      std::byte* payload = writer.add(header);
      std::generate_n(payload, header.payload_length, [&] { return static_cast<std::byte>(random.next()); });
    }
    wire::FrameHeader frame;
    frame.type = static_cast<std::uint8_t>(1 + random.below(8));
    if (frame.type == static_cast<std::uint8_t>(FrameType::detach)) continue;
    frame.epoch = Deployment::epoch;
    frame.sequence = random.below(100) == 0 ? sequence : sequence++;
    frame.position = static_cast<std::uint32_t>(random.next());
    const auto datagram = writer.finish(frame);
    Bytes bytes(datagram.begin(), datagram.end());
    if (random.below(4) == 0) bytes[random.below(bytes.size())] = static_cast<std::byte>(random.next());
    if (random.below(8) == 0) bytes.resize(random.below(bytes.size() + 20));
    if (random.below(2) == 0 && bytes.size() >= 32) {
      wire::store<std::uint32_t>(bytes.data() + 28, crc32c(std::span(bytes).first(28)));
    }
    if (bytes.size() <= 1500) stranger->send(bytes);
    deployment.nodes[1]->step();
    deployment.nodes[0]->step();
    Bytes sink(receive_buffer_bytes);
    while (stranger->receive(sink).result == Transfer::done) {
    }
  }
  deployment.settle();
  client.take();
  const NodeCounts counts = deployment.nodes[1]->counts();
  for (const Drop cause : {Drop::bad_header_check, Drop::payload_beyond_end, Drop::too_short, Drop::foreign_epoch,
                           Drop::replayed, Drop::unexpected_type, Drop::bad_slot}) {
    EXPECT_GT(counts.dropped_for(cause), 0U) << to_text(cause);
  }
  // A client of another node's session goes on.
  TestClient fresh(deployment, 9);
  EXPECT_NE(fresh.slot, wire::any_slot);
  EXPECT_GT(deployment.nodes[1]->counts().attached, 1U);
}

}  // namespace
}  // namespace algean
