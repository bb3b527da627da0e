// Elements in memory (1, 2 or 4 bytes) and on the wire (ceil(bits / 8) bytes).
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "runtime/tensor/tensor.hpp"

namespace algean::wire {

[[nodiscard]] inline std::size_t wire_bytes(const ElementType& type) {
  return (static_cast<std::size_t>(type.bits()) + 7) / 8;
}
[[nodiscard]] inline std::size_t wire_bytes(const TensorType& type) {
  return static_cast<std::size_t>(type.shape.elements()) * wire_bytes(type.element);
}
// Whether a tensor's bytes are the same in memory and on the wire: all but integers of 17 to 24 bits.
[[nodiscard]] inline bool same_in_memory(const ElementType& type) { return wire_bytes(type) == type.bytes(); }

// Memory to wire. Sizes fit `type` and each other.
void pack(const ElementType& type, std::span<const std::byte> memory, std::span<std::byte> wire);
// Wire to memory; returns the index of the first integer outside the type's range, if there is one.
std::optional<std::size_t> unpack(const ElementType& type, std::span<const std::byte> wire,
                                  std::span<std::byte> memory);

}  // namespace algean::wire
