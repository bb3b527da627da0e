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
  [[nodiscard]] bool complete() const { return complete_ == tensors_.size(); }
  [[nodiscard]] std::span<const std::byte> bytes(std::size_t port) const { return tensors_[port].storage.bytes(); }
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
  std::vector<Part> tensors_;
  std::size_t complete_ = 0;
};

// Cuts the tensors of one inference into messages: next() fills one datagram after the other.
class Cutter {
 public:
  // `common` gives kernels, slot, bank and inference; `tensors[i]` is port i, in wire form, and must outlive the
  // cutter.
  Cutter(const MessageHeader& common, std::span<const std::span<const std::byte>> tensors)
      : header_(common), tensors_(tensors) {}

  [[nodiscard]] bool done() const { return port_ == tensors_.size(); }
  // Adds as many messages as fit to a writer that was just started.
  void next(DatagramWriter& writer);

 private:
  MessageHeader header_;
  std::span<const std::span<const std::byte>> tensors_;
  std::size_t port_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace algean::wire
