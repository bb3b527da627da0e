#include "runtime/document/fields.hpp"

namespace algean::document {

Result<std::string> text(const Element& value) {
  ALGEAN_ASSIGN(std::string result, value.string());
  for (const char character : result) {
    const auto code = static_cast<unsigned char>(character);
    if (code < 0x20 || code == 0x7f) return value.wrong("may not hold control characters");
  }
  return result;
}

Result<std::string> text(const Element& map, std::string_view key) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  return text(value);
}

}  // namespace algean::document
