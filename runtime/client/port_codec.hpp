// Between what a user hands over for a port (its form), the port's elements in memory, and the wire.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/engine/engine.hpp"

namespace algean {

// Bytes of one inference's tensor as the user has it.
[[nodiscard]] std::size_t user_bytes(const Port& port);

// Keeps storage, so that encoding allocates nothing. What it returns is valid until its next use, and may be the
// argument itself.
class InputEncoder {
 public:
  explicit InputEncoder(const Port& port);
  [[nodiscard]] std::size_t user_bytes() const { return user_bytes_; }
  // The user's tensor in wire form, quantised if the port's form is float32. bad_input names the port and the first
  // NaN.
  Result<std::span<const std::byte>> encode(std::span<const std::byte> user);
  // The port's elements in wire form.
  std::span<const std::byte> pack(std::span<const std::byte> memory);

 private:
  Port port_;
  std::size_t user_bytes_;
  Tensor memory_;                // where the user's form is not the port's type
  std::vector<std::byte> wire_;  // where the wire's form is not memory's
};

// Wire form to the port's elements in memory. failed names an element outside its type's range.
Result<> unpack_output(const Port& port, std::span<const std::byte> wire, std::span<std::byte> memory);
// Wire form to the user's tensor.
Result<> decode_output(const Port& port, std::span<const std::byte> wire, std::span<std::byte> user);

}  // namespace algean
