#include "runtime/wire/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "runtime/wire/fields.hpp"

namespace algean::wire {
namespace {

template <class... Args>
void put(std::string& to, fmt::format_string<Args...> text, Args&&... args) {
  fmt::format_to(std::back_inserter(to), text, std::forward<Args>(args)...);
}

std::string c_type(const Field& field) { return fmt::format("std::uint{}_t", field.bytes * 8); }

void put_struct(std::string& to, std::string_view name, std::string_view text, std::span<const Field> fields) {
  put(to, "// {}\nstruct {} {{\n", text, name);
  for (const Field& field : fields) {
    std::string initial = "0";
    if (field.name == "magic") initial = "magic_value";
    if (field.name == "version") initial = "version_value";
    put(to, "  {} {} = {};\n", c_type(field), field.name, initial);
  }
  put(to, "  bool operator==(const {}&) const = default;\n}};\n\n", name);
}

void put_codec(std::string& to, std::string_view name, std::span<const Field> fields) {
  put(to, "inline void encode(const {}& header, std::byte* to) {{\n", name);
  for (const Field& field : fields)
    put(to, "  store<{}>(to + {}, header.{});\n", c_type(field), field.offset, field.name);
  put(to, "}}\n\ninline void decode(const std::byte* from, {}& header) {{\n", name);
  for (const Field& field : fields) {
    put(to, "  header.{} = load<{}>(from + {});\n", field.name, c_type(field), field.offset);
  }
  put(to, "}}\n\n");
}

void put_enum(std::string& to, std::string_view name, std::string_view base, std::span<const Value> values,
              std::string_view zero) {
  put(to, "enum class {} : {} {{\n", name, base);
  if (!zero.empty()) put(to, "  {} = 0,\n", zero);
  for (const Value& value : values) put(to, "  {} = {},\n", value.name, value.value);
  put(to, "}};\n\n");
  put(to, "[[nodiscard]] constexpr std::string_view to_text({} value) {{\n  switch (value) {{\n", name);
  if (!zero.empty()) put(to, "    case {}::{}:\n      return \"{}\";\n", name, zero, zero);
  for (const Value& value : values) {
    put(to, "    case {}::{}:\n      return \"{}\";\n", name, value.name, value.name);
  }
  put(to, "  }}\n  return \"unknown\";\n}}\n\n");
}

// Byte picture: four bytes a row.
void put_picture(std::string& to, std::span<const Field> fields) {
  put(to, "```text\nbyte          +0                 +1                 +2                 +3\n");
  const std::string rule = "      +------------------+------------------+------------------+------------------+\n";
  put(to, "{}", rule);
  std::size_t row = 0;
  std::string line;
  for (const Field& field : fields) {
    for (std::size_t done = 0; done < field.bytes;) {
      const std::size_t take = std::min<std::size_t>(4 - row % 4, field.bytes - done);
      if (line.empty()) line = fmt::format("{:>4}  |", row);
      const std::string name = done == 0 ? std::string(field.name) : fmt::format("({})", field.name);
      put(line, "{:^{}}|", name, take * 19 - 1);
      done += take;
      row += take;
      if (row % 4 == 0) {
        put(to, "{}\n{}", line, rule);
        line.clear();
      }
    }
  }
  put(to, "```\n\n");
}

void put_fields(std::string& to, std::span<const Field> fields) {
  put(to, "| byte | bytes | field | meaning | who writes it | a receiver does with a bad value |\n");
  put(to, "|---|---|---|---|---|---|\n");
  for (const Field& field : fields) {
    put(to, "| {} | {} | `{}`{} | {} | {} | {} |\n", field.offset, field.bytes, field.name,
        field.reserved ? " (reserved)" : "", field.meaning, field.writer, field.bad_value);
  }
  put(to, "\n");
}

void put_values(std::string& to, std::string_view what, std::span<const Value> values) {
  put(to, "| {} | name | meaning |\n|---|---|---|\n", what);
  for (const Value& value : values) put(to, "| {} | `{}` | {} |\n", value.value, value.name, value.meaning);
  put(to, "\n");
}

constexpr std::string_view placement = R"(## A datagram

Everything is little endian. A datagram is a frame header of 32 bytes and 1 to 255 messages, each a header of 32 bytes and its payload.
The first message header stands at byte 32. Every message header fills the upper half of a 64-byte block, so that every payload
starts at a multiple of 64; a further message header stands at the first byte h >= end of the payload before it with h mod 64 = 32.
Bytes between a payload and the next header are zero. The datagram ends with the last payload. Datagrams fill up to the
path MTU and are never IP fragments (DF is set).

```text
   0         32        64            64+276=340  352       384
   +---------+---------+-------------+-----------+---------+----------
   | frame   | message | payload 276 | 12 zeros  | message | payload
   +---------+---------+-------------+-----------+---------+----------
   |<---- block 0 ---->|                         | upper   |
                                                 half of block 5
```

)";

constexpr std::string_view elements = R"(## Tensors and elements

Elements travel channel last (row-major over the shape, the last axis fastest), N bits in ceil(N/8) bytes, sign-extended:
int8 -1 is `ff`; int12 -1 is `ff ff`; uint4 9 is `09`; int20 -2 is `fe ff ff`; float32 1.0 (IEEE 754) is `00 00 80 3f`.
An integer outside its type's range is error `bad_element`. A tensor too large for the rest of a datagram is cut: every piece but
the last has a multiple of 64 bytes, so that every `tensor_offset` is a multiple of 64. Pieces may come in any order. A piece that
is here already is dropped (`duplicate`); one that covers bytes only partly known is error `overlap`. Tensors of several ports, and of
several kernels behind the same link, share datagrams. Input i of a kernel is its port i; the client's port i is external output i.

## A deployment

Its nodes hold kernels with ids from 1 on; clients are kernel 0. Clients send external inputs to the kernels that take them, kernels
send to kernels, and those that make an external output send it to the client. One node is home: it gives out client slots, which
mean the same on every node, as inference ids do.

Two nodes share one session, whose epoch is the deployment's; nobody attaches. The node that dials sends a `ping` that fills a
datagram of the link, 20 ms apart, until the `pong` is there; the other node does so from the first frame on. A node whose peer
refuses datagrams, or is silent for the link timeout, tells home by error `node_lost`; home tells every client. An error that
concerns a client goes to it when it is attached to the node, else over home.

## A session of a client

1. The client sends `attach` (a fresh epoch, client_slot 0xffff, no payload) to home until the reply is whole: 20 ms apart, each
   wait twice the one before. Any other node answers error `not_home`.
2. The node answers `attach_reply` frames: message headers carry the client slot, `inference_id` is the length of the whole
   description, `tensor_offset` the place of this piece. The same epoch again gets the same answer. Another epoch from an
   address that has a session replaces that session when it comes a second time.
3. The client attaches to every other node of the description, with the same epoch and the slot that it was given. A slot that
   another epoch holds there is error `slot_taken`; the node asks the holder for a sign of life, and frees the slot of one that does
   not answer: ask again.
4. `data` both ways. At most `max_in_flight` inferences at once; a kernel gives up the oldest when more begin.
5. `detach`, or silence longer than the idle timeout, frees the slot. A frame of a session that the node does not know is answered
   by error `no_session`.

## Flow control

Each direction of a session has its own. The charge of a data frame is the sum of its payload lengths, at least 512; that of any
other frame is 0. `position` is the charge of all data frames sent before, so a data frame's end is position + charge. A data frame
may be sent when its end does not lie beyond the highest `credit` heard; before any, none may. Comparisons are modulo 2^32: b
lies beyond a when (b - a) mod 2^32 is in 1 to 2^31 - 1.

A receiver keeps the highest end of the frames that it accepted, of every type, and tells credit = end + window, where the window is what
may lie unread at it. Every frame repeats the credit, so old, lost and doubled frames do no harm, and the bytes of a lost frame are
given back by the next one that comes. A `credit` frame goes when half of the window was used since it was last told, and 20 ms
after a change that was not told in two frames. A sender that waits for credit sends a `ping` every 10 ms. `attach_reply`,
`ping` and `pong` carry the first credit.

## The description of an attach reply

A string is a u16 length and as many bytes of UTF-8.

```text
u16 version (2) | u16 max_in_flight | u32 idle_timeout_ms | u32 receive_window_bytes
u16 polling_threads (on home's host, one client included) | string deployment | string node_version
u16 nodes | then, for each, home first: string name | string address (empty: the one that was dialled)
u16 inputs | u16 outputs | then, for each input and then each output:
  string name | u8 kind (0 float32, 1 signed, 2 unsigned) | u8 bits | u8 form (0 float32, 1 integer: what a user hands over)
  u8 quantised (0, 1) | where 1: f64 scale, i32 zero_point | u8 rank | i64 extent, rank times
  an input: u16 destinations | for each: u16 node (its place above) | u16 kernel | u8 port        an output: u16 node
```

Nothing follows. A client refuses a description that breaks this, with the byte where it does.

)";

// A request of 3 elements, byte for byte; the golden test encodes the same.
constexpr std::string_view example = R"(## Example

A `data` frame, epoch 0x0102030405060708, sequence 5, acknowledgement 5: input 0 of inference 7 from client slot 2, three int8: 1, -1, 127.

```text
00: 41 4c 47 4e 01 01 01 00  08 07 06 05 04 03 02 01   magic, version 1, type data, 1 message, flags 0; epoch
10: 05 00 00 00 05 00 00 00  00 00 00 00 75 3f 7a da   sequence, acknowledgement, position, header check
20: 01 00 00 03 00 00 00 00  02 00 03 00 07 00 00 00   kernel 1 port 0, first+last, from 0:0, bank 0; slot 2, 3 bytes, inference 7
30: 00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00   tensor offset, credit, time stamp
40: 01 ff 7f                                           payload
```

)";

}  // namespace

std::string print_codec() {
  std::string out;
  put(out,
      "// Printed from fields.hpp by print.cpp: do not edit. See FORMAT.md.\n#pragma once\n\n#include <cstddef>\n");
  put(out, "#include <cstdint>\n#include <string_view>\n\n#include \"runtime/wire/little_endian.hpp\"\n\n");
  put(out, "namespace algean::wire {{\n\ninline constexpr std::uint32_t magic_value = {:#010x};\n", magic);
  put(out, "inline constexpr std::uint8_t version_value = {};\n\n", version);
  put_enum(out, "FrameType", "std::uint8_t", frame_types, "");
  put_enum(out, "ErrorCode", "std::uint16_t", error_codes, "");
  put_enum(out, "Drop", "std::uint8_t", drop_causes, "none");
  put(out, "inline constexpr std::size_t drop_count = {};\n\n", drop_causes.back().value + 1);
  for (const Value& flag : message_flags) {
    put(out, "inline constexpr std::uint8_t flag_{} = {:#04x};\n", flag.name, flag.value);
  }
  put(out, "\n");
  put_struct(out, "FrameHeader", "Leads a datagram.", frame_fields);
  put_struct(out, "MessageHeader", "Leads a payload.", message_fields);
  put_codec(out, "FrameHeader", frame_fields);
  put_codec(out, "MessageHeader", message_fields);
  put(out, "}}  // namespace algean::wire\n");
  return out;
}

std::string print_format() {
  std::string out = "# Packet layout v1\n\nPrinted from `fields.hpp` by `print.cpp`: do not edit.\n\n";
  out += placement;
  out += "## Frame header\n\n";
  put_picture(out, frame_fields);
  put_fields(out, frame_fields);
  out += "## Message header\n\n";
  put_picture(out, message_fields);
  put_fields(out, message_fields);
  out += "## Frame types\n\n";
  put_values(out, "type", frame_types);
  out += "## Flags of a message\n\nOther bits are reserved: zero, else the datagram is dropped (`reserved_bits`).\n\n";
  put_values(out, "bit mask", message_flags);
  out += "## Error codes\n\nThe text behind the code says what, where and the rule; at most 480 bytes.\n\n";
  put_values(out, "code", error_codes);
  out += "## Why something is dropped\n\nDropped silently and counted by cause.\n\n";
  put_values(out, "cause", drop_causes);
  out += elements;
  out += example;
  return out;
}

}  // namespace algean::wire
