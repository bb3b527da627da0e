// A deployment as a source of tensors, over agents that a test plays.
#include "cluster/inspect/cluster_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <mutex>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "partitioner/compare/compare.hpp"
#include "runtime/base/descriptor.hpp"
#include "tests/unit/cluster/deploy/fake_agent.hpp"
#include "tests/unit/kernels/support/networks.hpp"

namespace algean::cluster {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::FakeAgent;

constexpr std::size_t batch = 5;
constexpr std::int64_t timeout_ns = 5'000'000'000;

// dense_1 and dense_2 lie on a, dense_3 on b.
class ClusterSourceTest : public testing::Test {
 protected:
  ClusterSourceTest() {
    layout_.node_of_layer = {{"dense_1", "a"}, {"dense_2", "a"}, {"dense_3", "b"}};
    deployment_.name = "one";
    deployment_.epoch = 0x1234;
    deployment_.nodes = {{"a", "local", a_.address(), "127.0.0.1:9", std::nullopt},
                         {"b", "local", b_.address(), "127.0.0.1:9", std::nullopt}};
  }

  // The reference itself, whose tensors the agents then have.
  Result<Answer> ask(std::span<const Tensor> inputs) {
    if (asked_ == fails_at_) return failed("node b is gone");
    const std::lock_guard lock(mutex_);
    Answer answer{7, 100 + asked_++, {}};
    const auto keep = [&](kernels::ValueId id, const Tensor& tensor) {
      kept_[{answer.inference, graph_.values[id].name}] = tensor;
    };
    ALGEAN_ASSIGN(answer.outputs, kernels::interpret(graph_, kernels::library(), inputs, keep));
    return answer;
  }

  Result<partitioner::CompareReport> compare(int interrupt_fd = -1) {
    const auto ask = [this](std::span<const Tensor> inputs) { return this->ask(inputs); };
    const auto source = make_cluster_source(deployment_, layout_, ask, {"0.1.0", timeout_ns_, interrupt_fd}, clock_);
    partitioner::TensorSource* const sources[] = {source.get()};
    return partitioner::compare({}, graph_, kernels::library(), sources, {&inputs_, 1});
  }

  // What an agent has of an inference.
  std::optional<FakeAgent::Twisted> answer(const control::Request& request, const std::vector<std::string>& values) {
    control::Reply reply;
    if (request.has_tap()) {
      EXPECT_EQ(request.tap().part().deployment(), "one");
      EXPECT_EQ(request.tap().part().epoch(), 0x1234U);
      EXPECT_TRUE(request.tap().has_slot());
      EXPECT_EQ(request.tap().slot(), 7U);
      reply.mutable_tap();
      return FakeAgent::Twisted{reply};
    }
    if (!request.has_taps()) return std::nullopt;
    EXPECT_EQ(request.taps().slot(), 7U);
    const std::lock_guard lock(mutex_);
    reply.mutable_taps();
    for (const std::string& value : values) {
      const Tensor& tensor = kept_.at({request.taps().inference(), value});
      control::TappedTensor& tapped = *reply.mutable_taps()->add_tensors();
      tapped.set_name(value);
      tapped.set_element_type(tensor.type().element.name());
      for (const std::int64_t extent : tensor.shape().extents()) tapped.add_extents(extent);
      tapped.set_data(tensor.bytes().data(), tensor.bytes().size());
      if (change_) change_(tapped, request.taps().inference());
    }
    return FakeAgent::Twisted{reply};
  }

  static Tensor make_inputs(const kernels::Graph& graph) {
    Random random(3);
    Tensor inputs({graph.values[graph.inputs[0].value].type.element.with(std::nullopt), {batch, 6}});
    for (std::int8_t& element : inputs.elements<std::int8_t>()) {
      element = static_cast<std::int8_t>(random.between(-128, 127));
    }
    return inputs;
  }

  SteadyClock clock_;
  kernels::Graph graph_ = kernels::testing::dense_network(kernels::library(), {6, 9, 5, 4}, 5);
  Tensor inputs_ = make_inputs(graph_);
  Layout layout_;
  std::mutex mutex_;
  std::map<std::pair<std::uint32_t, std::string>, Tensor> kept_;
  std::function<void(control::TappedTensor&, std::uint32_t inference)> change_;
  std::function<bool(const control::Request&)> b_is_silent_ = [](const auto&) { return false; };
  std::uint32_t asked_ = 0;
  std::optional<std::uint32_t> fails_at_;
  std::int64_t timeout_ns_ = timeout_ns;
  FakeAgent a_{"127.0.0.1:9", [this](const auto& request) { return answer(request, {"dense_1_out", "dense_2_out"}); }};
  FakeAgent b_{"127.0.0.1:9", [this](const auto& request) {
                 if (b_is_silent_(request)) return std::optional(FakeAgent::Twisted{});
                 return answer(request, {"dense_3_out"});
               }};
  Deployment deployment_;
};

const auto calls_of_a_comparison = ElementsAre("tap", "taps", "taps", "taps", "taps", "taps", "tap");

TEST_F(ClusterSourceTest, ShowsEveryTensorFromItsNode) {
  const auto report = compare();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->difference(), nullptr);
  ASSERT_EQ(report->tensors.size(), 4U);
  for (const auto& tensor : report->tensors) EXPECT_EQ(tensor.sources[0].shown, !tensor.layer.empty());
  EXPECT_EQ(report->tensors[2].node, "a");
  EXPECT_EQ(report->tensors[3].node, "b");
  EXPECT_EQ(asked_, 2 * batch) << "without taps, and with them";
  EXPECT_THAT(a_.calls(), calls_of_a_comparison);
  EXPECT_THAT(b_.calls(), calls_of_a_comparison);
}

TEST_F(ClusterSourceTest, NamesLayerAndNodeOfADifference) {
  change_ = [](control::TappedTensor& tapped, std::uint32_t inference) {
    if (tapped.name() == "dense_2_out" && inference == 100 + batch + 3) tapped.mutable_data()->at(2) ^= 1;
  };
  const auto report = compare();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  const partitioner::Difference* found = report->difference();
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->layer, "dense_2");
  EXPECT_EQ(found->node, "a");
  EXPECT_EQ(found->inference, 3U);
  EXPECT_EQ(found->element, 2U);
  EXPECT_EQ(found->got, found->expected ^ 1);
}

TEST_F(ClusterSourceTest, TensorsThatAreNoneAreNamed) {
  const auto message = [&](std::function<void(control::TappedTensor&)> change) {
    change_ = [change = std::move(change)](control::TappedTensor& tapped, std::uint32_t) {
      if (tapped.name() == "dense_3_out") change(tapped);
    };
    const auto report = compare();
    EXPECT_EQ(b_.calls().back(), "tap") << "off again";
    return report ? "accepted" : report.error().message;
  };
  const std::string where = "cluster, tapped, inference 0: node b: tensor 'dense_3_out': ";
  EXPECT_EQ(message([](auto& tapped) { tapped.mutable_data()->pop_back(); }), where + "int8[4] takes 4 bytes, 3 came");
  EXPECT_THAT(message([](auto& tapped) { tapped.set_element_type("int99"); }),
              AllOf(HasSubstr(where), HasSubstr("int99")));
  EXPECT_THAT(message([](auto& tapped) { tapped.set_extents(0, -4); }), HasSubstr(where));
  EXPECT_THAT(message([](auto& tapped) { tapped.add_extents(1); }),
              HasSubstr("tensor 'dense_3_out' is int8[4,1], in the integer reference int8[4]"));
}

TEST_F(ClusterSourceTest, ASilentAgentIsNamedAndTheOthersUntapped) {
  timeout_ns_ = 500'000'000;
  b_is_silent_ = [](const control::Request& request) { return request.has_taps(); };
  const auto report = compare();
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().kind, ErrorKind::deadline);
  EXPECT_THAT(report.error().message, AllOf(HasSubstr("agent b"), HasSubstr("`taps`")));
  EXPECT_EQ(a_.calls().back(), "tap");
  EXPECT_EQ(b_.calls().back(), "tap");
}

TEST_F(ClusterSourceTest, HalfTappedIsUntapped) {
  timeout_ns_ = 500'000'000;
  b_is_silent_ = [](const control::Request& request) { return request.has_tap() && request.tap().on(); };
  ASSERT_FALSE(compare().has_value());
  EXPECT_THAT(a_.calls(), ElementsAre("tap", "tap"));
  EXPECT_THAT(b_.calls(), ElementsAre("tap", "tap"));
}

TEST_F(ClusterSourceTest, AFailedInferenceUntaps) {
  fails_at_ = batch + 2;
  const auto report = compare();
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().message, "cluster, tapped, inference 2: node b is gone");
  EXPECT_THAT(a_.calls(), ElementsAre("tap", "taps", "taps", "tap"));
}

TEST_F(ClusterSourceTest, AnInterruptUntaps) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  change_ = [&](const control::TappedTensor&, std::uint32_t) { EXPECT_EQ(::write(writer.get(), ".", 1), 1); };
  b_is_silent_ = [](const control::Request& request) { return request.has_taps(); };
  const auto report = compare(reader.get());
  ASSERT_FALSE(report.has_value());
  EXPECT_THAT(report.error().message, HasSubstr("interrupted"));
  // Sent, but not waited for: the user has interrupted. By a connection of its own, so that `taps` may come after it.
  EXPECT_TRUE(a_.await_calls("tap", 2));
  EXPECT_TRUE(b_.await_calls("tap", 2));
}

}  // namespace
}  // namespace algean::cluster
