// Clients of a deployment of three nodes, over every transport.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <mutex>
#include <set>
#include <thread>

#include "runtime/transport/faulty.hpp"
#include "tests/support/three_nodes.hpp"
#include "tests/unit/runtime/client/inputs.hpp"

namespace algean {
namespace {

using testing::HasSubstr;
using testing_support::expect_mirrored;
using testing_support::image_elements;
using testing_support::image_of;
using testing_support::key_of;
using testing_support::Kind;
using testing_support::Net;
using testing_support::patience_ns;
using testing_support::random_image;
using testing_support::second_ns;
using testing_support::ThreeNodes;

class NodesSuite : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { ASSERT_TRUE(nodes_.wait_until_linked()); }
  Result<std::unique_ptr<Client>> attach(std::size_t entry) {
    ClientOptions options;
    options.poll = Poll::block;
    return Client::attach(net_.dialler(), nodes_.address(entry), options, clock_);
  }
  std::unique_ptr<Client> client() {
    auto result = attach(0);
    EXPECT_TRUE(result) << result.error().message;
    return std::move(*result);
  }
  static std::vector<NamedTensor> inputs(std::span<const float> image, std::int32_t key) {
    return {image_of(image), key_of(key)};
  }
  // As many as may be at once, awaited in another order.
  void infer_many(Client& one, std::int32_t first_key) {
    std::vector<std::vector<float>> images;
    std::vector<Ticket> tickets;
    for (std::size_t i = 0; i < one.max_in_flight(); ++i) {
      images.push_back(random_image(random_, image_elements));
      const auto ticket = one.submit(inputs(images[i], first_key + static_cast<std::int32_t>(i)), patience_ns);
      ASSERT_TRUE(ticket) << ticket.error().message;
      tickets.push_back(*ticket);
    }
    for (std::size_t i = tickets.size(); i-- > 0;) {
      const auto outputs = one.await(tickets[i]);
      ASSERT_TRUE(outputs) << outputs.error().message;
      expect_mirrored(images[i], first_key + static_cast<std::int32_t>(i), *outputs);
    }
  }

  SteadyClock clock_;
  Net net_ = GetParam().net(GetParam().mtu);
  ThreeNodes nodes_{net_, image_elements};
  Random random_{5};
};

TEST_P(NodesSuite, InputsGoAndOutputsComeWhereTheyBelong) {
  const auto one = client();
  EXPECT_EQ(one->deployment(), "three");
  for (int round = 0; round < 10; ++round) infer_many(*one, round * 100);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(nodes_.node(i).counts().inferences, 80U) << i;
}

TEST_P(NodesSuite, EveryClientHasASlotOfItsOwn) {
  std::mutex lock;
  std::set<std::uint16_t> slots;
  std::set<std::uint32_t> ids;
  std::vector<std::jthread> threads;
  for (const std::int32_t who : {1000, 2000, 3000, 4000}) {
    threads.emplace_back([&, who] {
      const auto one = client();
      Random random(static_cast<std::uint64_t>(who));
      for (std::int32_t i = 0; i < 50; ++i) {
        const auto image = random_image(random, image_elements);
        const auto ticket = one->submit(inputs(image, who + i), patience_ns);
        ASSERT_TRUE(ticket) << ticket.error().message;
        const std::scoped_lock guard(lock);
        slots.insert(one->slot());
        ids.insert(ticket->inference_id);
        const auto outputs = one->await(*ticket);
        ASSERT_TRUE(outputs) << outputs.error().message;
        expect_mirrored(image, who + i, *outputs);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(ids.size(), 200U) << "ids begin at random";
  EXPECT_LE(slots.size(), 4U);
}

TEST_P(NodesSuite, BatchIsALoop) {
  const auto one = client();
  constexpr std::size_t rows = 21;
  const auto images = random_image(random_, rows * image_elements);
  const std::vector<NamedTensor> batch{
      {"image", Tensor({ElementType::float32(), Shape({rows, image_elements})}, std::span<const float>(images))},
      {"key", Tensor({ElementType::integer(20, true), Shape({rows, 3})})}};
  const auto outputs = one->infer_batch(batch, patience_ns);
  ASSERT_TRUE(outputs) << outputs.error().message;
  const auto image = std::span(images).last(image_elements);
  const auto alone = one->infer(inputs(image, 0), patience_ns);
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_TRUE(std::ranges::equal((*outputs)[0].tensor.elements<float>().last(image_elements),
                                 (*alone)[0].tensor.elements<float>()));
}

TEST_P(NodesSuite, EntryThatIsNotHomeSaysWhichIs) {
  const auto one = attach(1);
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().kind, ErrorKind::failed);
  EXPECT_EQ(one.error().message,
            fmt::format("node {}: not_home: b: home is a at {}", nodes_.address(1), nodes_.address(0)));
}

TEST_P(NodesSuite, NodeThatStopsFailsAllThatWaitsAndIsNamed) {
  const auto one = client();
  const auto image = random_image(random_, image_elements);
  ASSERT_TRUE(one->infer(inputs(image, 1), patience_ns));
  nodes_.stop(2);
  const auto lost = one->infer(inputs(image, 1), patience_ns);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::failed);
  EXPECT_EQ(lost.error().message, nodes_.where(2) + ": nobody answers there: connection refused");
}

TEST_P(NodesSuite, TracedRepliesAreSummedUp) {
  const auto one = client();
  const auto image = random_image(random_, image_elements);
  ASSERT_TRUE(one->infer(inputs(image, 1), patience_ns));
  one->set_trace(true);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(one->infer(inputs(image, 1), patience_ns));
  one->set_trace(false);
  const std::vector<NodeTrace> trace = one->trace();
  ASSERT_TRUE(one->infer(inputs(image, 1), patience_ns));
  EXPECT_EQ(one->trace()[1].frames, trace[1].frames);
  ASSERT_EQ(trace.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(trace[i].node, ThreeNodes::names.at(i));
    EXPECT_EQ(trace[i].address, nodes_.address(i));
  }
  EXPECT_EQ(trace[0].frames, 0U) << "gives no output";
  EXPECT_EQ(trace[1].frames, 10U);
  EXPECT_GE(trace[2].frames, 10U);
  EXPECT_GT(trace[1].wire_ns, 0);
  EXPECT_LT(trace[1].wire_ns, 10 * patience_ns);
}

INSTANTIATE_TEST_SUITE_P(Every, NodesSuite,
                         testing::Values(Kind{"loopback", testing_support::loopback_net, 65507},
                                         Kind{"loopback_small_mtu", testing_support::loopback_net, 512},
                                         Kind{"udp", testing_support::udp_net, 65507},
                                         Kind{"udp_small_mtu", testing_support::udp_net, 512},
                                         Kind{"tcp", testing_support::tcp_net, 65507}),
                         [](const auto& kind) { return kind.param.name; });

// Every end, of clients and nodes, loses 1 % of what comes, doubles 1 %, and changes the order of 1 %.
class FaultyNodes : public testing::TestWithParam<Kind> {
 protected:
  Net faulty() {
    Net net = GetParam().net(GetParam().mtu);
    net.listen = [this, listen = net.listen](const std::string& name) {
      return make_faulty(listen(name), options(), clock_, counts_);
    };
    net.dialler = [this, dialler = net.dialler] { return make_faulty(dialler(), options(), clock_, counts_); };
    return net;
  }
  FaultOptions options() {
    FaultOptions options;
    options.seed = ++seed_;
    options.loss = options.duplication = options.reordering = 0.01;
    return options;
  }

  SteadyClock clock_;
  FaultCounts counts_;
  std::uint64_t seed_ = 0;
  Net net_ = faulty();
  ThreeNodes nodes_{net_, image_elements};
};

// Each inference is right, or fails by name within its deadline.
TEST_P(FaultyNodes, LossIsNamedAndNothingIsWrongOrStuck) {
  ASSERT_TRUE(nodes_.wait_until_linked());
  ClientOptions client_options;
  client_options.poll = Poll::block;
  const auto one = Client::attach(net_.dialler(), nodes_.address(0), client_options, clock_).value();
  Random random(3);
  std::array<int, 2> ends{};
  for (std::int32_t i = 0; i < 200; ++i) {
    const auto image = random_image(random, image_elements);
    const std::vector<NamedTensor> inputs{image_of(image), key_of(i)};
    const std::int64_t start_ns = clock_.now_ns();
    const auto ticket = one->submit(inputs, second_ns / 10);
    ASSERT_TRUE(ticket) << ticket.error().message;
    const auto outputs = one->await(*ticket);
    EXPECT_LT(clock_.now_ns() - start_ns, patience_ns);
    ++ends.at(outputs ? 1 : 0);
    if (outputs) {
      expect_mirrored(image, i, *outputs);
    } else {
      EXPECT_THAT(outputs.error().message, HasSubstr(fmt::format(": inference {}: ", ticket->inference_id)));
    }
  }
  EXPECT_GT(ends[0], 0);
  EXPECT_GT(ends[1], 100);
  EXPECT_GT(counts_.lost, 0U);
  EXPECT_GT(counts_.doubled, 0U);
  EXPECT_GT(counts_.reordered, 0U);
}

INSTANTIATE_TEST_SUITE_P(Every, FaultyNodes,
                         testing::Values(Kind{"loopback", testing_support::loopback_net, 1400},
                                         Kind{"udp", testing_support::udp_net, 1400}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace algean
