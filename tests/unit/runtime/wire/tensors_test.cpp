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
  std::vector<Shipment> shipments;
  for (const Bytes& tensor : tensors) {
    const auto port = static_cast<std::uint8_t>(shipments.size());
    shipments.push_back({9, port, port, tensor});
  }
  MessageHeader common;
  common.inference_id = 3;
  Cutter cutter(common, shipments);
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

TEST(Tensors, OfSeveralKernelsShareDatagrams) {
  const Bytes bytes(100, std::byte{7});
  const std::vector<Shipment> shipments{{3, 1, 0, bytes}, {5, 0, 0, bytes}, {5, 2, 4, bytes}};
  MessageHeader common;
  common.source_kernel = 2;
  common.inference_id = 8;
  common.flags = flag_trace;
  common.time_stamp = 99;
  Cutter cutter(common, shipments);
  Bytes storage(1472);
  DatagramWriter writer(storage);
  writer.start();
  cutter.next(writer);
  ASSERT_TRUE(cutter.done());
  EXPECT_EQ(writer.payload_bytes(), 300U);
  const auto datagram = std::make_unique<Datagram>();
  FrameHeader frame;
  frame.type = static_cast<std::uint8_t>(FrameType::data);
  ASSERT_EQ(parse(writer.finish(frame, 0x01020304), *datagram), Drop::none);
  ASSERT_EQ(datagram->messages().size(), shipments.size());
  EXPECT_EQ(datagram->payload_bytes(), 300U);
  for (std::size_t i = 0; i < shipments.size(); ++i) {
    const MessageHeader& header = datagram->messages()[i].header;
    EXPECT_EQ(header.destination_kernel, shipments[i].destination_kernel);
    EXPECT_EQ(header.destination_port, shipments[i].destination_port);
    EXPECT_EQ(header.source_port, shipments[i].source_port);
    EXPECT_EQ(header.source_kernel, 2U);
    EXPECT_EQ(header.flags, flag_first | flag_last | flag_trace);
    EXPECT_EQ(header.time_stamp, 99U);
    EXPECT_EQ(header.credit, i == 0 ? 0x01020304U : 0U);
  }
}

TEST(Tensors, AWholeTensorIsOnePiece) {
  const std::vector<std::size_t> tensor_bytes{300, 10};
  Assembly assembly(tensor_bytes);
  const Bytes image(300, std::byte{1});
  EXPECT_EQ(assembly.add_whole(0, image), Piece::accepted);
  EXPECT_EQ(assembly.add_whole(0, image), Piece::duplicate);
  EXPECT_FALSE(assembly.complete());
  EXPECT_EQ(assembly.add_whole(1, Bytes(10)), Piece::accepted);
  EXPECT_TRUE(assembly.complete());
  EXPECT_TRUE(std::ranges::equal(assembly.bytes(0), image));
  assembly.reset();
  MessageHeader header;
  header.flags = flag_first;
  ASSERT_EQ(assembly.add(header, std::span(image).first(64)), Piece::accepted);
  EXPECT_EQ(assembly.add_whole(0, image), Piece::overlap);
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
