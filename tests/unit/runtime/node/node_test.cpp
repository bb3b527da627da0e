// A node that is stepped by hand, with a clock that the test moves, and frames written by hand.
#include "runtime/node/node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "runtime/base/crc32c.hpp"
#include "runtime/base/random.hpp"
#include "runtime/engine/description.hpp"
#include "runtime/wire/datagram.hpp"
#include "tests/support/fake_engine.hpp"

namespace algean {
namespace {

using testing::HasSubstr;
using testing_support::FakeEngine;
using wire::Drop;
using wire::ErrorCode;
using wire::FrameType;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t image_elements = 300;
using Bytes = std::vector<std::byte>;

class FakeClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override { return now; }
  std::int64_t now = 0;
};

wire::MessageHeader message_to_node(std::uint32_t id, std::uint8_t port = 0, std::uint32_t offset = 0) {
  wire::MessageHeader header;
  header.destination_kernel = wire::node_kernel;
  header.destination_port = port;
  header.inference_id = id;
  header.tensor_offset = offset;
  header.flags = static_cast<std::uint8_t>(offset == 0 ? wire::flag_first : 0);
  return header;
}

// A peer that writes its own frames.
class RawClient {
 public:
  RawClient(std::unique_ptr<Transport> link, std::uint64_t epoch_) : epoch(epoch_), link_(std::move(link)) {}

  Bytes frame(FrameType type, wire::MessageHeader header, std::span<const std::byte> payload) {
    Bytes storage(wire::max_datagram_bytes);
    wire::DatagramWriter writer(storage);
    header.payload_length = static_cast<std::uint16_t>(payload.size());
    header.credit = credit;
    header.client_slot = static_cast<std::uint16_t>(header.client_slot + slot);
    std::byte* to = writer.add(header);
    if (!payload.empty()) std::memcpy(to, payload.data(), payload.size());
    wire::FrameHeader frame;
    frame.type = static_cast<std::uint8_t>(type);
    frame.epoch = epoch;
    frame.sequence = type == FrameType::attach ? 0 : sequence++;
    const auto bytes = writer.finish(frame);
    return {bytes.begin(), bytes.end()};
  }
  void send(const Bytes& bytes) { EXPECT_EQ(link_->send(bytes), Transfer::done); }
  void send(FrameType type, const wire::MessageHeader& header = {}, std::span<const std::byte> payload = {}) {
    send(frame(type, header, payload));
  }
  // The next frame that is more than credit, if there is one.
  const wire::Datagram* next() {
    do {
      const Received got = link_->receive(buffer_);
      if (got.result != Transfer::done) return nullptr;
      EXPECT_EQ(parse(std::span(buffer_).first(got.bytes), *datagram_), Drop::none);
    } while (datagram_->type() == FrameType::credit);
    if (datagram_->type() == FrameType::attach_reply) slot = datagram_->messages().front().header.client_slot;
    return datagram_.get();
  }

  std::uint64_t epoch;
  std::uint32_t sequence = 0;
  std::uint32_t credit = 1U << 30U;
  std::uint16_t slot = 0;

 private:
  std::unique_ptr<Transport> link_;
  Bytes buffer_ = Bytes(65536);
  std::unique_ptr<wire::Datagram> datagram_ = std::make_unique<wire::Datagram>();
};

class NodeTest : public testing::Test {
 protected:
  NodeTest() {
    NodeConfig config = single_node(engine_, "d", "v");
    config.description.max_in_flight = 3;
    NodeOptions options;
    options.max_clients = 2;
    options.polling_threads = 5;
    options.idle_timeout_ns = 60 * second_ns;
    options.partial_timeout_ns = 5 * second_ns;
    options.probe_ns = second_ns;
    options.log = [this](std::string_view text) { log_.emplace_back(text); };
    node_ = Node::make(std::move(config), network_.listen(), options, clock_).value();
  }
  void run() {
    for (int i = 0; i < 100000 && node_->step(); ++i) {
    }
  }
  RawClient peer(std::uint64_t epoch) { return {network_.connect(), epoch}; }
  RawClient attached(std::uint64_t epoch) {
    RawClient client = peer(epoch);
    client.send(FrameType::attach);
    run();
    const wire::Datagram* reply = client.next();
    EXPECT_TRUE(reply != nullptr && reply->type() == FrameType::attach_reply);
    return client;
  }
  // A whole inference's frames: the key (port 1), then the image in one piece.
  void send_inference(RawClient& client, std::uint32_t id) {
    const Bytes key(9);
    auto header = message_to_node(id, 1);
    header.flags |= wire::flag_last;
    client.send(FrameType::data, header, key);
    header = message_to_node(id);
    header.flags |= wire::flag_last;
    client.send(FrameType::data, header, Bytes(image_elements, std::byte{5}));
  }
  void expect_answer(RawClient& client, std::uint32_t id) {
    run();
    const wire::Datagram* reply = client.next();
    ASSERT_NE(reply, nullptr);
    ASSERT_EQ(to_text(reply->type()), to_text(FrameType::data));
    EXPECT_EQ(reply->messages().size(), 2U);
    EXPECT_EQ(reply->messages()[0].header.inference_id, id);
    EXPECT_EQ(reply->messages()[0].payload.size(), image_elements);
    EXPECT_EQ(reply->messages()[1].payload.size(), 9U);
  }
  void expect_error(RawClient& client, std::uint32_t id, ErrorCode code, const std::string& text) {
    run();
    const wire::Datagram* reply = client.next();
    ASSERT_NE(reply, nullptr) << text;
    ASSERT_EQ(to_text(reply->type()), to_text(FrameType::error));
    const wire::Message& message = reply->messages().front();
    EXPECT_EQ(message.header.inference_id, id);
    ASSERT_GE(message.payload.size(), 2U);
    EXPECT_EQ(to_text(static_cast<ErrorCode>(wire::load<std::uint16_t>(message.payload.data()))), to_text(code));
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(message.payload.data()) + 2, message.payload.size() - 2), text);
  }
  [[nodiscard]] std::uint64_t dropped(Drop cause) const { return node_->counts().dropped_for(cause); }

  FakeClock clock_;
  FakeEngine engine_ = testing_support::mirror_engine(image_elements);
  LoopbackNetwork network_;
  std::vector<std::string> log_;
  std::unique_ptr<Node> node_;
};

TEST_F(NodeTest, DescribesItself) {
  RawClient client = peer(1);
  client.send(FrameType::attach);
  run();
  const wire::Datagram* reply = client.next();
  ASSERT_NE(reply, nullptr);
  const wire::Message& message = reply->messages().front();
  EXPECT_EQ(message.header.inference_id, message.payload.size());
  const auto description = decode_description(message.payload);
  ASSERT_TRUE(description) << description.error().message;
  EXPECT_EQ(description->deployment, "d");
  EXPECT_EQ(description->max_in_flight, 3U);
  EXPECT_EQ(description->idle_timeout_ms, 60000U);
  EXPECT_EQ(description->polling_threads, 5U);
  EXPECT_TRUE(std::ranges::equal(description->inputs, engine_.inputs()));
}

TEST_F(NodeTest, AttachIsIdempotent) {
  RawClient client = attached(1);
  for (int i = 0; i < 3; ++i) client.send(FrameType::attach);
  run();
  for (int i = 0; i < 3; ++i) {
    const wire::Datagram* reply = client.next();
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(reply->messages().front().header.client_slot, 0U);
  }
  EXPECT_EQ(node_->counts().attached, 1U);
  send_inference(client, 1);
  expect_answer(client, 1);
}

TEST_F(NodeTest, AttachesThatWaitAtTheListenerAreOne) {
  RawClient client = peer(1);
  for (int i = 0; i < 3; ++i) client.send(FrameType::attach);
  run();
  for (int i = 0; i < 3; ++i) EXPECT_NE(client.next(), nullptr);
  EXPECT_EQ(node_->counts().attached, 1U);
}

TEST_F(NodeTest, PiecesMayComeInAnyOrder) {
  RawClient client = attached(1);
  const Bytes bytes(image_elements);
  auto last = message_to_node(1, 0, 128);
  last.flags = wire::flag_last;
  client.send(FrameType::data, last, std::span(bytes).first(image_elements - 128));
  auto key = message_to_node(1, 1);
  key.flags |= wire::flag_last;
  client.send(FrameType::data, key, std::span(bytes).first(9));
  client.send(FrameType::data, message_to_node(1), std::span(bytes).first(128));
  expect_answer(client, 1);
}

TEST_F(NodeTest, BadMessagesAreAnsweredByName) {
  RawClient client = attached(1);
  const Bytes bytes(400);
  std::uint32_t id = 0;
  const auto expect = [&](auto change, std::size_t length, ErrorCode code, const std::string& text) {
    wire::MessageHeader header = message_to_node(++id);
    change(header);
    client.send(FrameType::data, header, std::span(bytes).first(length));
    expect_error(client, id, code, text);
  };
  using Header = wire::MessageHeader;
  expect([](Header& h) { h.client_slot = 7; }, 64, ErrorCode::no_session, "client slot 7 is not yours: 0");
  expect([](Header& h) { h.destination_kernel = 9; }, 64, ErrorCode::wrong_kernel, "kernel 9 is not here, but 1");
  expect([](Header& h) { h.weight_bank = 3; }, 64, ErrorCode::unknown_bank, "weight bank 3: there is only 0");
  expect([](Header& h) { h.destination_port = 2; }, 64, ErrorCode::unknown_port, "port 2: there are 2 inputs");
  expect([](Header&) {}, 301, ErrorCode::bad_length,
         "input \"image\", 301 bytes at 0 of 300: reaches past the end of the tensor");
  expect([](Header&) {}, 0, ErrorCode::bad_length, "input \"image\", 0 bytes at 0 of 300: has no bytes");
  expect([](Header& h) { h.tensor_offset = 32; }, 64, ErrorCode::bad_length,
         "input \"image\", 64 bytes at 32 of 300: offset, or length of a piece that is not the last, is no multiple of "
         "64");
  expect([](Header& h) { h.flags = 0; }, 64, ErrorCode::bad_length,
         "input \"image\", 64 bytes at 0 of 300: flags first and last contradict offset and length");
  // And it goes on serving; further pieces of a failed inference are ignored.
  client.send(FrameType::data, message_to_node(id), std::span(bytes).first(64));
  run();
  EXPECT_EQ(client.next(), nullptr);
  send_inference(client, 100);
  expect_answer(client, 100);
  EXPECT_EQ(node_->counts().errors, 8U);
}

TEST_F(NodeTest, OverlapIsAnsweredADuplicateDropped) {
  RawClient client = attached(1);
  const Bytes bytes(400);
  client.send(FrameType::data, message_to_node(1), std::span(bytes).first(64));
  client.send(FrameType::data, message_to_node(1), std::span(bytes).first(64));
  run();
  EXPECT_EQ(dropped(Drop::duplicate), 1U);
  EXPECT_EQ(client.next(), nullptr);
  client.send(FrameType::data, message_to_node(1), std::span(bytes).first(128));
  expect_error(client, 1, ErrorCode::overlap,
               "input \"image\", 128 bytes at 0 of 300: some of these bytes came before");
}

TEST_F(NodeTest, ElementsOutsideTheirTypeAreAnswered) {
  RawClient client = attached(1);
  Bytes key(9);
  key[5] = std::byte{0x08};
  auto header = message_to_node(1, 1);
  header.flags |= wire::flag_last;
  client.send(FrameType::data, header, key);
  header = message_to_node(1);
  header.flags |= wire::flag_last;
  client.send(FrameType::data, header, Bytes(image_elements));
  expect_error(client, 1, ErrorCode::bad_element, "input \"key\": element 1 is outside int20");
  EXPECT_EQ(node_->counts().inferences, 0U);
}

TEST_F(NodeTest, TheOldestIsGivenUpWhenTooManyBegin) {
  RawClient client = attached(1);
  const Bytes bytes(64);
  for (const std::uint32_t id : {0xfffffffeU, 0xffffffffU, 1U})
    client.send(FrameType::data, message_to_node(id), bytes);
  client.send(FrameType::data, message_to_node(2), bytes);
  expect_error(client, 0xfffffffe, ErrorCode::too_many_in_flight,
               "at most 3 inferences at once: given up when 2 began");
  client.send(FrameType::data, message_to_node(0xfffffff0), bytes);  // older than all that have begun
  expect_error(client, 0xfffffff0, ErrorCode::too_many_in_flight, "at most 3 inferences at once: later ones began");
  EXPECT_EQ(node_->counts().evicted, 2U);
  auto last = message_to_node(0xfffffffe, 0, 64);  // pieces of one that was given up begin nothing
  client.send(FrameType::data, last, bytes);
  auto reset = message_to_node(0xffffffff);
  reset.flags = wire::flag_reset;
  client.send(FrameType::data, reset);
  send_inference(client, 5);
  expect_answer(client, 5);
}

TEST_F(NodeTest, InputsThatNeverComeAreNamed) {
  RawClient client = attached(1);
  const Bytes bytes(64);
  client.send(FrameType::data, message_to_node(1), bytes);
  run();
  clock_.now += 5 * second_ns - 1;
  client.send(FrameType::pong);
  run();
  EXPECT_EQ(to_text(client.next()->type()), "ping");
  clock_.now += 1;
  expect_error(client, 1, ErrorCode::incomplete, "input \"image\" lacks byte 64 of 300");
}

TEST_F(NodeTest, EveryDropIsCounted) {
  RawClient client = attached(1);
  const auto spoil = [&](auto how) {
    auto header = message_to_node(1);
    Bytes bytes = client.frame(FrameType::data, header, Bytes(64));
    how(bytes);
    client.send(bytes);
    run();
  };
  spoil([](Bytes& b) { b.resize(10); });
  spoil([](Bytes& b) { b[0] = std::byte{0}; });
  spoil([](Bytes& b) { b[12] = std::byte{0xaa}; });
  spoil([](Bytes& b) { b.pop_back(); });
  spoil([](Bytes& b) { b.push_back({}); });
  for (const Drop cause :
       {Drop::too_short, Drop::bad_magic, Drop::bad_header_check, Drop::payload_beyond_end, Drop::trailing_bytes}) {
    EXPECT_EQ(dropped(cause), 1U) << to_text(cause);
  }
  client.send(FrameType::attach_reply);
  run();
  EXPECT_EQ(dropped(Drop::unexpected_type), 1U);
  const Bytes again = client.frame(FrameType::data, message_to_node(1), Bytes(64));
  client.send(again);
  client.send(again);
  run();
  EXPECT_EQ(dropped(Drop::replayed), 1U);
  client.epoch = 2;
  client.send(FrameType::data, message_to_node(1), Bytes(64));
  run();
  EXPECT_EQ(dropped(Drop::foreign_epoch), 1U);
  EXPECT_EQ(client.next(), nullptr);  // none of them is answered
  client.epoch = 1;
  send_inference(client, 9);
  expect_answer(client, 9);
}

TEST_F(NodeTest, StrangersAreToldThatTheyHaveNoSession) {
  RawClient stranger = peer(5);
  stranger.send(FrameType::data, message_to_node(8), Bytes(64));
  expect_error(stranger, 8, ErrorCode::no_session, "the node restarted, or freed this client after long silence");
  stranger.send(FrameType::error, message_to_node(8), Bytes(64));  // but an error is never answered
  stranger.send(FrameType::detach);
  run();
  EXPECT_EQ(stranger.next(), nullptr);
  EXPECT_EQ(node_->counts().clients(), 0U);
}

TEST_F(NodeTest, ClientsBeyondTheSlotsAreRefused) {
  RawClient one = attached(1);
  RawClient two = attached(2);
  RawClient three = peer(3);
  three.send(FrameType::attach);
  expect_error(three, 0, ErrorCode::clients_full, "all 2 client slots are taken");
  one.send(FrameType::detach);
  run();
  EXPECT_EQ(node_->counts().clients(), 1U);
  three.send(FrameType::attach);
  run();
  const wire::Datagram* reply = three.next();
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(to_text(reply->type()), "attach_reply");
  EXPECT_EQ(reply->messages().front().header.client_slot, 0U);
}

TEST_F(NodeTest, SilentClientsAreProbedThenFreed) {
  RawClient client = attached(1);
  clock_.now += second_ns;
  run();
  const wire::Datagram* probe = client.next();
  ASSERT_NE(probe, nullptr);
  EXPECT_EQ(to_text(probe->type()), "ping");
  client.send(FrameType::pong);
  run();
  clock_.now += 59 * second_ns;
  run();  // asks again
  clock_.now += 30 * second_ns - 1;
  run();
  EXPECT_EQ(node_->counts().clients(), 1U);
  clock_.now += 1;
  run();
  EXPECT_EQ(node_->counts().clients(), 0U);
  EXPECT_THAT(log_.back(), HasSubstr("fell silent"));
}

TEST_F(NodeTest, DeadClientsAreFreedWithTheirPartialInputs) {
  {
    RawClient client = attached(1);
    client.send(FrameType::data, message_to_node(1), Bytes(64));
    run();
  }
  clock_.now += second_ns;
  run();
  EXPECT_EQ(node_->counts().clients(), 0U);
  EXPECT_THAT(log_.back(), HasSubstr("is gone"));
}

TEST_F(NodeTest, PingIsAnsweredWithItsPayload) {
  RawClient client = attached(1);
  const Bytes payload(100, std::byte{0x5a});
  client.send(FrameType::ping, {}, payload);
  run();
  const wire::Datagram* reply = client.next();
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(to_text(reply->type()), "pong");
  EXPECT_TRUE(std::ranges::equal(reply->messages().front().payload, payload));
}

TEST_F(NodeTest, ARestartedClientReplacesItselfOneStrayAttachDoesNot) {
  RawClient client = attached(1);
  client.epoch = 2;
  client.send(FrameType::attach);  // may be another client's, delivered here by accident
  run();
  EXPECT_EQ(node_->counts().clients(), 1U);
  client.epoch = 1;
  send_inference(client, 1);
  expect_answer(client, 1);
  client.epoch = 2;
  client.send(FrameType::attach);
  run();
  EXPECT_EQ(node_->counts().clients(), 0U);
  client.send(FrameType::attach);
  run();
  ASSERT_NE(client.next(), nullptr);
  client.sequence = 0;
  send_inference(client, 1);
  expect_answer(client, 1);
}

TEST_F(NodeTest, SurvivesGarbage) {
  RawClient client = attached(1);
  RawClient other = peer(2);
  Random random(12);
  for (int i = 0; i < 100000; ++i) {
    RawClient& who = random.below(2) == 0 ? client : other;
    Bytes bytes = who.frame(static_cast<FrameType>(1 + random.below(8)),
                            message_to_node(static_cast<std::uint32_t>(random.below(5))), Bytes(random.below(200)));
    for (std::uint64_t n = random.below(4); n > 0; --n) {
      bytes[random.below(std::min<std::size_t>(bytes.size(), 100))] = static_cast<std::byte>(random.next());
    }
    if (random.below(2) == 0) wire::store<std::uint32_t>(bytes.data() + 28, crc32c(std::span(bytes).first(28)));
    if (random.below(8) == 0) bytes.resize(random.below(bytes.size() + 64));
    who.send(bytes);
    node_->step();
    while (who.next() != nullptr) {
    }
  }
  run();
  RawClient fresh = peer(3);
  client.send(FrameType::detach);
  other.send(FrameType::detach);
  run();
  for (int i = 0; i < 2; ++i) {  // asked whether it lives, then freed: one whose session the garbage replaced
    clock_.now += 30 * second_ns;
    run();
  }
  fresh.send(FrameType::attach);
  run();
  ASSERT_NE(fresh.next(), nullptr);
  send_inference(fresh, 1);
  expect_answer(fresh, 1);
}

TEST_F(NodeTest, PortsThatCannotBeServedAreRefused) {
  FakeEngine engine({}, {}, {});
  const auto node = Node::make(single_node(engine, "d", "v"), network_.listen("other"), {}, clock_);
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().message, "no inputs");
}

TEST_F(NodeTest, StopTellsTheClients) {
  RawClient client = attached(1);
  node_->stop();
  node_->run();
  const wire::Datagram* last = client.next();
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(to_text(last->type()), "detach");
}

}  // namespace
}  // namespace algean
