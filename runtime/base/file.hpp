// Whole files. Every error names the file and the system's reason.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean {

inline constexpr std::size_t max_file_bytes = std::size_t{4} << 30U;

// The file's bytes. bad_input when it is missing, unreadable, no regular file, or larger than max_bytes.
Result<std::vector<std::byte>> read_file(const std::filesystem::path& path, std::size_t max_bytes = max_file_bytes);
Result<std::string> read_text(const std::filesystem::path& path, std::size_t max_bytes = max_file_bytes);
// At most the first `count` bytes of it.
Result<std::vector<std::byte>> read_start(const std::filesystem::path& path, std::size_t count);

// Writes to a temporary neighbour, syncs and renames: the file is whole or as it was before. failed on a full disk.
Result<> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
Result<> write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace algean
