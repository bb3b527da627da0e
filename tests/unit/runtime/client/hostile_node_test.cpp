// A client whose nodes answer with whatever a test writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "runtime/base/random.hpp"
#include "runtime/client/client.hpp"
#include "runtime/engine/description.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/hand_node.hpp"

namespace algean {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::HandNode;
using wire::ErrorCode;
using wire::FrameType;
using Bytes = std::vector<std::byte>;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t patience_ns = 20 * second_ns;

// Node a is home; where there are two, "image" goes to a and "key" to b, which give "mirror" and "key".
class HostileNode : public testing::Test {
 protected:
  // The nodes run in the test's thread until the client is done attaching.
  Result<std::unique_ptr<Client>> attach() {
    Result<std::unique_ptr<Client>> result;
    std::atomic<bool> done = false;
    std::jthread client([&] {
      ClientOptions options;
      options.poll = Poll::block;
      options.attach_timeout_ns = attach_timeout_ns_;
      options.probe_ns = second_ns / 100;
      options.node_timeout_ns = second_ns / 5;
      result = Client::attach(network_.dialler(), a_.address(), options, clock_);
      done = true;
    });
    while (!done) {
      step();
      std::this_thread::yield();
    }
    return result;
  }
  void step() {
    a_.step();
    b_.step();
  }
  // What await says, while the nodes run.
  std::string outcome(Client& client, Ticket ticket) {
    while (!client.ready(ticket)) step();
    const auto outputs = client.await(ticket);
    return outputs ? "" : outputs.error().message;
  }
  static Ticket submit(Client& client, std::int64_t timeout_ns = patience_ns) {
    const auto ticket = client.submit(inputs(), timeout_ns);
    EXPECT_TRUE(ticket) << ticket.error().message;
    return ticket.value_or(Ticket{});
  }
  [[nodiscard]] Description one_node() const {
    Description description = describe_one_node("d", "v", engine_);
    description.max_in_flight = 4;
    description.idle_timeout_ms = 60000;
    description.receive_window_bytes = 1 << 20;
    description.nodes.front().name = "a";
    return description;
  }
  [[nodiscard]] Description two_nodes() const {
    Description description = one_node();
    description.nodes = {{"a", ""}, {"b", b_.address()}};
    description.destinations = {{{0, 1, 0}}, {{1, 2, 0}}};
    description.output_nodes = {0, 1};
    return description;
  }
  void describe(const Description& description) { a_.description = b_.description = encode(description); }
  void answer(std::uint32_t id) {
    a_.send(FrameType::data, HandNode::header_for(id, 0), Bytes(100));
    b_.send(FrameType::data, HandNode::header_for(id, 1), Bytes(9));
  }
  static std::vector<NamedTensor> inputs() {
    return {{"image", Tensor({ElementType::float32(), Shape({100})})},
            {"key", Tensor({ElementType::integer(20, true), Shape({3})})}};
  }

  SteadyClock clock_;
  testing_support::FakeEngine engine_ = testing_support::mirror_engine(100);
  LoopbackNetwork network_{LoopbackOptions{65507, 4096}};
  HandNode a_{network_, "a"};
  HandNode b_{network_, "b"};
  std::int64_t attach_timeout_ns_ = patience_ns;
};

TEST_F(HostileNode, BadDescriptionIsNamed) {
  describe(one_node());
  a_.description[2] = a_.description[3] = std::byte{0};
  const auto client = attach();
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::failed);
  EXPECT_EQ(client.error().message, "node loopback://a: description of the ports, byte 4: max_in_flight is 0");
}

TEST_F(HostileNode, ForeignEpochIsNoAnswer) {
  describe(one_node());
  a_.epoch_change = 1;
  attach_timeout_ns_ = second_ns / 5;
  const auto client = attach();
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::deadline);
  EXPECT_EQ(client.error().message, "node loopback://a: no answer to an attach within 200 ms");
}

TEST_F(HostileNode, SecondNodeThatDoesNotTakeUsIsNamed) {
  describe(two_nodes());
  attach_timeout_ns_ = second_ns / 5;
  const auto why = [&] {
    const auto client = attach();
    return client ? "" : client.error().message;
  };
  const Bytes good = std::exchange(b_.description, {});
  EXPECT_EQ(why(), "node b at loopback://b: no answer to an attach within 200 ms");
  b_.description = good;
  b_.epoch_change = 1;
  EXPECT_EQ(why(), "node b at loopback://b: no answer to an attach within 200 ms");
  b_.epoch_change = 0;
  b_.slot_given = 1;
  EXPECT_EQ(why(), "node b at loopback://b: no answer to an attach within 200 ms");
  b_.slot_given = 0;
  b_.refusals = 1000;
  EXPECT_EQ(why(), "node b at loopback://b: not free within 200 ms: slot_taken: no");
  b_.refusals = 1;
  b_.refusal = ErrorCode::clients_full;
  EXPECT_EQ(why(), "node b at loopback://b: clients_full: no");
  b_.description[3] = std::byte{7};
  EXPECT_EQ(why(), "") << "limits may differ";
  Description other = two_nodes();
  other.deployment = "e";
  b_.description = encode(other);
  EXPECT_EQ(why(), "node b at loopback://b: is of another deployment than node a at loopback://a");
  b_.description = Bytes(70, std::byte{1});
  EXPECT_EQ(why(), "node b at loopback://b: description of the ports, byte 2: version 257, known is 2");
  b_.description = good;
  EXPECT_EQ(why(), "");
}

TEST_F(HostileNode, AddressThatIsNoneIsNamed) {
  Description description = two_nodes();
  description.nodes[1].address = "somewhere";
  describe(description);
  const auto client = attach();
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().message,
            "node a at loopback://a describes node b: address \"somewhere\": must be loopback://NAME");
}

TEST_F(HostileNode, SlotThatIsTakenIsAskedForAgain) {
  describe(two_nodes());
  b_.refusals = 3;
  const auto client = attach();
  ASSERT_TRUE(client) << client.error().message;
  const Ticket ticket = submit(**client);
  answer(ticket.inference_id);  // also b's first frame, whose number its refusals had
  EXPECT_EQ(outcome(**client, ticket), "");
}

TEST_F(HostileNode, BadAnswersAreNamed) {
  describe(one_node());
  const auto client = attach().value();
  const auto failure = [&](FrameType type, auto change, const Bytes& payload) {
    const Ticket ticket = submit(*client);
    auto header = HandNode::header_for(ticket.inference_id);
    change(header);
    a_.send(type, header, payload);
    const std::string start = fmt::format("node a at loopback://a: inference {}: ", ticket.inference_id);
    const std::string why = outcome(*client, ticket);
    EXPECT_THAT(why, StartsWith(start));
    return why.substr(std::min(start.size(), why.size()));
  };
  const auto as_it_is = [](wire::MessageHeader&) {};
  EXPECT_EQ(failure(FrameType::data, as_it_is, Bytes(101)),
            "output port 0, 101 bytes at 0: reaches past the end of the tensor");
  EXPECT_EQ(failure(
                FrameType::data, [](auto& header) { header.destination_port = 2; }, Bytes(100)),
            "output port 2, 100 bytes at 0: no such port");
  Bytes error(6, std::byte{'a'});
  error[0] = std::byte{6};
  error[1] = std::byte{0};
  error[3] = std::byte{0x1b};  // an escape sequence must not reach a terminal
  EXPECT_EQ(failure(FrameType::error, as_it_is, error), "bad_length: a?aa");
  error[0] = std::byte{0xff};
  EXPECT_EQ(failure(FrameType::error, as_it_is, error), "unknown: a?aa");
  EXPECT_EQ(failure(FrameType::detach, as_it_is, {}), "stopped");
}

TEST_F(HostileNode, AnswersOutsideTheirTypeAreNamed) {
  describe(one_node());
  const auto client = attach().value();
  const Ticket ticket = submit(*client);
  a_.send(FrameType::data, HandNode::header_for(ticket.inference_id), Bytes(100));
  Bytes key(9);
  key[8] = std::byte{0x40};
  a_.send(FrameType::data, HandNode::header_for(ticket.inference_id, 1), key);
  EXPECT_EQ(outcome(*client, ticket), fmt::format("node a at loopback://a: inference {}: output \"key\": element 2 is "
                                                  "outside int20",
                                                  ticket.inference_id));
}

TEST_F(HostileNode, OutputOfAnotherNodeIsNamed) {
  describe(two_nodes());
  const auto client = attach().value();
  const Ticket ticket = submit(*client);
  a_.send(FrameType::data, HandNode::header_for(ticket.inference_id, 1), Bytes(9));
  EXPECT_EQ(outcome(*client, ticket),
            fmt::format("node a at loopback://a: inference {}: output port 1 is another node's", ticket.inference_id));
}

TEST_F(HostileNode, SilentNodeIsLostAndAttachedAnew) {
  describe(two_nodes());
  const auto client = attach().value();
  b_.pongs = false;
  const Ticket one = submit(*client);
  const Ticket two = submit(*client);
  const std::int64_t start_ns = clock_.now_ns();
  EXPECT_EQ(outcome(*client, one),
            fmt::format("node b at loopback://b: inference {}: is gone: no sign of life for 200 ms", one.inference_id));
  EXPECT_LT(clock_.now_ns() - start_ns, patience_ns / 2);
  EXPECT_EQ(outcome(*client, two),
            fmt::format("node b at loopback://b: inference {}: is gone: no sign of life for 200 ms", two.inference_id));
  std::atomic<bool> done = false;
  Result<Ticket> again;
  std::jthread client_thread([&] {
    again = client->submit(inputs(), patience_ns);
    done = true;
  });
  while (!done) step();
  ASSERT_TRUE(again) << again.error().message;
  answer(again->inference_id);
  EXPECT_EQ(outcome(*client, *again), "");
}

TEST_F(HostileNode, ErrorForAllFailsAllThatWaits) {
  describe(two_nodes());
  const auto client = attach().value();
  const Ticket one = submit(*client);
  const Ticket two = submit(*client);
  a_.send_error(0, ErrorCode::node_lost, "a: node c at 10.0.0.3:4000 is gone");
  for (const Ticket ticket : {two, one}) {
    EXPECT_EQ(outcome(*client, ticket), fmt::format("node a at loopback://a: inference {}: node_lost: a: node c at "
                                                    "10.0.0.3:4000 is gone",
                                                    ticket.inference_id));
  }
  const Ticket three = submit(*client);  // in the same session
  answer(three.inference_id);
  EXPECT_EQ(outcome(*client, three), "");
}

TEST_F(HostileNode, ReplayedErrorsDoNothing) {
  describe(one_node());
  const auto client = attach().value();
  const Ticket one = submit(*client);
  a_.send_error(one.inference_id, ErrorCode::internal, "a: no");
  EXPECT_THAT(outcome(*client, one), HasSubstr("internal: a: no"));
  const Ticket two = submit(*client);
  a_.sequence = 0;
  a_.send_error(two.inference_id, ErrorCode::internal, "a: no");
  a_.send(FrameType::data, HandNode::header_for(two.inference_id), Bytes(100));
  a_.send(FrameType::data, HandNode::header_for(two.inference_id, 1), Bytes(9));
  EXPECT_EQ(outcome(*client, two), "");
}

TEST_F(HostileNode, FramesThatNeverCameAreMentioned) {
  describe(two_nodes());
  const auto client = attach().value();
  const Ticket ticket = submit(*client, second_ns / 5);
  a_.send(FrameType::data, HandNode::header_for(ticket.inference_id), Bytes(100));
  b_.sequence += 2;
  b_.send(FrameType::credit, HandNode::header_for(0), {});
  EXPECT_EQ(outcome(*client, ticket), fmt::format("node b at loopback://b: inference {}: no answer within 200 ms; 2 "
                                                  "frames from node b at loopback://b never came",
                                                  ticket.inference_id));
}

TEST_F(HostileNode, CreditThatNeverComesIsADeadlineThatSaysSo) {
  describe(two_nodes());
  b_.credit = 0;
  const auto client = attach().value();
  const Ticket ticket = submit(*client, second_ns / 5);
  a_.send(FrameType::data, HandNode::header_for(ticket.inference_id), Bytes(100));
  EXPECT_EQ(outcome(*client, ticket), fmt::format("node b at loopback://b: inference {}: no answer within 200 ms; 73 "
                                                  "bytes wait for credit of node b at loopback://b",
                                                  ticket.inference_id));
  EXPECT_EQ(a_.data_frames, 1U);
  EXPECT_EQ(b_.data_frames, 0U);
  const Ticket next = submit(*client);
  b_.credit = 1024;  // both inferences' keys, at the least charge of a frame
  answer(next.inference_id);
  EXPECT_EQ(outcome(*client, next), "");
  step();
  EXPECT_EQ(b_.data_frames, 2U);
}

TEST_F(HostileNode, CreditBackwardsOrHugeDoesNothing) {
  describe(two_nodes());
  b_.credit = 5000;
  const auto client = attach().value();
  for (const std::uint32_t credit : {0U, 512U, 4999U, 0x80001388U, 0xffffffffU}) {
    b_.credit = credit;
    const Ticket ticket = submit(*client);
    answer(ticket.inference_id);
    EXPECT_EQ(outcome(*client, ticket), "") << credit;
  }
}

// Mutated answers with a good check: some inferences fail by name, none hangs, and a good answer is still taken.
TEST_F(HostileNode, SurvivesGarbage) {
  describe(two_nodes());
  const auto client = attach().value();
  Random random(13);
  std::array<int, 2> ends{};
  for (int i = 0; i < 3000; ++i) {
    const Ticket ticket = submit(*client);
    HandNode& node = random.below(2) == 0 ? a_ : b_;
    for (std::uint64_t n = random.below(4); n > 0; --n) {
      constexpr std::array types{FrameType::data, FrameType::error, FrameType::attach_reply, FrameType::pong};
      const FrameType type = types.at(random.below(types.size()));
      const auto header = HandNode::header_for(ticket.inference_id, static_cast<std::uint8_t>(random.below(3)));
      Bytes bytes = node.frame(type, header, Bytes(3 + random.below(120)));
      const std::size_t first = type == FrameType::error ? 66 : 32;  // no error no_session, which would end the session
      for (std::uint64_t m = 1 + random.below(3); m > 0; --m) {
        const std::size_t at = first + random.below(bytes.size() - first);
        if (at < 52 || at >= 56) bytes[at] = static_cast<std::byte>(random.next());  // credit far off: no more inputs
      }
      if (random.below(8) == 0) bytes.resize(random.below(bytes.size() + 64));
      node.send(bytes);
    }
    answer(ticket.inference_id);
    const std::string why = outcome(*client, ticket);
    ++ends.at(why.empty() ? 1 : 0);
    if (!why.empty()) {
      EXPECT_THAT(why, StartsWith("node "));
      EXPECT_THAT(why, HasSubstr(fmt::format(": inference {}: ", ticket.inference_id)));
    }
  }
  EXPECT_GT(ends[0], 100);
  EXPECT_GT(ends[1], 100);
}

}  // namespace
}  // namespace algean
