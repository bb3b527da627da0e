#include "runtime/wire/datagram.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/base/crc32c.hpp"
#include "runtime/base/result.hpp"

namespace algean::wire {
namespace {

constexpr std::size_t check_offset = frame_fields.back().offset;
constexpr std::size_t credit_offset =
    header_bytes + std::ranges::find(message_fields, std::string_view("credit"), &Field::name)->offset;

Drop check_frame(std::span<const std::byte> bytes, FrameHeader& frame) {
  if (bytes.size() < 2 * header_bytes) return Drop::too_short;
  decode(bytes.data(), frame);
  if (frame.magic != magic_value) return Drop::bad_magic;
  if (frame.version != version_value) return Drop::bad_version;
  if (frame.header_check != crc32c(bytes.first(check_offset))) return Drop::bad_header_check;
  if (frame.flags != 0) return Drop::reserved_bits;
  if (frame.type < frame_types.front().value || frame.type > frame_types.back().value) return Drop::bad_type;
  if (frame.message_count == 0) return Drop::no_messages;
  return Drop::none;
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

Drop parse(std::span<const std::byte> bytes, Datagram& out) {
  if (const Drop drop = check_frame(bytes, out.frame); drop != Drop::none) return drop;
  std::size_t at = header_bytes;
  std::size_t end = header_bytes;
  for (std::size_t i = 0; i < out.frame.message_count; ++i) {
    if (at + header_bytes > bytes.size()) return Drop::message_beyond_end;
    if (!all_zero(bytes.subspan(end, at - end))) return Drop::gap_not_zero;
    Message& message = out.storage[i];
    decode(bytes.data() + at, message.header);
    if ((message.header.flags & ~known_message_flags) != 0) return Drop::reserved_bits;
    const std::size_t start = at + header_bytes;
    if (message.header.payload_length > bytes.size() - start) return Drop::payload_beyond_end;
    message.payload = bytes.subspan(start, message.header.payload_length);
    end = start + message.payload.size();
    at = next_header(end);
  }
  return end == bytes.size() ? Drop::none : Drop::trailing_bytes;
}

std::size_t Datagram::payload_bytes() const {
  std::size_t bytes = 0;
  for (const Message& message : messages()) bytes += message.payload.size();
  return bytes;
}

void seal(std::span<std::byte> datagram, FrameHeader frame, std::uint32_t credit) {
  ALGEAN_INVARIANT(frame.message_count > 0);
  frame.magic = magic_value;
  frame.version = version_value;
  encode(frame, datagram.data());
  store<std::uint32_t>(datagram.data() + check_offset, crc32c(datagram.first(check_offset)));
  store<std::uint32_t>(datagram.data() + credit_offset, credit);
}

DatagramWriter::DatagramWriter(std::span<std::byte> storage)
    : storage_(storage.first(std::min(storage.size(), max_datagram_bytes))) {
  ALGEAN_INVARIANT(storage_.size() >= min_datagram_bytes);
}

void DatagramWriter::start() {
  end_ = header_bytes;
  count_ = 0;
  payload_bytes_ = 0;
}

std::optional<std::size_t> DatagramWriter::room() const {
  const std::size_t payload = (count_ == 0 ? header_bytes : next_header(end_)) + header_bytes;
  if (payload > storage_.size() || count_ == max_messages) return std::nullopt;
  return storage_.size() - payload;
}

std::byte* DatagramWriter::add(const MessageHeader& header) {
  ALGEAN_INVARIANT(room() && header.payload_length <= *room());
  const std::size_t at = count_ == 0 ? header_bytes : next_header(end_);
  std::memset(storage_.data() + end_, 0, at - end_);
  encode(header, storage_.data() + at);
  end_ = at + header_bytes + header.payload_length;
  ++count_;
  payload_bytes_ += header.payload_length;
  return storage_.data() + at + header_bytes;
}

std::span<const std::byte> DatagramWriter::finish(FrameHeader frame) {
  return finish(frame, load<std::uint32_t>(storage_.data() + credit_offset));
}

std::span<const std::byte> DatagramWriter::finish(FrameHeader frame, std::uint32_t credit) {
  frame.message_count = message_count();
  seal(unsealed(), frame, credit);
  return storage_.first(end_);
}

}  // namespace algean::wire
