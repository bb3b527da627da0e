// A deployment of three nodes in one process, each in a thread of its own.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "tests/support/fake_engine.hpp"

namespace algean::testing_support {

// Serves what mirror_engine(n) computes. "image" goes to node a (home), which reverses it, and to b; "key" to b, which
// gives it back as output "key", and to c, which gives what a sends it as output "mirror". So a takes inputs only, b
// and c take inputs and give outputs, and links a-b and a-c are there.
class ThreeNodes {
 public:
  static constexpr std::array<const char*, 3> names{"a", "b", "c"};

  ThreeNodes(const Net& net, std::int64_t n, std::uint16_t max_in_flight = 8, NodeOptions options = {})
      : image_{"image", {image_type(), Shape({n})}, ExternalForm::float32},
        key_{"key", {ElementType::integer(20, true), Shape({3})}, ExternalForm::integer},
        engines_{
            FakeEngine({image_}, {image_}, [n](auto in, auto out) { std::reverse_copy(in[0], in[0] + n, out[0]); }),
            FakeEngine({key_, image_}, {key_}, [](auto in, auto out) { std::memcpy(out[0], in[0], 12); }),
            FakeEngine({image_, key_}, {image_}, [n](auto in, auto out) { std::copy(in[0], in[0] + n, out[0]); })},
        max_in_flight_(max_in_flight),
        options_(std::move(options)) {
    for (std::size_t i = 0; i < 3; ++i) {
      listeners_.at(i) = net.listen(names.at(i));
      addresses_.at(i) = listeners_.at(i)->address();
    }
    for (std::size_t i = 0; i < 3; ++i) start(i, std::move(listeners_.at(i)));
  }
  // Whether all links are there, within 20 s.
  [[nodiscard]] bool wait_until_linked() {
    const SteadyClock clock;
    const std::int64_t deadline_ns = clock.now_ns() + 20'000'000'000;
    const auto is_linked = [](std::optional<Served>& served) {
      return std::ranges::all_of(served->node().links(),
                                 [](const LinkStatus& link) { return link.state == LinkState::up; });
    };
    while (clock.now_ns() < deadline_ns) {
      if (std::ranges::all_of(served_, is_linked)) return true;
      std::this_thread::yield();
    }
    return false;
  }

  void start(std::size_t node, std::unique_ptr<Listener> listener) {
    served_.at(node).emplace(config(node), std::move(listener), options_);
  }
  void stop(std::size_t node) { served_.at(node).reset(); }
  Node& node(std::size_t i) { return served_.at(i)->node(); }
  [[nodiscard]] const std::string& address(std::size_t node) const { return addresses_.at(node); }
  // "node b at 127.0.0.1:4000".
  [[nodiscard]] std::string where(std::size_t node) const {
    return fmt::format("node {} at {}", names.at(node), addresses_.at(node));
  }

 private:
  [[nodiscard]] Description description() const {
    Description result;
    result.deployment = "three";
    result.node_version = "v";
    result.max_in_flight = max_in_flight_;
    result.inputs = {image_, key_};
    result.outputs = {{"mirror", image_.type, image_.form}, key_};
    for (std::size_t i = 0; i < 3; ++i) result.nodes.push_back({names.at(i), addresses_.at(i)});
    result.destinations = {{{0, 1, 0}, {1, 2, 1}}, {{1, 2, 0}, {2, 3, 1}}};
    result.output_nodes = {2, 1};
    return result;
  }
  NodeConfig config(std::size_t node) {
    NodeConfig result;
    result.name = names.at(node);
    result.epoch = 77;
    result.description = description();
    const std::array<std::vector<std::vector<Destination>>, 3> routes{{{{{3, 0}}}, {{{0, 1}}}, {{{0, 0}}}}};
    result.kernels = {{static_cast<std::uint16_t>(node + 1), &engines_.at(node), routes.at(node)}};
    const auto add_peer = [&](std::size_t peer) {
      result.peers.push_back(
          {names.at(peer), {static_cast<std::uint16_t>(peer + 1)}, addresses_.at(peer), node < peer, 0});
    };
    if (node == 0) {
      add_peer(1);
      add_peer(2);
    } else {
      add_peer(0);
      result.home_peer = 0;
    }
    return result;
  }

  Port image_;
  Port key_;
  std::array<FakeEngine, 3> engines_;
  std::uint16_t max_in_flight_;
  NodeOptions options_;
  std::array<std::unique_ptr<Listener>, 3> listeners_;
  std::array<std::string, 3> addresses_;
  std::array<std::optional<Served>, 3> served_;
};

}  // namespace algean::testing_support
