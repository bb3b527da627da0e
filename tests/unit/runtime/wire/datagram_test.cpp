#include "runtime/wire/datagram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/base/crc32c.hpp"
#include "runtime/base/random.hpp"

namespace algean::wire {
namespace {

using Bytes = std::vector<std::byte>;

// A datagram of messages with these payload lengths, every byte 0xa5.
Bytes make(const std::vector<std::size_t>& lengths, FrameType type = FrameType::data) {
  Bytes storage(max_datagram_bytes);
  DatagramWriter writer(storage);
  for (const std::size_t length : lengths) {
    MessageHeader header;
    header.destination_kernel = node_kernel;
    header.payload_length = static_cast<std::uint16_t>(length);
    header.flags = flag_first | flag_last;
    std::memset(writer.add(header), 0xa5, length);
  }
  FrameHeader frame;
  frame.type = static_cast<std::uint8_t>(type);
  frame.epoch = 99;
  const auto bytes = writer.finish(frame);
  return {bytes.begin(), bytes.end()};
}

void renew_check(Bytes& bytes) { store<std::uint32_t>(bytes.data() + 28, crc32c(std::span(bytes).first(28))); }

Drop parse_once(const Bytes& bytes) {
  static Datagram datagram;
  return parse(bytes, datagram);
}

TEST(Datagram, PayloadsStartAtMultiplesOf64) {
  EXPECT_EQ(next_header(64), 96U);
  EXPECT_EQ(next_header(96), 96U);
  EXPECT_EQ(next_header(97), 160U);
  EXPECT_EQ(next_header(128), 160U);
  EXPECT_EQ(next_header(340), 352U);
}

TEST(Datagram, RoundTripOverRandomMessages) {
  Random random(5);
  const auto datagram = std::make_unique<Datagram>();
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::size_t> lengths;
    for (std::uint64_t n = 1 + random.below(12); n > 0; --n) lengths.push_back(random.below(300));
    const Bytes bytes = make(lengths);
    ASSERT_EQ(parse(bytes, *datagram), Drop::none);
    ASSERT_EQ(datagram->messages().size(), lengths.size());
    for (std::size_t m = 0; m < lengths.size(); ++m) {
      const auto payload = datagram->messages()[m].payload;
      ASSERT_EQ(payload.size(), lengths[m]);
      ASSERT_EQ((payload.data() - bytes.data()) % 64, 0);
      ASSERT_TRUE(std::ranges::all_of(payload, [](std::byte byte) { return byte == std::byte{0xa5}; }));
    }
  }
}

TEST(Datagram, HoldsAsManyMessagesAndBytesAsItMay) {
  EXPECT_EQ(parse_once(make(std::vector<std::size_t>(255, 1))), Drop::none);
  EXPECT_EQ(parse_once(make({max_datagram_bytes - 64})), Drop::none);
  Bytes storage(max_datagram_bytes);
  DatagramWriter writer(storage);
  for (int i = 0; i < 255; ++i) writer.add({});
  EXPECT_EQ(writer.room(), std::nullopt);
  DatagramWriter small{std::span(storage).first(min_datagram_bytes)};
  EXPECT_EQ(small.room(), 64U);
  small.add({});
  EXPECT_EQ(small.room(), 0U);
  small.add({});
  EXPECT_EQ(small.room(), std::nullopt);
}

struct Spoil {
  Drop cause;
  std::vector<std::size_t> lengths;
  std::function<void(Bytes&)> how;
};

void set(Bytes& bytes, std::size_t at, unsigned value) { bytes[at] = static_cast<std::byte>(value); }

TEST(Datagram, EveryCauseIsFound) {
  const std::vector<Spoil> spoils{
      {Drop::too_short, {1}, [](Bytes& b) { b.resize(63); }},
      {Drop::too_short, {1}, [](Bytes& b) { b.clear(); }},
      {Drop::bad_magic, {1}, [](Bytes& b) { set(b, 0, 0x40); }},
      {Drop::bad_version, {1}, [](Bytes& b) { set(b, 4, 2), renew_check(b); }},
      {Drop::bad_header_check, {1}, [](Bytes& b) { set(b, 9, 0x55); }},
      {Drop::bad_header_check, {1}, [](Bytes& b) { set(b, 28, static_cast<unsigned>(b[28]) ^ 1U); }},
      {Drop::bad_type, {1}, [](Bytes& b) { set(b, 5, 0), renew_check(b); }},
      {Drop::bad_type, {1}, [](Bytes& b) { set(b, 5, 9), renew_check(b); }},
      {Drop::reserved_bits, {1}, [](Bytes& b) { set(b, 7, 1), renew_check(b); }},
      {Drop::reserved_bits, {1}, [](Bytes& b) { set(b, 32 + 3, 0x10); }},
      {Drop::no_messages, {1}, [](Bytes& b) { set(b, 6, 0), renew_check(b); }},
      {Drop::message_beyond_end, {1}, [](Bytes& b) { set(b, 6, 2), renew_check(b); }},
      {Drop::message_beyond_end, {1, 0}, [](Bytes& b) { b.resize(127); }},
      {Drop::payload_beyond_end, {100}, [](Bytes& b) { b.pop_back(); }},
      {Drop::payload_beyond_end, {100}, [](Bytes& b) { set(b, 32 + 11, 0xff); }},
      {Drop::gap_not_zero, {1, 1}, [](Bytes& b) { set(b, 65, 1); }},
      {Drop::gap_not_zero, {1, 1}, [](Bytes& b) { set(b, 95, 1); }},
      {Drop::trailing_bytes, {1}, [](Bytes& b) { b.push_back({}); }},
      {Drop::trailing_bytes, {1, 1}, [](Bytes& b) { set(b, 6, 1), renew_check(b); }},
  };
  for (const Spoil& spoil : spoils) {
    Bytes bytes = make(spoil.lengths);
    ASSERT_EQ(parse_once(bytes), Drop::none);
    spoil.how(bytes);
    EXPECT_EQ(parse_once(bytes), spoil.cause) << to_text(spoil.cause);
  }
}

TEST(Datagram, MayBeSealedAgain) {
  Bytes storage(256);
  DatagramWriter writer(storage);
  writer.add({});
  writer.add({});
  const auto datagram = writer.unsealed();
  FrameHeader frame;
  frame.message_count = writer.message_count();
  for (const std::uint32_t number : {5U, 0xfffffff0U}) {
    frame.type = static_cast<std::uint8_t>(FrameType::data);
    frame.sequence = number;
    frame.position = number + 1;
    seal(datagram, frame, number + 2);
    const auto parsed = std::make_unique<Datagram>();
    ASSERT_EQ(parse(datagram, *parsed), Drop::none);
    EXPECT_EQ(parsed->frame.sequence, number);
    EXPECT_EQ(parsed->frame.position, number + 1);
    EXPECT_EQ(parsed->messages()[0].header.credit, number + 2);
    EXPECT_EQ(parsed->messages()[1].header.credit, 0U);
  }
}

TEST(Datagram, EveryPrefixIsDropped) {
  const Bytes bytes = make({276, 92, 1});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(parse_once(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))), Drop::none) << size;
  }
}

// Mutated datagrams, most with a valid check so that the parser goes on: whatever it accepts lies within the datagram.
TEST(Datagram, SurvivesRandomBytes) {
  Random random(6);
  const auto datagram = std::make_unique<Datagram>();
  std::array<std::uint64_t, drop_count> causes{};
  for (int i = 0; i < 100000; ++i) {
    Bytes bytes = make({random.below(200), random.below(200)});
    for (std::uint64_t n = random.below(5); n > 0; --n) {
      set(bytes, random.below(std::min<std::uint64_t>(bytes.size(), 200)), static_cast<unsigned>(random.below(256)));
    }
    if (random.below(4) == 0) bytes.resize(random.below(bytes.size() + 100));
    if (random.below(4) != 0 && bytes.size() >= 32) {
      store<std::uint32_t>(bytes.data(), magic_value);
      set(bytes, 4, 1);
      renew_check(bytes);
    }
    const Bytes exact(bytes);  // no slack behind it that would hide an overrun from the address sanitizer
    const Drop drop = parse(exact, *datagram);
    ++causes.at(static_cast<std::size_t>(drop));
    if (drop != Drop::none) continue;
    for (const Message& message : datagram->messages()) {
      ASSERT_GE(message.payload.data(), exact.data());
      ASSERT_LE(message.payload.data() + message.payload.size(), exact.data() + exact.size());
    }
  }
  for (const Drop drop : {Drop::none, Drop::too_short, Drop::bad_magic, Drop::bad_header_check, Drop::bad_type,
                          Drop::reserved_bits, Drop::no_messages, Drop::message_beyond_end, Drop::payload_beyond_end,
                          Drop::gap_not_zero, Drop::trailing_bytes}) {
    EXPECT_GT(causes.at(static_cast<std::size_t>(drop)), 0U) << to_text(drop);
  }
}

}  // namespace
}  // namespace algean::wire
