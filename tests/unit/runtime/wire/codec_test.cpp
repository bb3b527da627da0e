#include "runtime/wire/codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/wire/datagram.hpp"
#include "runtime/wire/elements.hpp"
#include "runtime/wire/fields.hpp"
#include "runtime/wire/replay_window.hpp"

namespace algean::wire {
namespace {

std::vector<std::byte> from_hex(std::string_view hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); ++i) {
    if (hex[i] == ' ') continue;
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    ++i;
  }
  return bytes;
}

template <class Header>
void expect_round_trips(std::uint64_t seed) {
  Random random(seed);
  for (int i = 0; i < 10000; ++i) {
    std::array<std::byte, header_bytes> bytes{};
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
    Header header;
    decode(bytes.data(), header);
    std::array<std::byte, header_bytes> again{};
    encode(header, again.data());
    ASSERT_EQ(bytes, again);  // every bit of the header is in some field, once
    Header twice;
    decode(again.data(), twice);
    ASSERT_EQ(header, twice);
  }
}

TEST(Codec, HeadersRoundTrip) {
  expect_round_trips<FrameHeader>(1);
  expect_round_trips<MessageHeader>(2);
}

// The example of FORMAT.md.
TEST(Codec, GoldenBytes) {
  std::array<std::byte, 256> storage{};
  DatagramWriter writer(storage);
  MessageHeader message;
  message.destination_kernel = node_kernel;
  message.flags = flag_first | flag_last;
  message.source_kernel = client_kernel;
  message.client_slot = 2;
  message.payload_length = 3;
  message.inference_id = 7;
  std::byte* payload = writer.add(message);
  payload[0] = std::byte{1};
  payload[1] = std::byte{0xff};
  payload[2] = std::byte{0x7f};
  FrameHeader frame;
  frame.type = static_cast<std::uint8_t>(FrameType::data);
  frame.epoch = 0x0102030405060708;
  frame.sequence = 5;
  frame.acknowledgement = 5;
  const auto bytes = writer.finish(frame);
  EXPECT_EQ(std::vector(bytes.begin(), bytes.end()),
            from_hex("41 4c 47 4e 01 01 01 00 08 07 06 05 04 03 02 01 05 00 00 00 05 00 00 00 00 00 00 00 75 3f 7a da"
                     "01 00 00 03 00 00 00 00 02 00 03 00 07 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
                     "01 ff 7f"));
}

TEST(Codec, EveryFieldStandsWhereTheTableSays) {
  // A header of which only one field is not zero has no other byte than the field's.
  for (const Field& field : message_fields) {
    std::array<std::byte, header_bytes> bytes{};
    for (std::size_t i = 0; i < field.bytes; ++i) bytes[field.offset + i] = std::byte{0xff};
    MessageHeader header;
    decode(bytes.data(), header);
    const std::uint64_t all = field.bytes == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * field.bytes)) - 1;
    std::uint64_t sum = 0;
    for (const std::uint64_t value :
         {std::uint64_t{header.destination_kernel}, std::uint64_t{header.destination_port}, std::uint64_t{header.flags},
          std::uint64_t{header.source_kernel}, std::uint64_t{header.source_port}, std::uint64_t{header.weight_bank},
          std::uint64_t{header.client_slot}, std::uint64_t{header.payload_length}, std::uint64_t{header.inference_id},
          std::uint64_t{header.tensor_offset}, std::uint64_t{header.credit}, header.time_stamp}) {
      sum += value;
    }
    EXPECT_EQ(sum, all) << field.name;
  }
}

TEST(Elements, TakeAsFewBytesAsTheirBitsNeed) {
  EXPECT_EQ(wire_bytes(ElementType::integer(4, false)), 1U);
  EXPECT_EQ(wire_bytes(ElementType::integer(9, true)), 2U);
  EXPECT_EQ(wire_bytes(ElementType::integer(17, true)), 3U);
  EXPECT_EQ(wire_bytes(ElementType::integer(24, false)), 3U);
  EXPECT_EQ(wire_bytes(ElementType::integer(25, false)), 4U);
  EXPECT_EQ(wire_bytes(ElementType::float32()), 4U);
}

TEST(Elements, PackIsWhatFormatSays) {
  const auto type = ElementType::integer(20, true);
  const std::array<std::int32_t, 2> memory{-2, 0x7ffff};
  std::array<std::byte, 6> wire{};
  pack(type, std::as_bytes(std::span(memory)), wire);
  EXPECT_EQ(std::vector(wire.begin(), wire.end()), from_hex("fe ff ff ff ff 07"));
}

TEST(Elements, RoundTripOverEveryWidth) {
  Random random(3);
  for (int bits = 1; bits <= 32; ++bits) {
    for (const bool is_signed : {false, true}) {
      const auto type = ElementType::integer(bits, is_signed);
      const TensorType tensor_type{type, Shape({97})};
      Tensor tensor(tensor_type);
      for (std::int64_t i = 0; i < 97; ++i) {
        const std::int64_t value = i == 0   ? type.lowest()
                                   : i == 1 ? type.highest()
                                            : random.between(type.lowest(), type.highest());
        std::memcpy(tensor.bytes().data() + static_cast<std::size_t>(i) * type.bytes(), &value, type.bytes());
      }
      std::vector<std::byte> wire(wire_bytes(tensor_type));
      pack(type, tensor.bytes(), wire);
      Tensor again(tensor_type);
      EXPECT_EQ(unpack(type, wire, again.bytes()), std::nullopt);
      EXPECT_EQ(tensor, again) << type.name();
    }
  }
}

TEST(Elements, OutOfRangeIsFound) {
  std::array<std::byte, 3> memory{};
  EXPECT_EQ(unpack(ElementType::integer(4, false), from_hex("0f 00 10"), memory), 2U);
  EXPECT_EQ(unpack(ElementType::integer(4, true), from_hex("07 f8 08"), memory), 2U);
  std::array<std::byte, 8> wide{};
  EXPECT_EQ(unpack(ElementType::integer(20, true), from_hex("ff ff 07 00 00 08"), wide), 1U);
}

TEST(ReplayWindow, DropsWhatCameAndWhatIsTooOld) {
  ReplayWindow window;
  EXPECT_TRUE(window.accept(0));
  EXPECT_FALSE(window.accept(0));
  EXPECT_TRUE(window.accept(3));
  EXPECT_EQ(window.gaps(), 2U);
  EXPECT_TRUE(window.accept(2));
  EXPECT_FALSE(window.accept(2));
  EXPECT_EQ(window.gaps(), 1U);
  EXPECT_TRUE(window.accept(200));
  EXPECT_FALSE(window.accept(3));
  EXPECT_TRUE(window.accept(137));   // 63 behind
  EXPECT_FALSE(window.accept(136));  // too old to tell
  EXPECT_EQ(window.next(), 201U);
}

TEST(ReplayWindow, WrapsAndAgreesWithASet) {
  Random random(4);
  ReplayWindow window;
  std::uint32_t base = 0xffffff00U;
  while (window.next() < 0x80000000U) ASSERT_TRUE(window.accept(window.next() + 0x40000000U));
  while (static_cast<std::int32_t>(base - window.next()) > 0x3fffffff) ASSERT_TRUE(window.accept(window.next() + 1000));
  ASSERT_TRUE(window.accept(base));
  std::vector<bool> seen(2000, false);
  seen[0] = true;
  std::uint32_t highest = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const auto offset = static_cast<std::uint32_t>(random.below(1000) + random.below(i / 6 + 1));
    const bool too_old = offset + 64 < highest + 1;
    EXPECT_EQ(window.accept(base + offset), !too_old && !seen[offset]) << offset << " " << highest;
    if (!too_old) seen[offset] = true;
    highest = std::max(highest, offset);
  }
}

}  // namespace
}  // namespace algean::wire
