// Several nodes in one process over a loopback network, stepped by hand with a clock that the test moves, and clients
// that attach to them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/node/node.hpp"
#include "runtime/router/channel.hpp"
#include "tests/support/fake_engine.hpp"

namespace algean::testing_support {

constexpr std::int64_t ms = 1'000'000;
using Bytes = std::vector<std::byte>;

class MovedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override { return now; }
  std::int64_t now = 1000 * ms;
};

inline TensorType bytes_type(std::int64_t size) { return {ElementType::int8(), Shape({size})}; }

// The sum of its inputs plus `constant`, element by element, modulo 256; at every output.
inline FakeEngine adder(std::size_t inputs, std::size_t outputs, int constant, std::int64_t size) {
  const auto ports = [&](std::string_view name, std::size_t count) {
    std::vector<Port> result;
    for (std::size_t i = 0; i < count; ++i) {
      result.push_back({fmt::format("{}{}", name, i), bytes_type(size), ExternalForm::integer});
    }
    return result;
  };
  return {ports("x", inputs), ports("y", outputs), [=](auto in, auto out) {
            for (std::size_t e = 0; e < static_cast<std::size_t>(size); ++e) {
              int sum = constant;
              for (const std::byte* each : in) sum += static_cast<int>(each[e]);
              for (std::byte* each : out) each[e] = static_cast<std::byte>(sum);
            }
          }};
}

struct PlannedKernel {
  std::uint16_t id;
  FakeEngine engine;
  std::vector<std::vector<Destination>> routes;
};
struct PlannedNode {
  std::string name;
  std::vector<PlannedKernel> kernels;
};
struct Plan {
  std::vector<PlannedNode> nodes;  // the first is home
  std::int64_t size = 100;         // elements of every tensor
  std::vector<std::vector<Destination>> inputs;
  std::vector<std::uint16_t> output_kernels;
  std::uint16_t max_in_flight = 4;

  [[nodiscard]] std::uint16_t node_of(std::uint16_t kernel) const {
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      for (const PlannedKernel& each : nodes[node].kernels) {
        if (each.id == kernel) return static_cast<std::uint16_t>(node);
      }
    }
    return 0xffff;
  }
};

class Deployment {
 public:
  static constexpr std::uint64_t epoch = 77;

  explicit Deployment(Plan plan_, NodeOptions options = {}, const LoopbackOptions& network_options = {1500, 256})
      : plan(std::move(plan_)), network(network_options) {
    for (const PlannedNode& node : plan.nodes) listeners_.push_back(network.listen(node.name));
    connect = [this](std::size_t node) { return network.connect(plan.nodes[node].name); };
    start(std::move(options));
  }
  Deployment(Plan plan_, NodeOptions options, const UdpOptions& udp) : plan(std::move(plan_)) {
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) listeners_.push_back(listen_udp({0x7f000001, 0}, udp).value());
    connect = [this, udp](std::size_t node) {
      return connect_udp(UdpAddress::parse(addresses[node]).value(), udp).value();
    };
    start(std::move(options));
  }

  NodeConfig config(std::size_t self) {
    NodeConfig config;
    config.name = plan.nodes[self].name;
    config.epoch = epoch;
    for (PlannedKernel& kernel : plan.nodes[self].kernels) {
      config.kernels.push_back({kernel.id, &kernel.engine, kernel.routes});
    }
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
      if (i == self) continue;
      NodePeer peer;
      peer.name = plan.nodes[i].name;
      for (const PlannedKernel& kernel : plan.nodes[i].kernels) peer.kernels.push_back(kernel.id);
      peer.address = addresses[i];
      peer.dial = self < i;
      if (i == 0) config.home_peer = config.peers.size();
      config.peers.push_back(std::move(peer));
    }
    Description& description = config.description;
    description.deployment = "d";
    description.node_version = "v";
    description.max_in_flight = plan.max_in_flight;
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
      description.nodes.push_back({plan.nodes[i].name, addresses[i]});
    }
    for (const auto& destinations : plan.inputs) {
      const std::string name = fmt::format("in{}", description.inputs.size());
      description.inputs.push_back({name, bytes_type(plan.size), ExternalForm::integer});
      description.destinations.emplace_back();
      for (const Destination& to : destinations) {
        description.destinations.back().push_back({plan.node_of(to.kernel), to.kernel, to.port});
      }
    }
    for (const std::uint16_t kernel : plan.output_kernels) {
      const std::string name = fmt::format("out{}", description.outputs.size());
      description.outputs.push_back({name, bytes_type(plan.size), ExternalForm::integer});
      description.output_nodes.push_back(plan.node_of(kernel));
    }
    return config;
  }

  // Until no node finds anything.
  void settle() {
    for (bool any = true; any;) {
      any = false;
      for (const auto& node : nodes) any |= node && node->step();
    }
  }
  void pass(std::int64_t ns) {
    for (const std::int64_t end = clock.now + ns; clock.now < end;) {
      clock.now = std::min(end, clock.now + 5 * ms);
      settle();
    }
  }
  void bring_up() {
    pass(50 * ms);
    for (const auto& node : nodes) {
      for (const LinkStatus& link : node->links()) EXPECT_EQ(to_text(link.state), "up") << link.name;
    }
  }

  using Wrap = std::function<std::unique_ptr<Listener>(std::unique_ptr<Listener>, const Clock&)>;
  static inline Wrap wrap;  // around the listeners of the next deployment

  Plan plan;
  MovedClock clock;
  LoopbackNetwork network;
  std::vector<std::string> log;
  std::vector<std::string> addresses;
  std::function<std::unique_ptr<Transport>(std::size_t node)> connect;
  std::vector<std::unique_ptr<Node>> nodes;

 private:
  void start(NodeOptions options) {
    options.log = [this](std::string_view line) { log.emplace_back(line); };
    for (const auto& listener : listeners_) addresses.push_back(listener->address());
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
      auto listener = wrap ? wrap(std::move(listeners_[i]), clock) : std::move(listeners_[i]);
      auto node = Node::make(config(i), std::move(listener), options, clock);
      EXPECT_TRUE(node) << node.error().message;
      nodes.push_back(std::move(*node));
    }
  }

  std::vector<std::unique_ptr<Listener>> listeners_;
};

// A client of a deployment; one test clock for both.
class TestClient {
 public:
  struct Failure {
    std::uint32_t inference_id;
    wire::ErrorCode code;
    std::string text;
  };

  TestClient(Deployment& deployment, std::uint64_t epoch, bool attaches = true)
      : deployment_(deployment), epoch_(epoch) {
    for (std::size_t node = 0; node < deployment.plan.nodes.size(); ++node) {
      channels.push_back(std::make_unique<Channel>(deployment.connect(node), ChannelOptions{}, counters));
    }
    if (!attaches) return;
    attach(0, wire::any_slot);
    for (std::size_t i = 1; i < channels.size(); ++i) attach(i, slot);
    EXPECT_TRUE(failures.empty()) << failures.front().text;
  }

  void attach(std::size_t node, std::uint16_t wanted) {
    wire::MessageHeader identity;
    identity.client_slot = wanted;
    channels[node]->begin(epoch_, identity, deployment_.clock.now);
    channels[node]->signal(wire::FrameType::attach);
    deployment_.settle();
    take(node);
    identity.client_slot = slot;
    channels[node]->identify(identity);
  }
  // Input i is all bytes of inputs[i].
  void submit(std::uint32_t id, const std::vector<Bytes>& inputs, bool traced = false) {
    wire::MessageHeader common;
    common.client_slot = slot;
    common.inference_id = id;
    common.flags = traced ? wire::flag_trace : std::uint8_t{0};
    common.time_stamp = traced ? static_cast<std::uint64_t>(deployment_.clock.now) : 0;
    for (std::size_t node = 0; node < channels.size(); ++node) {
      std::vector<wire::Shipment> shipments;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        for (const Destination& to : deployment_.plan.inputs[i]) {
          if (deployment_.plan.node_of(to.kernel) == node) shipments.push_back({to.kernel, to.port, 0, inputs[i]});
        }
      }
      if (!shipments.empty()) channels[node]->send(common, shipments, deployment_.clock.now);
    }
  }
  void submit(std::uint32_t id, int value) { submit(id, std::vector(deployment_.plan.inputs.size(), all(value))); }
  [[nodiscard]] Bytes all(int value) const {
    return Bytes(static_cast<std::size_t>(deployment_.plan.size), static_cast<std::byte>(value));
  }
  // What has come from a node.
  void take(std::size_t node) {
    Bytes buffer(receive_buffer_bytes);
    for (Received got = channels[node]->receive(buffer); got.result == Transfer::done;
         got = channels[node]->receive(buffer)) {
      std::span<const std::byte> rest = std::span(buffer).first(got.bytes);
      while (!rest.empty()) {
        EXPECT_EQ(parse(next_datagram(rest, got.segment_bytes), datagram_), wire::Drop::none);
        const wire::Drop drop = channels[node]->accept(datagram_, deployment_.clock.now);
        if (drop == wire::Drop::none || datagram_.type() == wire::FrameType::error) on_frame();
      }
    }
  }
  void take() {
    for (std::size_t node = 0; node < channels.size(); ++node) take(node);
  }
  void pump() {
    deployment_.settle();
    take();
    deployment_.settle();
    take();
  }
  [[nodiscard]] bool has(std::uint32_t id) const {
    const auto found = outputs.find(id);
    return found != outputs.end() && found->second->complete();
  }
  // The answer's outputs are all bytes `values[i]`.
  void expect(std::uint32_t id, const std::vector<int>& values) {
    ASSERT_TRUE(has(id)) << id << (failures.empty() ? "" : ": " + failures.back().text);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_TRUE(std::ranges::equal(outputs[id]->bytes(i), all(values[i]))) << id << " output " << i;
    }
  }

  std::vector<std::unique_ptr<Channel>> channels;  // by node
  ChannelCounters counters;
  std::uint16_t slot = wire::any_slot;
  std::map<std::uint32_t, std::unique_ptr<wire::Assembly>> outputs;
  std::vector<Failure> failures;
  std::size_t detached = 0;

 private:
  void on_frame() {
    for (const wire::Message& message : datagram_.messages()) {
      const std::uint32_t id = message.header.inference_id;
      if (datagram_.type() == wire::FrameType::attach_reply) slot = message.header.client_slot;
      if (datagram_.type() == wire::FrameType::detach) ++detached;
      if (datagram_.type() == wire::FrameType::error) {
        const auto* text = reinterpret_cast<const char*>(message.payload.data()) + 2;
        failures.push_back({id, static_cast<wire::ErrorCode>(wire::load<std::uint16_t>(message.payload.data())),
                            std::string(text, message.payload.size() - 2)});
      }
      if (datagram_.type() != wire::FrameType::data) continue;
      const std::vector<std::size_t> sizes(deployment_.plan.output_kernels.size(),
                                           static_cast<std::size_t>(deployment_.plan.size));
      auto& assembly = outputs[id];
      if (!assembly) assembly = std::make_unique<wire::Assembly>(sizes);
      EXPECT_EQ(to_text(assembly->add(message.header, message.payload)), "accepted");
    }
  }

  Deployment& deployment_;
  std::uint64_t epoch_;
  wire::Datagram datagram_;
};

}  // namespace algean::testing_support
