// A client whose node answers with whatever a test writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <thread>

#include "runtime/base/crc32c.hpp"
#include "runtime/base/random.hpp"
#include "runtime/client/client.hpp"
#include "runtime/engine/description.hpp"
#include "runtime/wire/datagram.hpp"
#include "runtime/wire/tensors.hpp"
#include "tests/support/fake_engine.hpp"

namespace algean {
namespace {

using testing::StartsWith;
using wire::FrameType;
using Bytes = std::vector<std::byte>;

constexpr std::int64_t second_ns = 1'000'000'000;

// A node by hand: one thread of it runs while the client attaches, afterwards the test writes its frames.
class HostileNode : public testing::Test {
 protected:
  // Answers attaches with this description until `client` is done attaching.
  Result<std::unique_ptr<Client>> attach(const Bytes& description, std::uint64_t epoch_change = 0) {
    Result<std::unique_ptr<Client>> result;
    auto link = network_.connect();
    std::jthread client([&] {
      ClientOptions options;
      options.poll = Poll::block;
      options.attach_timeout_ns = second_ns / 5;
      result = Client::attach(std::move(link), options, clock_);
      listener_->wake();
      done_ = true;
    });
    while (!done_) {
      Bytes buffer(65536);
      const Received got = listener_->receive(buffer, peer_);
      if (got.result != Transfer::done) {
        listener_->wait(second_ns / 100);
        continue;
      }
      if (parse(std::span(buffer).first(got.bytes), *datagram_) != wire::Drop::none) continue;
      epoch_ = datagram_->frame.epoch ^ epoch_change;
      wire::MessageHeader header = header_for(static_cast<std::uint32_t>(description.size()));
      listener_->send(peer_, frame(FrameType::attach_reply, header, description));
    }
    return result;
  }
  static wire::MessageHeader header_for(std::uint32_t id, std::uint8_t port = 0) {
    wire::MessageHeader header;
    header.source_kernel = wire::node_kernel;
    header.destination_port = port;
    header.flags = wire::flag_first | wire::flag_last;
    header.inference_id = id;
    return header;
  }
  Bytes frame(FrameType type, wire::MessageHeader header, const Bytes& payload) {
    Bytes storage(wire::max_datagram_bytes);
    wire::DatagramWriter writer(storage);
    header.payload_length = static_cast<std::uint16_t>(payload.size());
    std::byte* to = writer.add(header);
    if (!payload.empty()) std::memcpy(to, payload.data(), payload.size());
    wire::FrameHeader frame;
    frame.type = static_cast<std::uint8_t>(type);
    frame.epoch = epoch_;
    frame.sequence = type == FrameType::attach_reply ? 0 : sequence_++;
    const auto bytes = writer.finish(frame);
    return {bytes.begin(), bytes.end()};
  }
  void send(FrameType type, const wire::MessageHeader& header, const Bytes& payload) {
    ASSERT_EQ(listener_->send(peer_, frame(type, header, payload)), Transfer::done);
  }
  [[nodiscard]] Bytes good_description() const {
    Description description = describe_one_node("d", "v", engine_);
    description.max_in_flight = 4;
    description.idle_timeout_ms = 60000;
    description.receive_window_bytes = 1 << 20;
    return encode(description);
  }
  static std::vector<NamedTensor> inputs() {
    return {{"image", Tensor({ElementType::float32(), Shape({100})})},
            {"key", Tensor({ElementType::integer(20, true), Shape({3})})}};
  }

  SteadyClock clock_;
  testing_support::FakeEngine engine_ = testing_support::mirror_engine(100);
  LoopbackNetwork network_{LoopbackOptions{65507, 4096}};
  std::unique_ptr<Listener> listener_ = network_.listen();
  std::atomic<bool> done_ = false;
  Peer peer_;
  std::uint64_t epoch_ = 0;
  std::uint32_t sequence_ = 0;
  std::unique_ptr<wire::Datagram> datagram_ = std::make_unique<wire::Datagram>();
};

TEST_F(HostileNode, BadDescriptionIsNamed) {
  Bytes description = good_description();
  description[2] = description[3] = std::byte{0};
  const auto client = attach(description);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::failed);
  EXPECT_EQ(client.error().message, "node loopback://node: description of the ports, byte 4: max_in_flight is 0");
}

TEST_F(HostileNode, ForeignEpochIsNoAnswer) {
  const auto client = attach(good_description(), 1);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().message, "node loopback://node: no answer to an attach within 200 ms");
}

TEST_F(HostileNode, BadAnswersAreNamed) {
  const auto client = attach(good_description()).value();
  const auto failure = [&](FrameType type, auto change, const Bytes& payload) {
    const Ticket ticket = client->submit(inputs(), 20 * second_ns).value();
    auto header = header_for(ticket.inference_id);
    change(header);
    send(type, header, payload);
    const auto outputs = client->await(ticket);
    return outputs ? std::string("accepted") : outputs.error().message;
  };
  const auto as_it_is = [](wire::MessageHeader&) {};
  EXPECT_EQ(failure(FrameType::data, as_it_is, Bytes(101)),
            "node loopback://node: inference 1: output port 0, 101 bytes at 0: reaches past the end of the tensor");
  EXPECT_EQ(failure(
                FrameType::data, [](auto& header) { header.destination_port = 2; }, Bytes(100)),
            "node loopback://node: inference 2: output port 2, 100 bytes at 0: no such port");
  Bytes error(6, std::byte{'a'});
  error[0] = std::byte{6};
  error[1] = std::byte{0};
  error[3] = std::byte{0x1b};  // an escape sequence must not reach a terminal
  EXPECT_EQ(failure(FrameType::error, as_it_is, error), "node loopback://node: inference 3: bad_length: a?aa");
  error[0] = std::byte{0xff};
  EXPECT_EQ(failure(FrameType::error, as_it_is, error), "node loopback://node: inference 4: unknown: a?aa");
  EXPECT_EQ(failure(FrameType::detach, as_it_is, {}), "node loopback://node: inference 5: stopped");
}

TEST_F(HostileNode, AnswersOutsideTheirTypeAreNamed) {
  const auto client = attach(good_description()).value();
  const Ticket ticket = client->submit(inputs(), 20 * second_ns).value();
  send(FrameType::data, header_for(ticket.inference_id), Bytes(100));
  Bytes key(9);
  key[8] = std::byte{0x40};
  send(FrameType::data, header_for(ticket.inference_id, 1), key);
  const auto outputs = client->await(ticket);
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().message, "node loopback://node: inference 1: output \"key\": element 2 is outside int20");
}

// Mutated answers with a good check: some inferences fail by name, none hangs, and a good answer is still taken.
TEST_F(HostileNode, SurvivesGarbage) {
  const auto client = attach(good_description()).value();
  Random random(13);
  std::array<int, 2> ends{};
  for (int i = 0; i < 3000; ++i) {
    const auto ticket = client->submit(inputs(), 20 * second_ns);
    ASSERT_TRUE(ticket) << ticket.error().message;
    for (std::uint64_t n = random.below(4); n > 0; --n) {
      constexpr std::array types{FrameType::data, FrameType::error, FrameType::attach_reply, FrameType::pong};
      const FrameType type = types.at(random.below(types.size()));
      const auto header = header_for(ticket->inference_id, static_cast<std::uint8_t>(random.below(3)));
      Bytes bytes = frame(type, header, Bytes(3 + random.below(120)));
      const std::size_t first = type == FrameType::error ? 66 : 32;  // no error no_session, which would end the session
      for (std::uint64_t m = 1 + random.below(3); m > 0; --m) {
        bytes[first + random.below(bytes.size() - first)] = static_cast<std::byte>(random.next());
      }
      if (random.below(8) == 0) bytes.resize(random.below(bytes.size() + 64));
      ASSERT_EQ(listener_->send(peer_, bytes), Transfer::done);
    }
    send(FrameType::data, header_for(ticket->inference_id), Bytes(100));
    send(FrameType::data, header_for(ticket->inference_id, 1), Bytes(9));
    const auto outputs = client->await(*ticket);
    ++ends.at(outputs ? 1 : 0);
    if (!outputs) {
      EXPECT_THAT(outputs.error().message, StartsWith("node loopback://node: inference "));
    }
    Peer from;
    Bytes buffer(65536);
    while (listener_->receive(buffer, from).result == Transfer::done) {
    }
  }
  EXPECT_GT(ends[0], 100);
  EXPECT_GT(ends[1], 100);
}

}  // namespace
}  // namespace algean
