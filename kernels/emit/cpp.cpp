#include "kernels/emit/cpp.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kernels/emit/text.hpp"

namespace algean::kernels::emit {

std::string to_text(const std::vector<std::string>& about, const std::vector<CppRow>& rows) {
  std::string text = comment(about);
  for (const CppRow& row : rows) text += fmt::format("{}({})\n", row.macro, fmt::join(row.arguments, ", "));
  return text;
}

}  // namespace algean::kernels::emit
