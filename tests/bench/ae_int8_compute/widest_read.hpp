#pragma once

#include <cstddef>
#include <span>

namespace algean::bench {

// Loads every byte once with the widest loads that this CPU has (AVX-512, AVX2, else 16 bytes) and returns a digest of
// them. What a kernel that streams through the same bytes can at best take. `bytes` is 64-byte aligned and a multiple
// of 64 long.
std::size_t read_widest(std::span<const std::byte> bytes);
// Width of these loads.
int widest_read_bits();

}  // namespace algean::bench
