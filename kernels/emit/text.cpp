#include "kernels/emit/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/printable.hpp"

namespace algean::kernels::emit {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string identifier(std::string_view name) {
  std::string text;
  if (name.empty() || !(is_letter(name.front()) || name.front() == '_')) text += 'n';
  for (const char c : name) text += is_letter(c) || is_digit(c) ? c : '_';
  return text;
}

std::string comment(std::span<const std::string> lines, std::string_view indent) {
  std::string text;
  for (const std::string& line : lines) {
    std::string shown = printable(line);
    if (shown.ends_with('\\')) shown += " |";  // else the next line would be part of it
    text += fmt::format("{}//{}{}\n", indent, shown.empty() ? "" : " ", shown);
  }
  return text;
}

std::string quoted(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return fmt::format("\"{}\"", result);
}

std::string Names::unique(const std::string& name) {
  std::string candidate = name;
  for (int count = 2; std::ranges::binary_search(taken_, candidate); ++count) {
    candidate = fmt::format("{}_{}", name, count);
  }
  taken_.insert(std::ranges::lower_bound(taken_, candidate), candidate);
  return candidate;
}

}  // namespace algean::kernels::emit
