// What every generated file has.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace algean::kernels::emit {

// A name that SystemVerilog and C++ take: letters, digits and '_'; other characters become '_', and "n" comes before a
// name that would start with a digit. Not unique, and it may be a keyword: callers add a prefix.
[[nodiscard]] std::string identifier(std::string_view name);

// "// line" for each line, control characters replaced; none ends with a backslash, which would continue it.
[[nodiscard]] std::string comment(std::span<const std::string> lines, std::string_view indent = "");

// A string literal of both languages: quotes and backslashes escaped, control characters replaced by '?'.
[[nodiscard]] std::string quoted(std::string_view text);

// Hands out names that differ: the second "conv" is "conv_2".
class Names {
 public:
  [[nodiscard]] std::string unique(const std::string& name);

 private:
  std::vector<std::string> taken_;
};

}  // namespace algean::kernels::emit
