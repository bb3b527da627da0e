#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace algean {

// CRC-32C (Castagnoli; RFC 3720, section 12.1 and appendix B.4): reflected polynomial 0x82f63b78, initial value and
// final inversion of all ones. crc32c("123456789") is 0xe3069283. `previous` continues an earlier result.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t previous = 0);

}  // namespace algean
