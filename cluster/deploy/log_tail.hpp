#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace algean::cluster {

// The last `count` lines of a text file, without the final newline; of a long file, what its last 1 MiB holds. Empty
// where it cannot be read.
std::string last_lines(const std::filesystem::path& file, std::size_t count);

}  // namespace algean::cluster
