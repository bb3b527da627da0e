// Rows of a table in C++ that a hand-written file gives a meaning by macros: ALGEAN_INPUT(in0, "x", 1, 276, 4, 8)
#pragma once

#include <string>
#include <vector>

namespace algean::kernels::emit {

struct CppRow {
  std::string macro;
  std::vector<std::string> arguments;  // expressions
};

// The comment above, then a row a line.
[[nodiscard]] std::string to_text(const std::vector<std::string>& about, const std::vector<CppRow>& rows);

}  // namespace algean::kernels::emit
