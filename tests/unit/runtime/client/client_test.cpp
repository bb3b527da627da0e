// A client and a node together, over every transport.
#include "runtime/client/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/runtime/client/inputs.hpp"

namespace algean {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;
using testing_support::expect_mirrored;
using testing_support::FakeEngine;
using testing_support::image_elements;
using testing_support::image_of;
using testing_support::key_of;
using testing_support::Kind;
using testing_support::LossyDialler;
using testing_support::Net;
using testing_support::patience_ns;
using testing_support::random_image;
using testing_support::second_ns;
using testing_support::Served;

class ClientSuite : public testing::TestWithParam<Kind> {
 protected:
  ClientSuite() : net_(GetParam().net(GetParam().mtu)), address_(net_.listener->address()) {
    NodeConfig config = single_node(engine_, "mirrors", "1.2.3");
    config.description.max_in_flight = 8;
    served_.emplace(std::move(config), std::move(net_.listener));
  }
  std::unique_ptr<Client> client(std::function<bool(std::size_t)> loses = nullptr) {
    auto dialler = net_.dialler();
    if (loses) dialler = std::make_unique<LossyDialler>(std::move(dialler), std::move(loses));
    ClientOptions options;
    options.poll = Poll::block;
    auto result = Client::attach(std::move(dialler), address_, options, clock_);
    EXPECT_TRUE(result) << result.error().message;
    return std::move(*result);
  }

  SteadyClock clock_;
  FakeEngine engine_ = testing_support::mirror_engine(image_elements);
  Net net_;
  std::string address_;
  std::optional<Served> served_;
  Random random_{11};
};

TEST_P(ClientSuite, LearnsThePorts) {
  const auto one = client();
  EXPECT_EQ(one->deployment(), "mirrors");
  EXPECT_EQ(one->node_version(), "1.2.3");
  EXPECT_EQ(one->max_in_flight(), 8U);
  EXPECT_TRUE(std::ranges::equal(one->inputs(), engine_.inputs()));
  EXPECT_TRUE(std::ranges::equal(one->outputs(), engine_.outputs()));
}

TEST_P(ClientSuite, Infers) {
  const auto one = client();
  for (int i = 0; i < 50; ++i) {
    const auto image = random_image(random_, image_elements);
    const std::vector<NamedTensor> inputs{key_of(i), image_of(image)};  // in any order
    const auto outputs = one->infer(inputs, patience_ns);
    ASSERT_TRUE(outputs) << outputs.error().message;
    expect_mirrored(image, i, *outputs);
  }
  EXPECT_EQ(served_->node().counts().inferences, 50U);
}

TEST_P(ClientSuite, ManyInFlightAwaitedInAnyOrder) {
  const auto one = client();
  for (int round = 0; round < 10; ++round) {
    std::vector<std::vector<float>> images;
    std::vector<Ticket> tickets;
    for (std::int32_t i = 0; i < 8; ++i) {
      images.push_back(random_image(random_, image_elements));
      const std::vector<NamedTensor> inputs{image_of(images.back()), key_of(i)};
      const auto ticket = one->submit(inputs, patience_ns);
      ASSERT_TRUE(ticket) << ticket.error().message;
      tickets.push_back(*ticket);
    }
    const std::vector<NamedTensor> inputs{image_of(images[0]), key_of(9)};
    const auto ninth = one->submit(inputs, patience_ns);
    ASSERT_FALSE(ninth);
    EXPECT_THAT(ninth.error().message, HasSubstr("8 inferences are in flight, the most: await one"));
    for (const std::size_t i : {7U, 0U, 3U, 2U, 1U, 6U, 5U, 4U}) {
      const auto outputs = one->await(tickets[i]);
      ASSERT_TRUE(outputs) << outputs.error().message;
      expect_mirrored(images[i], static_cast<std::int32_t>(i), *outputs);
    }
    const auto twice = one->await(tickets[0]);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().message, fmt::format("ticket {} is not in flight", tickets[0].inference_id));
  }
}

TEST_P(ClientSuite, ClientsAtOnceDoNotMix) {
  std::vector<std::jthread> threads;
  for (const std::int32_t who : {1000, 2000, 3000}) {
    threads.emplace_back([this, who] {
      const auto one = client();
      Random random(static_cast<std::uint64_t>(who));
      for (std::int32_t i = 0; i < 100; ++i) {
        const auto image = random_image(random, image_elements);
        const std::vector<NamedTensor> inputs{image_of(image), key_of(who + i)};
        const auto outputs = one->infer(inputs, patience_ns);
        ASSERT_TRUE(outputs) << outputs.error().message;
        expect_mirrored(image, who + i, *outputs);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(served_->node().counts().inferences, 300U);
  EXPECT_EQ(served_->node().counts().attached, 3U);
}

TEST_P(ClientSuite, BatchIsALoop) {
  const auto one = client();
  constexpr std::size_t rows = 37;
  const auto images = random_image(random_, rows * image_elements);
  std::vector<std::int32_t> keys;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(rows); ++i) keys.insert(keys.end(), {i, -i, 0x7ffff});
  const std::vector<NamedTensor> inputs{
      {"image", Tensor({ElementType::float32(), Shape({rows, image_elements})}, std::span<const float>(images))},
      {"key", Tensor({ElementType::integer(20, true), Shape({rows, 3})}, std::span<const std::int32_t>(keys))}};
  std::size_t calls = 0;
  const auto outputs = one->infer_batch(inputs, patience_ns, [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(done, ++calls);
    EXPECT_EQ(total, rows);
  });
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(calls, rows);
  ASSERT_EQ((*outputs)[0].tensor.shape(), Shape({rows, image_elements}));
  for (std::size_t i = 0; i < rows; ++i) {
    const auto image = std::span(images).subspan(i * image_elements, image_elements);
    const auto key = static_cast<std::int32_t>(i);
    const std::vector<NamedTensor> row{image_of(image), key_of(key)};
    const auto alone = one->infer(row, patience_ns);
    ASSERT_TRUE(alone);
    const auto mirror = (*outputs)[0].tensor.elements<float>().subspan(i * image_elements, image_elements);
    EXPECT_TRUE(std::ranges::equal(mirror, (*alone)[0].tensor.elements<float>()));
    EXPECT_EQ((*outputs)[1].tensor.elements<std::int32_t>()[3 * i], key);
  }
}

TEST_P(ClientSuite, BadInputsAreNamed) {
  const auto one = client();
  const auto image = random_image(random_, image_elements);
  const NamedTensor good = image_of(image);
  auto nan = image;
  nan[17] = std::numeric_limits<float>::quiet_NaN();
  auto other = good;
  other.name = "picture";
  auto integers = good;
  integers.tensor = Tensor({testing_support::image_type(), Shape({image_elements})});
  const std::vector<std::pair<std::vector<NamedTensor>, std::string>> cases{
      {{good}, "input \"key\" is missing"},
      {{good, key_of(1), good}, "input \"image\" is there twice"},
      {{other, key_of(1)}, "input \"picture\" is none of \"image\", \"key\""},
      {{integers, key_of(1)}, "input \"image\": expected float32[3001], got int8[3001]"},
      {{image_of(std::span(image).first(3000)), key_of(1)},
       "input \"image\": expected float32[3001], got float32[3000]"},
      {{image_of(nan), key_of(1)}, "input \"image\": element 17 is NaN"},
  };
  for (const auto& [inputs, message] : cases) {
    const auto result = one->infer(inputs, patience_ns);
    ASSERT_FALSE(result) << message;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(result.error().message, message);
  }
  const std::vector<NamedTensor> inputs{good, key_of(5)};
  EXPECT_TRUE(one->infer(inputs, patience_ns));
}

TEST_P(ClientSuite, BadBatchesAreNamed) {
  const auto one = client();
  const std::vector<NamedTensor> without{image_of(random_image(random_, image_elements)), key_of(1)};
  EXPECT_EQ(one->infer_batch(without, patience_ns).error().message,
            "input \"image\": expected float32[3001,3001], got float32[3001]");
  const std::vector<NamedTensor> differing{{"image", Tensor({ElementType::float32(), Shape({2, image_elements})})},
                                           {"key", Tensor({ElementType::integer(20, true), Shape({3, 3})})}};
  EXPECT_EQ(one->infer_batch(differing, patience_ns).error().message,
            "input \"key\": expected int20[2,3], got int20[3,3]");
}

TEST_P(ClientSuite, IntegersOutsideTheirTypeAreNamed) {
  const auto one = client();
  auto key = key_of(1);
  key.tensor.elements<std::int32_t>()[2] = 0x80000;  // packed into 3 bytes: still outside int20
  const std::vector<NamedTensor> inputs{image_of(random_image(random_, image_elements)), key};
  const auto result = one->infer(inputs, patience_ns);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message,
              ContainsRegex("inference [0-9]+: bad_element: input \"key\": element 2 is outside int20"));
}

TEST_P(ClientSuite, AttachIsRepeatedUntilItsReplyIsWhole) {
  const auto one = client([](std::size_t n) { return n < 2; });
  const std::vector<NamedTensor> inputs{image_of(random_image(random_, image_elements)), key_of(3)};
  EXPECT_TRUE(one->infer(inputs, patience_ns));
  EXPECT_EQ(served_->node().counts().attached, 1U);
}

TEST_P(ClientSuite, LostInputsEndAtTheDeadline) {
  const auto one = client([](std::size_t n) { return n == 1; });  // the first of the inference's datagrams
  const std::vector<NamedTensor> inputs{image_of(random_image(random_, image_elements)), key_of(3)};
  const auto result = one->infer(inputs, second_ns / 10);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::deadline);
  EXPECT_THAT(result.error().message, ContainsRegex("inference [0-9]+: no answer within 100 ms"));
  EXPECT_THAT(result.error().message, StartsWith("node mirrors at " + one->address()));
  EXPECT_TRUE(one->infer(inputs, patience_ns));
}

TEST_P(ClientSuite, ReadySaysWhetherAwaitWillReturn) {
  const auto one = client();
  const std::vector<NamedTensor> inputs{image_of(random_image(random_, image_elements)), key_of(3)};
  const Ticket answered = one->submit(inputs, patience_ns).value();
  while (!one->ready(answered)) std::this_thread::yield();
  EXPECT_TRUE(one->await(answered));
  EXPECT_TRUE(one->ready(answered));  // await() will say that it is not in flight
  served_->stop();
}

TEST_P(ClientSuite, ForgottenTicketsMakeRoom) {
  const auto one = client();
  const std::vector<NamedTensor> inputs{image_of(random_image(random_, image_elements)), key_of(3)};
  for (int i = 0; i < 40; ++i) {
    const auto ticket = one->submit(inputs, patience_ns);
    ASSERT_TRUE(ticket) << ticket.error().message;
    one->forget(*ticket);
  }
  const auto outputs = one->infer(inputs, patience_ns);
  EXPECT_TRUE(outputs) << outputs.error().message;
}

TEST_P(ClientSuite, NodeThatStopsSaysSo) {
  const auto one = client();
  const std::vector<NamedTensor> inputs{image_of(random_image(random_, image_elements)), key_of(3)};
  ASSERT_TRUE(one->infer(inputs, patience_ns));
  served_.reset();
  const auto result = one->infer(inputs, patience_ns);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::failed);
  EXPECT_THAT(result.error().message, HasSubstr("nobody answers there: connection refused"));
}

TEST_P(ClientSuite, InferIntoTakesAndGivesElements) {
  const auto one = client();
  Tensor image({testing_support::image_type(), Shape({image_elements})});
  for (std::byte& byte : image.bytes()) byte = static_cast<std::byte>(random_.next());
  const Tensor key = key_of(77).tensor;
  Tensor mirror(image.type());
  Tensor key_again(key.type());
  const std::vector<std::span<const std::byte>> inputs{image.bytes(), key.bytes()};
  const std::vector<std::span<std::byte>> outputs{mirror.bytes(), key_again.bytes()};
  const auto done = one->infer_into(inputs, outputs, patience_ns);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(key, key_again);
  std::ranges::reverse(mirror.bytes());
  EXPECT_EQ(image, mirror);
}

TEST_P(ClientSuite, LastTicketIsThatOfWhatWasSentLast) {
  const auto one = client();
  EXPECT_EQ(one->last_ticket(), Ticket{0});
  const std::vector<NamedTensor> named{image_of(random_image(random_, image_elements)), key_of(5)};
  const auto first = one->submit(named, patience_ns);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(one->last_ticket(), *first);
  Tensor image({testing_support::image_type(), Shape({image_elements})});
  Tensor key({ElementType::integer(20, true), Shape({3})});
  const std::vector<std::span<const std::byte>> inputs{image.bytes(), key.bytes()};
  const std::vector<std::span<std::byte>> outputs{image.bytes(), key.bytes()};
  ASSERT_TRUE(one->infer_into(inputs, outputs, patience_ns));
  EXPECT_EQ(one->last_ticket().inference_id, first->inference_id + 1);
  EXPECT_TRUE(one->await(*first));
}

// Many more bytes at once than a socket holds: what credit does not let go waits.
TEST(ClientCredit, MoreInFlightThanAReceiverHoldsIsNotLost) {
  constexpr std::int64_t elements = 600'000;
  constexpr std::size_t rows = 40;
  FakeEngine engine = testing_support::mirror_engine(elements);
  const Net net = testing_support::udp_net(65507);
  auto listener = net.listen("");
  const std::string address = listener->address();
  NodeConfig config = single_node(engine, "mirrors", "1.2.3");
  config.description.max_in_flight = 32;  // 19 MB
  const Served served(std::move(config), std::move(listener));
  const SteadyClock clock;
  ClientOptions options;
  options.poll = Poll::block;
  const auto one = Client::attach(net.dialler(), address, options, clock).value();
  Random random(8);
  const auto images = random_image(random, rows * elements);
  const std::vector<NamedTensor> batch{
      {"image", Tensor({ElementType::float32(), Shape({rows, elements})}, std::span<const float>(images))},
      {"key", Tensor({ElementType::integer(20, true), Shape({rows, 3})})}};
  const auto outputs = one->infer_batch(batch, patience_ns);
  ASSERT_TRUE(outputs) << outputs.error().message;
  for (std::size_t i = 0; i < rows; ++i) {
    const Tensor sent = image_of(std::span(images).subspan(i * elements, elements)).tensor;
    Tensor mirror = *quantise(sent, testing_support::image_type());
    std::ranges::reverse(mirror.bytes());
    const auto got = (*outputs)[0].tensor.elements<float>().subspan(i * elements, elements);
    EXPECT_TRUE(std::ranges::equal(got, dequantise(mirror).elements<float>())) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, ClientSuite,
                         testing::Values(Kind{"loopback", testing_support::loopback_net, 65507},
                                         Kind{"loopback_small_mtu", testing_support::loopback_net, 200},
                                         Kind{"udp", testing_support::udp_net, 65507},
                                         Kind{"udp_small_mtu", testing_support::udp_net, 256},
                                         Kind{"tcp", testing_support::tcp_net, 65507}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace algean
