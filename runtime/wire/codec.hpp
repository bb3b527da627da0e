// Printed from fields.hpp by print.cpp: do not edit. See FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/wire/little_endian.hpp"

namespace algean::wire {

inline constexpr std::uint32_t magic_value = 0x4e474c41;
inline constexpr std::uint8_t version_value = 1;

enum class FrameType : std::uint8_t {
  data = 1,
  attach = 2,
  attach_reply = 3,
  detach = 4,
  ping = 5,
  pong = 6,
  error = 7,
  credit = 8,
};

[[nodiscard]] constexpr std::string_view to_text(FrameType value) {
  switch (value) {
    case FrameType::data:
      return "data";
    case FrameType::attach:
      return "attach";
    case FrameType::attach_reply:
      return "attach_reply";
    case FrameType::detach:
      return "detach";
    case FrameType::ping:
      return "ping";
    case FrameType::pong:
      return "pong";
    case FrameType::error:
      return "error";
    case FrameType::credit:
      return "credit";
  }
  return "unknown";
}

enum class ErrorCode : std::uint16_t {
  no_session = 1,
  clients_full = 2,
  too_many_in_flight = 3,
  wrong_kernel = 4,
  unknown_port = 5,
  bad_length = 6,
  overlap = 7,
  incomplete = 8,
  bad_element = 9,
  unknown_bank = 10,
  internal = 11,
  node_lost = 12,
  slot_taken = 13,
  not_home = 14,
  overloaded = 15,
};

[[nodiscard]] constexpr std::string_view to_text(ErrorCode value) {
  switch (value) {
    case ErrorCode::no_session:
      return "no_session";
    case ErrorCode::clients_full:
      return "clients_full";
    case ErrorCode::too_many_in_flight:
      return "too_many_in_flight";
    case ErrorCode::wrong_kernel:
      return "wrong_kernel";
    case ErrorCode::unknown_port:
      return "unknown_port";
    case ErrorCode::bad_length:
      return "bad_length";
    case ErrorCode::overlap:
      return "overlap";
    case ErrorCode::incomplete:
      return "incomplete";
    case ErrorCode::bad_element:
      return "bad_element";
    case ErrorCode::unknown_bank:
      return "unknown_bank";
    case ErrorCode::internal:
      return "internal";
    case ErrorCode::node_lost:
      return "node_lost";
    case ErrorCode::slot_taken:
      return "slot_taken";
    case ErrorCode::not_home:
      return "not_home";
    case ErrorCode::overloaded:
      return "overloaded";
  }
  return "unknown";
}

enum class Drop : std::uint8_t {
  none = 0,
  too_short = 1,
  bad_magic = 2,
  bad_version = 3,
  bad_header_check = 4,
  bad_type = 5,
  reserved_bits = 6,
  no_messages = 7,
  message_beyond_end = 8,
  payload_beyond_end = 9,
  gap_not_zero = 10,
  trailing_bytes = 11,
  oversized = 12,
  foreign_epoch = 13,
  replayed = 14,
  unexpected_type = 15,
  unknown_inference = 16,
  duplicate = 17,
  bad_slot = 18,
};

[[nodiscard]] constexpr std::string_view to_text(Drop value) {
  switch (value) {
    case Drop::none:
      return "none";
    case Drop::too_short:
      return "too_short";
    case Drop::bad_magic:
      return "bad_magic";
    case Drop::bad_version:
      return "bad_version";
    case Drop::bad_header_check:
      return "bad_header_check";
    case Drop::bad_type:
      return "bad_type";
    case Drop::reserved_bits:
      return "reserved_bits";
    case Drop::no_messages:
      return "no_messages";
    case Drop::message_beyond_end:
      return "message_beyond_end";
    case Drop::payload_beyond_end:
      return "payload_beyond_end";
    case Drop::gap_not_zero:
      return "gap_not_zero";
    case Drop::trailing_bytes:
      return "trailing_bytes";
    case Drop::oversized:
      return "oversized";
    case Drop::foreign_epoch:
      return "foreign_epoch";
    case Drop::replayed:
      return "replayed";
    case Drop::unexpected_type:
      return "unexpected_type";
    case Drop::unknown_inference:
      return "unknown_inference";
    case Drop::duplicate:
      return "duplicate";
    case Drop::bad_slot:
      return "bad_slot";
  }
  return "unknown";
}

inline constexpr std::size_t drop_count = 19;

inline constexpr std::uint8_t flag_first = 0x01;
inline constexpr std::uint8_t flag_last = 0x02;
inline constexpr std::uint8_t flag_reset = 0x04;
inline constexpr std::uint8_t flag_trace = 0x08;

// Leads a datagram.
struct FrameHeader {
  std::uint32_t magic = magic_value;
  std::uint8_t version = version_value;
  std::uint8_t type = 0;
  std::uint8_t message_count = 0;
  std::uint8_t flags = 0;
  std::uint64_t epoch = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::uint32_t position = 0;
  std::uint32_t header_check = 0;
  bool operator==(const FrameHeader&) const = default;
};

// Leads a payload.
struct MessageHeader {
  std::uint16_t destination_kernel = 0;
  std::uint8_t destination_port = 0;
  std::uint8_t flags = 0;
  std::uint16_t source_kernel = 0;
  std::uint8_t source_port = 0;
  std::uint8_t weight_bank = 0;
  std::uint16_t client_slot = 0;
  std::uint16_t payload_length = 0;
  std::uint32_t inference_id = 0;
  std::uint32_t tensor_offset = 0;
  std::uint32_t credit = 0;
  std::uint64_t time_stamp = 0;
  bool operator==(const MessageHeader&) const = default;
};

inline void encode(const FrameHeader& header, std::byte* to) {
  store<std::uint32_t>(to + 0, header.magic);
  store<std::uint8_t>(to + 4, header.version);
  store<std::uint8_t>(to + 5, header.type);
  store<std::uint8_t>(to + 6, header.message_count);
  store<std::uint8_t>(to + 7, header.flags);
  store<std::uint64_t>(to + 8, header.epoch);
  store<std::uint32_t>(to + 16, header.sequence);
  store<std::uint32_t>(to + 20, header.acknowledgement);
  store<std::uint32_t>(to + 24, header.position);
  store<std::uint32_t>(to + 28, header.header_check);
}

inline void decode(const std::byte* from, FrameHeader& header) {
  header.magic = load<std::uint32_t>(from + 0);
  header.version = load<std::uint8_t>(from + 4);
  header.type = load<std::uint8_t>(from + 5);
  header.message_count = load<std::uint8_t>(from + 6);
  header.flags = load<std::uint8_t>(from + 7);
  header.epoch = load<std::uint64_t>(from + 8);
  header.sequence = load<std::uint32_t>(from + 16);
  header.acknowledgement = load<std::uint32_t>(from + 20);
  header.position = load<std::uint32_t>(from + 24);
  header.header_check = load<std::uint32_t>(from + 28);
}

inline void encode(const MessageHeader& header, std::byte* to) {
  store<std::uint16_t>(to + 0, header.destination_kernel);
  store<std::uint8_t>(to + 2, header.destination_port);
  store<std::uint8_t>(to + 3, header.flags);
  store<std::uint16_t>(to + 4, header.source_kernel);
  store<std::uint8_t>(to + 6, header.source_port);
  store<std::uint8_t>(to + 7, header.weight_bank);
  store<std::uint16_t>(to + 8, header.client_slot);
  store<std::uint16_t>(to + 10, header.payload_length);
  store<std::uint32_t>(to + 12, header.inference_id);
  store<std::uint32_t>(to + 16, header.tensor_offset);
  store<std::uint32_t>(to + 20, header.credit);
  store<std::uint64_t>(to + 24, header.time_stamp);
}

inline void decode(const std::byte* from, MessageHeader& header) {
  header.destination_kernel = load<std::uint16_t>(from + 0);
  header.destination_port = load<std::uint8_t>(from + 2);
  header.flags = load<std::uint8_t>(from + 3);
  header.source_kernel = load<std::uint16_t>(from + 4);
  header.source_port = load<std::uint8_t>(from + 6);
  header.weight_bank = load<std::uint8_t>(from + 7);
  header.client_slot = load<std::uint16_t>(from + 8);
  header.payload_length = load<std::uint16_t>(from + 10);
  header.inference_id = load<std::uint32_t>(from + 12);
  header.tensor_offset = load<std::uint32_t>(from + 16);
  header.credit = load<std::uint32_t>(from + 20);
  header.time_stamp = load<std::uint64_t>(from + 24);
}

}  // namespace algean::wire
