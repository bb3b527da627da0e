#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace algean {

enum class Newlines : bool { replaced, kept };

// The text with control characters replaced by '?': names come from files and messages from the network, and a terminal
// obeys them.
[[nodiscard]] std::string printable(std::string_view text, Newlines newlines = Newlines::replaced);
[[nodiscard]] std::string printable(std::span<const std::byte> text);

}  // namespace algean
