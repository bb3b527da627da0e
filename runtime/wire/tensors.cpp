#include "runtime/wire/tensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace algean::wire {
namespace {

constexpr std::size_t word_bits = 64;

// Blocks [first, first + count) of a set: how many are in it, and put them all in.
std::size_t count_blocks(std::span<const std::uint64_t> set, std::size_t first, std::size_t count) {
  std::size_t there = 0;
  for (std::size_t i = first; i < first + count; ++i) there += (set[i / word_bits] >> (i % word_bits)) & 1U;
  return there;
}

void put_blocks(std::span<std::uint64_t> set, std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) set[i / word_bits] |= std::uint64_t{1} << (i % word_bits);
}

TensorType bytes_type(std::size_t bytes) {
  return {ElementType::integer(8, false), Shape({static_cast<std::int64_t>(bytes)})};
}

}  // namespace

std::string_view to_text(Piece piece) {
  switch (piece) {
    case Piece::accepted:
      return "accepted";
    case Piece::duplicate:
      return "duplicate";
    case Piece::overlap:
      return "some of these bytes came before";
    case Piece::misaligned:
      return "offset, or length of a piece that is not the last, is no multiple of 64";
    case Piece::beyond_end:
      return "reaches past the end of the tensor";
    case Piece::empty:
      return "has no bytes";
    case Piece::wrong_flags:
      return "flags first and last contradict offset and length";
    case Piece::unknown_port:
      return "no such port";
  }
  return "unknown";
}

Assembly::Assembly(std::span<const std::size_t> tensor_bytes) {
  for (const std::size_t bytes : tensor_bytes) {
    const std::size_t blocks = (bytes + block_bytes - 1) / block_bytes;
    tensors_.push_back(
        {Tensor(bytes_type(bytes)), std::vector<std::uint64_t>((blocks + word_bits - 1) / word_bits), 0});
  }
}

void Assembly::reset() {
  for (Part& part : tensors_) {
    std::ranges::fill(part.blocks, 0);
    part.received_bytes = 0;
  }
  complete_ = 0;
}

Piece Assembly::add(const MessageHeader& header, std::span<const std::byte> payload) {
  if (header.destination_port >= tensors_.size()) return Piece::unknown_port;
  Part& part = tensors_[header.destination_port];
  const std::span<const std::byte> tensor = part.storage.bytes();
  const std::size_t offset = header.tensor_offset;
  if (payload.empty()) return Piece::empty;
  if (offset > tensor.size() || payload.size() > tensor.size() - offset) return Piece::beyond_end;
  const bool first = offset == 0;
  const bool last = offset + payload.size() == tensor.size();
  if (offset % block_bytes != 0 || (!last && payload.size() % block_bytes != 0)) return Piece::misaligned;
  if (((header.flags & flag_first) != 0) != first || ((header.flags & flag_last) != 0) != last) {
    return Piece::wrong_flags;
  }
  return put(part, offset, payload);
}

Piece Assembly::add_whole(std::size_t port, std::span<const std::byte> tensor) {
  Part& part = tensors_[port];
  ALGEAN_INVARIANT(tensor.size() == part.storage.bytes().size());
  return put(part, 0, tensor);
}

Piece Assembly::put(Part& part, std::size_t offset, std::span<const std::byte> payload) {
  const std::size_t block = offset / block_bytes;
  const std::size_t blocks = (payload.size() + block_bytes - 1) / block_bytes;
  const std::size_t there = count_blocks(part.blocks, block, blocks);
  if (there == blocks) return Piece::duplicate;
  if (there != 0) return Piece::overlap;
  put_blocks(part.blocks, block, blocks);
  const std::span<std::byte> tensor = part.storage.bytes();
  std::memcpy(tensor.data() + offset, payload.data(), payload.size());
  part.received_bytes += payload.size();
  if (part.received_bytes == tensor.size()) ++complete_;
  return Piece::accepted;
}

Assembly::Missing Assembly::missing() const {
  ALGEAN_INVARIANT(!complete());
  const auto part = std::ranges::find_if(
      tensors_, [](const Part& tensor) { return tensor.received_bytes != tensor.storage.bytes().size(); });
  const auto word = std::ranges::find_if(part->blocks, [](std::uint64_t bits) { return ~bits != 0; });
  const auto block = static_cast<std::size_t>(word - part->blocks.begin()) * word_bits +
                     static_cast<std::size_t>(std::countr_one(*word));
  return {static_cast<std::size_t>(part - tensors_.begin()), block * block_bytes, part->storage.bytes().size()};
}

void Cutter::next(DatagramWriter& writer) {
  const std::uint8_t common_flags = header_.flags;
  while (!done()) {
    const auto room = writer.room();
    if (!room) break;
    const Shipment& shipment = shipments_[at_];
    const std::size_t rest = shipment.bytes.size() - offset_;
    const std::size_t take = rest <= *room ? rest : *room / block_bytes * block_bytes;
    if (take == 0) break;
    header_.destination_kernel = shipment.destination_kernel;
    header_.destination_port = shipment.destination_port;
    header_.source_port = shipment.source_port;
    header_.tensor_offset = static_cast<std::uint32_t>(offset_);
    header_.payload_length = static_cast<std::uint16_t>(take);
    header_.flags =
        static_cast<std::uint8_t>(common_flags | (offset_ == 0 ? flag_first : 0U) | (take == rest ? flag_last : 0U));
    std::memcpy(writer.add(header_), shipment.bytes.data() + offset_, take);
    offset_ += take;
    if (take == rest) {
      ++at_;
      offset_ = 0;
    }
  }
  header_.flags = common_flags;
}

}  // namespace algean::wire
