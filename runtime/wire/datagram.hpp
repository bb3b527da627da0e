// A whole datagram: checked and taken apart, or put together. See FORMAT.md.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "runtime/wire/codec.hpp"
#include "runtime/wire/fields.hpp"

namespace algean::wire {

struct Message {
  MessageHeader header;
  std::span<const std::byte> payload;  // within the datagram
};

// A parsed datagram. Large (12 KB): made once and used again; only the first frame.message_count entries mean anything.
struct Datagram {
  FrameHeader frame;
  std::array<Message, max_messages> storage;
  [[nodiscard]] FrameType type() const { return static_cast<FrameType>(frame.type); }
  [[nodiscard]] std::span<const Message> messages() const { return {storage.data(), frame.message_count}; }
  [[nodiscard]] std::size_t payload_bytes() const;
};

// Takes a datagram apart. Anything but Drop::none says why it must be dropped; `out` is then unspecified.
[[nodiscard]] Drop parse(std::span<const std::byte> bytes, Datagram& out);

// First byte of the message header behind a payload that ends at byte `end` of a datagram.
[[nodiscard]] constexpr std::size_t next_header(std::size_t end) {
  return (end + header_bytes - 1) / block_bytes * block_bytes + header_bytes;
}

// Writes a frame header (magic, version and check are filled in), and the credit of the first message, to a datagram
// that has its messages; frame.message_count says how many.
void seal(std::span<std::byte> datagram, FrameHeader frame, std::uint32_t credit);

// Puts a datagram together in storage of the caller's, whose size is what the link's datagrams may have.
class DatagramWriter {
 public:
  // At least min_datagram_bytes.
  explicit DatagramWriter(std::span<std::byte> storage);
  void start();
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Payload bytes that one more message may have; none when not even its header fits.
  [[nodiscard]] std::optional<std::size_t> room() const;
  // Adds a message with header.payload_length bytes of payload, at most room(), and returns where they go.
  std::byte* add(const MessageHeader& header);
  // What the messages added so far have.
  [[nodiscard]] std::size_t payload_bytes() const { return payload_bytes_; }
  [[nodiscard]] std::uint8_t message_count() const { return static_cast<std::uint8_t>(count_); }
  // Writes the frame header (magic, version, message count and check are filled in) and returns the datagram.
  std::span<const std::byte> finish(FrameHeader frame);
  // The same, with this credit in the first message.
  std::span<const std::byte> finish(FrameHeader frame, std::uint32_t credit);
  // The datagram without its frame header, which seal() writes.
  [[nodiscard]] std::span<std::byte> unsealed() { return storage_.first(end_); }

 private:
  std::span<std::byte> storage_;
  std::size_t end_ = header_bytes;
  std::size_t count_ = 0;
  std::size_t payload_bytes_ = 0;
};

}  // namespace algean::wire
