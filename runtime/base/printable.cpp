#include "runtime/base/printable.hpp"

namespace algean {

std::string printable(std::string_view text, Newlines newlines) {
  std::string clean(text);
  for (char& c : clean) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (is_control && !(c == '\n' && newlines == Newlines::kept)) c = '?';
  }
  return clean;
}

std::string printable(std::span<const std::byte> text) {
  return printable(std::string_view(reinterpret_cast<const char*>(text.data()), text.size()));
}

}  // namespace algean
