#include "runtime/base/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace algean {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? 0x82f63b78U : 0U);
    table.at(byte) = value;
  }
  return table;
}
constexpr auto table = make_table();

std::uint32_t portable(std::span<const std::byte> bytes, std::uint32_t value) {
  for (const std::byte byte : bytes) value = (value >> 8U) ^ table[(value ^ static_cast<std::uint32_t>(byte)) & 0xffU];
  return value;
}

#if defined(__x86_64__)
[[gnu::target("sse4.2")]] std::uint32_t sse42(std::span<const std::byte> bytes, std::uint32_t value) {
  std::uint64_t wide = value;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  value = static_cast<std::uint32_t>(wide);
  for (; at < bytes.size(); ++at) value = _mm_crc32_u8(value, static_cast<std::uint8_t>(bytes[at]));
  return value;
}
#endif

using Function = std::uint32_t (*)(std::span<const std::byte>, std::uint32_t);

Function choose() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return sse42;
#endif
  return portable;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t previous) {
  static const Function function = choose();
  return ~function(bytes, ~previous);
}

}  // namespace algean
