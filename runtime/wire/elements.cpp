#include "runtime/wire/elements.hpp"

#include <cstring>

#include "runtime/wire/little_endian.hpp"

namespace algean::wire {
namespace {

// `bytes` bytes from `from`, sign- or zero-extended.
std::int64_t load_integer(const std::byte* from, std::size_t bytes, bool is_signed) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= static_cast<std::uint64_t>(from[i]) << (8 * i);
  if (is_signed && (static_cast<unsigned>(from[bytes - 1]) & 0x80U) != 0) value |= ~std::uint64_t{0} << (8 * bytes);
  return static_cast<std::int64_t>(value);
}

void store_integer(std::byte* to, std::size_t bytes, std::int64_t value) {
  for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
}

bool every_value_is_in_range(const ElementType& type) {
  return type.is_float() || static_cast<std::size_t>(type.bits()) == 8 * wire_bytes(type);
}

}  // namespace

void pack(const ElementType& type, std::span<const std::byte> memory, std::span<std::byte> wire) {
  const std::size_t wide = type.bytes();
  const std::size_t narrow = wire_bytes(type);
  ALGEAN_INVARIANT(memory.size() % wide == 0 && memory.size() / wide == wire.size() / narrow);
  if (wide == narrow) {
    std::memcpy(wire.data(), memory.data(), memory.size());
    return;
  }
  for (std::size_t i = 0; i < memory.size() / wide; ++i) {
    store_integer(wire.data() + i * narrow, narrow, load_integer(memory.data() + i * wide, wide, type.is_signed()));
  }
}

std::optional<std::size_t> unpack(const ElementType& type, std::span<const std::byte> wire,
                                  std::span<std::byte> memory) {
  const std::size_t wide = type.bytes();
  const std::size_t narrow = wire_bytes(type);
  ALGEAN_INVARIANT(memory.size() % wide == 0 && memory.size() / wide == wire.size() / narrow);
  if (wide == narrow) std::memcpy(memory.data(), wire.data(), wire.size());
  if (wide == narrow && every_value_is_in_range(type)) return std::nullopt;
  for (std::size_t i = 0; i < memory.size() / wide; ++i) {
    const std::int64_t value = load_integer(wire.data() + i * narrow, narrow, type.is_signed());
    if (value < type.lowest() || value > type.highest()) return i;
    store_integer(memory.data() + i * wide, wide, value);
  }
  return std::nullopt;
}

}  // namespace algean::wire
