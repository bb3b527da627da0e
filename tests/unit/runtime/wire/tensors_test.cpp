#include "runtime/wire/tensors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "runtime/base/random.hpp"

namespace algean::wire {
namespace {

using Bytes = std::vector<std::byte>;

std::vector<Bytes> cut(const std::vector<Bytes>& tensors, std::size_t mtu) {
  std::vector<std::span<const std::byte>> views(tensors.begin(), tensors.end());
  MessageHeader common;
  common.inference_id = 3;
  Cutter cutter(common, views);
  Bytes storage(mtu);
  DatagramWriter writer(storage);
  std::vector<Bytes> datagrams;
  while (!cutter.done()) {
    writer.start();
    cutter.next(writer);
    FrameHeader frame;
    frame.type = static_cast<std::uint8_t>(FrameType::data);
    const auto bytes = writer.finish(frame);
    datagrams.emplace_back(bytes.begin(), bytes.end());
  }
  return datagrams;
}

std::vector<std::size_t> sizes(const std::vector<Bytes>& tensors) {
  std::vector<std::size_t> result;
  for (const Bytes& tensor : tensors) result.push_back(tensor.size());
  return result;
}

TEST(Tensors, ComeTogetherInAnyOrderAtAnyMtu) {
  Random random(7);
  const auto datagram = std::make_unique<Datagram>();
  for (int i = 0; i < 500; ++i) {
    std::vector<Bytes> tensors(1 + random.below(4));
    for (Bytes& tensor : tensors) {
      tensor.resize(1 + random.below(random.below(2) == 0 ? 5000 : 130));
      for (std::byte& byte : tensor) byte = static_cast<std::byte>(random.next());
    }
    auto datagrams = cut(tensors, min_datagram_bytes + random.below(1400));
    for (std::size_t n = datagrams.size(); n > 1; --n) std::swap(datagrams[n - 1], datagrams[random.below(n)]);
    Assembly assembly(sizes(tensors));
    for (const Bytes& bytes : datagrams) {
      ASSERT_FALSE(assembly.complete());
      ASSERT_EQ(parse(bytes, *datagram), Drop::none);
      for (const Message& message : datagram->messages()) {
        ASSERT_EQ(assembly.add(message.header, message.payload), Piece::accepted);
        ASSERT_EQ(assembly.add(message.header, message.payload), Piece::duplicate);
      }
    }
    ASSERT_TRUE(assembly.complete());
    for (std::size_t port = 0; port < tensors.size(); ++port) {
      ASSERT_TRUE(std::ranges::equal(assembly.bytes(port), tensors[port]));
    }
    assembly.reset();
    ASSERT_FALSE(assembly.complete());
  }
}

TEST(Tensors, FillDatagrams) {
  EXPECT_EQ(cut({Bytes(276), Bytes(276)}, 1472).size(), 1U);
  EXPECT_EQ(cut({Bytes(1408)}, 1472).size(), 1U);
  EXPECT_EQ(cut({Bytes(1409)}, 1472).size(), 2U);
  EXPECT_EQ(cut({Bytes(14080)}, 1472).size(), 10U);
}

struct BadPiece {
  Piece expected;
  std::uint8_t port;
  std::uint32_t offset;
  std::size_t length;
  std::uint8_t flags;
};

TEST(Tensors, BadPiecesAreNamed) {
  const std::vector<BadPiece> pieces{
      {Piece::unknown_port, 2, 0, 64, flag_first},
      {Piece::empty, 0, 0, 0, flag_first},
      {Piece::beyond_end, 0, 0, 301, flag_first | flag_last},
      {Piece::beyond_end, 0, 256, 45, flag_last},
      {Piece::beyond_end, 0, 0xffffffc0, 64, 0},
      {Piece::misaligned, 0, 32, 64, 0},
      {Piece::misaligned, 0, 0, 65, flag_first},
      {Piece::wrong_flags, 0, 0, 64, 0},
      {Piece::wrong_flags, 0, 64, 64, flag_first},
      {Piece::wrong_flags, 0, 256, 44, 0},
      {Piece::wrong_flags, 0, 0, 64, flag_first | flag_last},
      {Piece::overlap, 0, 64, 192, 0},
  };
  const std::vector<std::size_t> tensor_bytes{300, 10};
  const Bytes payload(400);
  for (const BadPiece& piece : pieces) {
    Assembly assembly(tensor_bytes);
    MessageHeader header;
    header.tensor_offset = 128;
    ASSERT_EQ(assembly.add(header, std::span(payload).first(64)), Piece::accepted);
    header.destination_port = piece.port;
    header.tensor_offset = piece.offset;
    header.flags = piece.flags;
    EXPECT_EQ(assembly.add(header, std::span(payload).first(piece.length)), piece.expected)
        << to_text(piece.expected) << " at " << piece.offset;
  }
}

TEST(Tensors, SaysWhatIsMissing) {
  const std::vector<std::size_t> tensor_bytes{64, 10000};
  const Bytes payload(10000);
  Assembly assembly(tensor_bytes);
  EXPECT_EQ(assembly.missing().port, 0U);
  MessageHeader header;
  header.flags = flag_first | flag_last;
  ASSERT_EQ(assembly.add(header, std::span(payload).first(64)), Piece::accepted);
  header.destination_port = 1;
  header.flags = flag_first;
  ASSERT_EQ(assembly.add(header, std::span(payload).first(4096)), Piece::accepted);
  EXPECT_EQ(assembly.missing().port, 1U);
  EXPECT_EQ(assembly.missing().byte, 4096U);
  EXPECT_EQ(assembly.missing().of, 10000U);
}

}  // namespace
}  // namespace algean::wire
