// A plan of two nodes over agents that a test plays, and one real node that answers for both.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cluster/deploy/bring_up.hpp"
#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "runtime/base/file.hpp"
#include "runtime/node/node.hpp"
#include "runtime/transport/udp.hpp"
#include "tests/unit/cluster/deploy/fake_agent.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::cluster::testing_support {

inline constexpr std::int64_t second_ns = 1'000'000'000;

// A node that answers for the whole deployment.
class RealNode {
 public:
  explicit RealNode(const kernels::Graph& graph)
      : engine_(kernels::make_engine(graph, kernels::library()).value()),
        node_(make()),
        thread_([this] { node_->run(); }) {}
  RealNode(const RealNode&) = delete;
  RealNode& operator=(const RealNode&) = delete;
  ~RealNode() { node_->stop(); }
  [[nodiscard]] std::string address() const { return node_->address(); }

 private:
  std::unique_ptr<Node> make() {
    NodeOptions options;
    options.poll = Poll::block;
    return Node::make(single_node(*engine_, "two", "0.1.0"), listen_udp().value(), options, clock_).value();
  }

  SteadyClock clock_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Node> node_;
  std::jthread thread_;
};

// Two nodes, a and b; a is home.
class BringUpTest : public ::testing::Test {
 protected:
  BringUpTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "algean_bring_up.XXXXXX").string();
    base_ = ::mkdtemp(folder.data());
    states_ = StateRoot(base_ / "algean");
    Random random(1);
    const auto values = kernels::testing::random_reals(random, 6, -1, 1);
    inferences_.push_back({kernels::testing::tensor(kernels::testing::real({6}), values)});
  }
  ~BringUpTest() override { std::filesystem::remove_all(base_); }

  static kernels::Graph network(std::uint64_t seed) {
    kernels::Graph graph = kernels::testing::dense_network(kernels::library(), {6, 9, 4}, seed);
    graph.inputs[0].form = ExternalForm::float32;
    graph.outputs[0].form = ExternalForm::float32;
    return graph;
  }
  // A part as far as deploy looks at it.
  static Shipment part(const FakeAgent& agent, std::uint16_t node, const std::string& listen = "127.0.0.1:0") {
    Shipment shipment;
    shipment.host = agent.address();
    shipment.bundle.deployment = "two";
    shipment.bundle.network = "network";
    shipment.bundle.node = node;
    shipment.bundle.name = node == 0 ? "a" : "b";
    shipment.bundle.listen = listen;
    shipment.bundle.kernels.push_back({std::uint16_t(node + 1), "k.graph", "", 3, {"layer"}, {}, {}});
    shipment.bundle.peers.push_back({std::uint16_t(1 - node), node == 0 ? "b" : "a", {}, "udp", 1500});
    shipment.files.push_back({"k.graph", {std::byte{1}, std::byte{2}, std::byte{3}}});
    return shipment;
  }
  BringUp plan(std::vector<Shipment> parts) {
    BringUp plan;
    plan.name = "two";
    plan.parts = std::move(parts);
    plan.save = [](const std::filesystem::path& folder) { return write_text(folder / plan_file, "{}"); };
    plan.software = "0.1.0";
    plan.inferences = inferences_;
    plan.deadline_ns = clock_.now_ns() + 60 * second_ns;
    plan.warn = [this](std::string_view line) { warnings_.emplace_back(line); };
    return plan;
  }
  BringUp plan(const FakeAgent& a, const FakeAgent& b) { return plan({part(a, 0), part(b, 1)}); }
  Result<Deployed> up(const BringUp& plan) {
    return bring_up(plan, graph_, kernels::library(), states_, clock_, interrupts_);
  }
  static void link(FakeAgent& a, FakeAgent& b) {
    a.set_links({link_status("b", control::LINK_UP, 5000)});
    b.set_links({link_status("a", control::LINK_UP, 6000)});
  }
  std::size_t entries() {
    std::error_code ignored;
    return static_cast<std::size_t>(
        std::distance(std::filesystem::recursive_directory_iterator(states_.path(), ignored),
                      std::filesystem::recursive_directory_iterator()));
  }
  // Nothing is left of a deployment that failed.
  void expect_rolled_back(const FakeAgent& a, const FakeAgent& b) {
    EXPECT_THAT(a.parts(), ::testing::SizeIs(0));
    EXPECT_THAT(b.parts(), ::testing::SizeIs(0));
    EXPECT_EQ(entries(), 0U);
  }
  // An agent that answers one call with an error, having done what was asked where `does`.
  static FakeAgent::Twist fails(control::Request::CallCase call) {
    return [call](const control::Request& request) -> std::optional<FakeAgent::Twisted> {
      if (request.call_case() != call) return std::nullopt;
      return FakeAgent::Twisted{error_reply({ErrorKind::bad_input, "not with me"})};
    };
  }
  static FakeAgent::Twist ignores(control::Request::CallCase call) {
    return [call](const control::Request& request) -> std::optional<FakeAgent::Twisted> {
      if (request.call_case() != call) return std::nullopt;
      return FakeAgent::Twisted{};
    };
  }

  std::filesystem::path base_;
  StateRoot states_{""};
  SteadyClock clock_;
  Interrupts interrupts_;
  kernels::Graph graph_ = network(5);
  std::vector<Inference> inferences_;
  std::vector<std::string> warnings_;
};

}  // namespace algean::cluster::testing_support
