#include "cluster/deploy/log_tail.hpp"

#include <algorithm>
#include <fstream>

namespace algean::cluster {

std::string last_lines(const std::filesystem::path& file, std::size_t count) {
  constexpr std::streamoff most_bytes = 1 << 20;
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream || count == 0) return {};
  const std::streamoff size = stream.tellg();
  std::string text(static_cast<std::size_t>(std::min(size, most_bytes)), '\0');
  stream.seekg(std::max(std::streamoff{0}, size - most_bytes));
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::size_t begin = text.size() + 1;  // of the lines taken so far
  for (std::size_t line = 0; line < count && begin > 0; ++line) {
    const std::size_t newline = begin < 2 ? std::string::npos : text.rfind('\n', begin - 2);
    begin = newline == std::string::npos ? 0 : newline + 1;
  }
  return text.substr(begin);
}

}  // namespace algean::cluster
