// A node in a thread of the test, honest or not.
#include "cluster/deploy/self_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "runtime/node/node.hpp"
#include "runtime/transport/udp.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::cluster {
namespace {

using testing::HasSubstr;

// Computes what `engine` does, with one bit of one output flipped from the given inference on.
class Liar final : public Engine {
 public:
  Liar(std::unique_ptr<Engine> engine, int honest) : engine_(std::move(engine)), honest_(honest) {}
  [[nodiscard]] std::span<const Port> inputs() const override { return engine_->inputs(); }
  [[nodiscard]] std::span<const Port> outputs() const override { return engine_->outputs(); }
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs) noexcept override {
    engine_->run(inputs, outputs);
    if (honest_-- <= 0) outputs[0][2] ^= std::byte{1};
  }

 private:
  std::unique_ptr<Engine> engine_;
  int honest_;
};

class SelfCheckTest : public testing::Test {
 protected:
  SelfCheckTest() {
    graph_ = kernels::testing::dense_network(kernels::library(), {6, 9, 4}, 5);
    graph_.inputs[0].form = ExternalForm::float32;
    graph_.outputs[0].form = ExternalForm::float32;
    Random random(1);
    for (int i = 0; i < 3; ++i) {
      const auto values = kernels::testing::random_reals(random, 6, -1, 1);
      inferences_.push_back({kernels::testing::tensor(kernels::testing::real({6}), values)});
    }
  }
  // What self_check() says of a node that is honest for so many inferences.
  Result<> check(int honest, const kernels::Graph& expected) {
    Liar engine(kernels::make_engine(graph_, kernels::library()).value(), honest);
    NodeOptions node_options;
    node_options.poll = Poll::block;
    const auto node = Node::make(single_node(engine, "d", "v"), listen_udp().value(), node_options, clock_).value();
    const std::jthread thread([&] { node->run(); });
    ClientOptions options;
    options.poll = Poll::block;
    Result<> result;
    {
      const auto client = Client::connect(node->address(), options).value();
      result = self_check(*client, expected, kernels::library(), inferences_, 30'000'000'000);
    }
    node->stop();
    return result;
  }

  SteadyClock clock_;
  kernels::Graph graph_;
  std::vector<Inference> inferences_;
};

TEST_F(SelfCheckTest, HonestNodePasses) {
  const auto result = check(1000, graph_);
  EXPECT_TRUE(result) << result.error().message;
}

TEST_F(SelfCheckTest, OneBitIsNamed) {
  const auto result = check(1, graph_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::failed);
  EXPECT_THAT(result.error().message, HasSubstr("self-check: inference 1: output `y`: element 2 is "));
  EXPECT_THAT(result.error().message, HasSubstr(", but the reference says "));
}

TEST_F(SelfCheckTest, AnotherNetworkIsNamed) {
  const auto result = check(1000, kernels::testing::dense_network(kernels::library(), {6, 9, 5}, 5));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the node describes other inputs and outputs than the network has");
}

TEST_F(SelfCheckTest, NaNIsRefusedByTheReference) {
  inferences_[0][0].elements<float>()[3] = std::nanf("");
  const auto result = reference(graph_, kernels::library(), inferences_[0]);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("input `x`"));
}

}  // namespace
}  // namespace algean::cluster
