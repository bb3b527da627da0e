// Between an inference's tensors and the messages that carry pieces of them. See FORMAT.md, "Tensors and elements".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/tensor/tensor.hpp"
#include "runtime/wire/datagram.hpp"

namespace algean::wire {

// What became of a piece.
enum class Piece : std::uint8_t {
  accepted,
  duplicate,     // all of it was here already
  overlap,       // some of it was here already
  misaligned,    // offset, or the length of a piece that is not the last, is no multiple of 64
  beyond_end,    // reaches past the tensor
  empty,         // no bytes
  wrong_flags,   // first or last contradict the offset and length
  unknown_port,  // no such tensor
};
[[nodiscard]] std::string_view to_text(Piece piece);

// The tensors of one inference while their pieces come in, in any order. Allocates only when made.
class Assembly {
 public:
  // Sizes on the wire of the tensors, by port.
  explicit Assembly(std::span<const std::size_t> tensor_bytes);

  // Forgets every piece.
  void reset();
  Piece add(const MessageHeader& header, std::span<const std::byte> payload);
  // A whole tensor, as from a kernel of the same process; its size is the port's. accepted, or duplicate or overlap
  // when some of it was here.
  Piece add_whole(std::size_t port, std::span<const std::byte> tensor);
  [[nodiscard]] bool complete() const { return complete_ == tensors_.size(); }
  [[nodiscard]] std::span<const std::byte> bytes(std::size_t port) const { return tensors_[port].storage.bytes(); }
  [[nodiscard]] std::size_t ports() const { return tensors_.size(); }
  // The first port that lacks bytes and the first byte it lacks. Only while not complete().
  struct Missing {
    std::size_t port;
    std::size_t byte;
    std::size_t of;
  };
  [[nodiscard]] Missing missing() const;

 private:
  struct Part {
    Tensor storage;
    std::vector<std::uint64_t> blocks;  // bit i: block i is here
    std::size_t received_bytes = 0;
  };
  Piece put(Part& part, std::size_t offset, std::span<const std::byte> payload);

  std::vector<Part> tensors_;
  std::size_t complete_ = 0;
};

// A tensor on its way to a port of a kernel; bytes in wire form, all of it.
struct Shipment {
  std::uint16_t destination_kernel = 0;
  std::uint8_t destination_port = 0;
  std::uint8_t source_port = 0;
  std::span<const std::byte> bytes;
};

// Cuts what one inference sends over one link into messages: next() fills one datagram after the other.
class Cutter {
 public:
  // `common` gives the source kernel, slot, bank, inference, time stamp, and flags beside first and last. The shipments
  // outlive the cutter.
  Cutter(const MessageHeader& common, std::span<const Shipment> shipments) : header_(common), shipments_(shipments) {}

  [[nodiscard]] bool done() const { return at_ == shipments_.size(); }
  // Adds as many messages as fit to a writer that was just started.
  void next(DatagramWriter& writer);

 private:
  MessageHeader header_;
  std::span<const Shipment> shipments_;
  std::size_t at_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace algean::wire
