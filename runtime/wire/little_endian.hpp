#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace algean::wire {

// The little-endian value at `from`, which need not be aligned.
template <std::integral T>
[[nodiscard]] T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}

template <std::integral T>
void store(std::byte* to, T value) {
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace algean::wire
