// Packet layout v1, written once. codec.hpp and FORMAT.md are printed from these tables (print.hpp); a test compares
// them. Hardware (SystemVerilog package, HLS header) will be printed from the same tables.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace algean::wire {

inline constexpr std::uint32_t magic = 0x4e474c41;  // the bytes "ALGN"
inline constexpr std::uint8_t version = 1;
inline constexpr std::size_t header_bytes = 32;  // of a frame's header and of a message's
inline constexpr std::size_t block_bytes = 64;   // payloads start at multiples of it; so do fragments in their tensor
inline constexpr std::size_t max_datagram_bytes = 65507;  // of IPv4 UDP
inline constexpr std::size_t min_datagram_bytes = 128;    // of a link: both headers and one block
inline constexpr std::size_t max_messages = 255;
inline constexpr std::size_t max_error_text_bytes = 480;

inline constexpr std::uint16_t client_kernel = 0;   // in every deployment
inline constexpr std::uint16_t node_kernel = 1;     // the one of a deployment of one kernel
inline constexpr std::uint16_t any_slot = 0xffff;   // in an attach: the node shall choose
inline constexpr std::uint32_t least_charge = 512;  // of a data frame, for flow control

// One field of a header. All are unsigned and little endian.
struct Field {
  std::string_view name;
  std::size_t offset;
  std::size_t bytes;
  std::string_view meaning;
  std::string_view writer;     // who writes it
  std::string_view bad_value;  // what a receiver does with a bad value
  bool reserved = false;       // nothing uses it yet: written as zero
};

inline constexpr std::array frame_fields{
    Field{"magic", 0, 4, "0x4e474c41, the bytes \"ALGN\"", "every sender", "drops the datagram: bad_magic"},
    Field{"version", 4, 1, "layout version, 1", "every sender", "drops the datagram: bad_version"},
    Field{"type", 5, 1, "frame type, table below", "every sender", "drops the datagram: bad_type"},
    Field{"message_count", 6, 1, "messages in the datagram, 1 to 255", "every sender",
          "drops the datagram: no_messages for 0, message_beyond_end or trailing_bytes when they do not fill it"},
    Field{"flags", 7, 1, "bit 0 payload_check: a CRC-32C of the payloads trails; nothing sends it yet", "zero",
          "drops the datagram: reserved_bits", true},
    Field{"epoch", 8, 8,
          "session: random, not 0. Chosen by the client, the same at every node that it attaches to; between nodes: "
          "the deployment's",
          "the client; a node repeats it", "drops the frame: foreign_epoch"},
    Field{"sequence", 16, 4,
          "frames sent before this one in this session and direction, modulo 2^32; attach and its reply: 0",
          "every sender", "drops the frame: replayed, when it was seen or is more than 64 behind; counts gaps"},
    Field{"acknowledgement", 20, 4, "highest sequence received from the peer in this session, plus 1; 0: none",
          "every sender", "ignored until frames are sent again (reliability)"},
    Field{"position", 24, 4,
          "charge of all data frames sent before this one in this session and direction, modulo 2^32 (flow control)",
          "every sender", "a lie harms only its sender"},
    Field{"header_check", 28, 4, "CRC-32C of the 28 bytes before it", "every sender",
          "drops the datagram: bad_header_check"},
};

inline constexpr std::array message_fields{
    Field{"destination_kernel", 0, 2, "kernel that takes the payload; 0: the client", "every sender",
          "error wrong_kernel"},
    Field{"destination_port", 2, 1, "index of the port there", "every sender", "error unknown_port"},
    Field{"flags", 3, 1, "table below", "every sender",
          "drops the datagram: reserved_bits; error bad_length for first or last"},
    Field{"source_kernel", 4, 2,
          "kernel that the payload comes from; 0: the client. Between nodes: in every frame, one of the sender's",
          "every sender", "from a client ignored; between nodes it names the peer: else foreign_epoch"},
    Field{"source_port", 6, 1, "index of the port there", "every sender", "ignored"},
    Field{"weight_bank", 7, 1, "set of weights to use; only 0 yet", "the client", "error unknown_bank", true},
    Field{"client_slot", 8, 2,
          "index in the deployment's table of clients, given out by home; in attach to home and in frames for no "
          "client: 0xffff",
          "home, in attach_reply; else repeated", "error no_session"},
    Field{"payload_length", 10, 2, "bytes of payload", "every sender",
          "drops the datagram: payload_beyond_end; error bad_length when it does not fit the tensor"},
    Field{"inference_id", 12, 4,
          "counts a client's inferences, from a random number on, leaving 0 out; attach_reply: bytes of the whole "
          "description; error: 0 stands for the attach, or for all that is in flight",
          "the client; a node repeats it", "a reply to none that waits is dropped: unknown_inference"},
    Field{"tensor_offset", 16, 4, "byte of the tensor where the payload belongs, a multiple of 64", "every sender",
          "error bad_length, or overlap for bytes that came before in part"},
    Field{"credit", 20, 4,
          "in a frame's first message: highest position of a data frame's end that the sender of this header accepts, "
          "modulo 2^32 (flow control); in further ones: 0",
          "every sender", "ignored, when it is below one told before"},
    Field{"time_stamp", 24, 8, "with flag trace: nanoseconds of the sender's clock; else 0", "every sender",
          "ignored; only figures come from it"},
};

// A value of an enumeration or a bit of a set.
struct Value {
  std::string_view name;
  unsigned value;
  std::string_view meaning;
};

inline constexpr std::array frame_types{
    Value{"data", 1, "tensors, or pieces of them"},
    Value{"attach", 2,
          "client to node: give me a slot for this epoch, or this slot; repeated on a timer until the reply is whole"},
    Value{"attach_reply", 3, "node to client: the slot, and the description of the ports (below) as payload"},
    Value{"detach", 4, "either side leaves the session"},
    Value{"ping", 5, "asks for a pong with the same payload; the first 8 bytes are the asker's clock, in nanoseconds"},
    Value{"pong", 6, "answer to a ping: its payload; flag trace and time_stamp, the answerer's clock"},
    Value{"error", 7,
          "an inference, or (inference_id 0) an attach or all that is in flight, failed: the payload is a u16 code, "
          "table below, and UTF-8 text that begins with the name of the node that found it"},
    Value{"credit", 8, "carries only credit and position (no payload)"},
};

inline constexpr std::array message_flags{
    Value{"first", 0x01, "the payload starts its tensor (tensor_offset is 0)"},
    Value{"last", 0x02, "the payload ends its tensor"},
    Value{"reset", 0x04, "the receiver forgets what it holds of this inference"},
    Value{"trace", 0x08,
          "time_stamp is set; a node traces what it sends for an inference that came traced, and adds up the times"},
};
inline constexpr std::uint8_t known_message_flags = 0x0f;

inline constexpr std::array error_codes{
    Value{"no_session", 1, "the node knows no such session: it restarted, or freed the slot after long silence"},
    Value{"clients_full", 2, "every client slot is taken"},
    Value{"too_many_in_flight", 3,
          "more inferences begun than the description allows: this one, the oldest, was "
          "given up for another"},
    Value{"wrong_kernel", 4, "the destination kernel is not here"},
    Value{"unknown_port", 5, "the kernel has no such port"},
    Value{"bad_length", 6, "payload, offset or flags do not fit the tensor"},
    Value{"overlap", 7, "bytes of a tensor came twice, in differing pieces"},
    Value{"incomplete", 8, "pieces of the inputs never came"},
    Value{"bad_element", 9, "an integer outside its element type's range"},
    Value{"unknown_bank", 10, "the weight bank does not exist"},
    Value{"internal", 11, "the node failed"},
    Value{"node_lost", 12, "a node of the deployment does not answer; with inference_id 0: all in flight failed"},
    Value{"slot_taken", 13, "another client holds this slot here, maybe a dead one: ask again"},
    Value{"not_home", 14, "another node gives out slots: the text says which, and its address"},
    Value{"overloaded", 15, "a queue of the node is full, because somebody does not take what it sends"},
};

// Why a receiver drops a datagram or a frame. The first ones are found by parse(), the others by the session.
inline constexpr std::array drop_causes{
    Value{"too_short", 1, "fewer than 64 bytes: no room for both headers"},
    Value{"bad_magic", 2, ""},
    Value{"bad_version", 3, ""},
    Value{"bad_header_check", 4, ""},
    Value{"bad_type", 5, ""},
    Value{"reserved_bits", 6, "a reserved field or flag is not zero"},
    Value{"no_messages", 7, ""},
    Value{"message_beyond_end", 8, "a message header does not fit the datagram"},
    Value{"payload_beyond_end", 9, ""},
    Value{"gap_not_zero", 10, "between a payload and the next message header"},
    Value{"trailing_bytes", 11, "behind the last payload"},
    Value{"oversized", 12, "more bytes than a datagram of this link may have"},
    Value{"foreign_epoch", 13, "not this session's"},
    Value{"replayed", 14, "seen before, or too old to tell"},
    Value{"unexpected_type", 15, "a frame that this side never receives, or not now"},
    Value{"unknown_inference", 16, "no request waits for it"},
    Value{"duplicate", 17, "this piece of a tensor is here already"},
    Value{"bad_slot", 18, "between nodes: no client can have this slot"},
};

// A table covers its header without holes, in order.
template <std::size_t n>
constexpr bool is_dense(const std::array<Field, n>& fields) {
  std::size_t at = 0;
  for (const Field& field : fields) {
    if (field.offset != at) return false;
    at += field.bytes;
  }
  return at == header_bytes;
}
static_assert(is_dense(frame_fields) && is_dense(message_fields));

}  // namespace algean::wire
