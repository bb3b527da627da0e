// The three array formats over bytes in memory; array_file.hpp adds the files. Errors start with `where`.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/tensor/array_file.hpp"

namespace algean {

// Format: numpy/lib/format.py ("Format Version 1.0" to "3.0"). Stricter than NumPy: no bytes may follow the elements.
Result<Tensor> parse_npy(std::span<const std::byte> bytes, std::string_view where);
std::vector<std::byte> print_npy(const Tensor& tensor);

inline constexpr std::size_t max_npz_entries = 4096;
inline constexpr std::size_t max_npz_bytes = std::size_t{4} << 30U;  // of all entries together, uncompressed
Result<std::vector<NamedArray>> parse_npz(std::span<const std::byte> bytes, std::string_view where);
// bad_input if two arrays have the same name.
Result<std::vector<std::byte>> print_npz(std::span<const NamedArray> arrays);

Result<Tensor> parse_csv(std::string_view text, std::string_view where);
std::string print_csv(const Tensor& tensor);

}  // namespace algean
