#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/document/node.hpp"

namespace algean::document {
namespace {

using nlohmann::json;

// Takes every event and keeps only the first error.
class Checker final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    at_ = position;
    message_ = error.what();
    return false;
  }

  [[nodiscard]] std::size_t at() const { return at_; }
  // Without the library's "[json.exception...] parse error at line 1, column 2: ".
  [[nodiscard]] std::string message() const {
    const std::size_t column = message_.find("column ");
    const std::size_t end = column == std::string::npos ? column : message_.find(": ", column);
    return end == std::string::npos ? message_ : message_.substr(end + 2);
  }

 private:
  std::size_t at_ = 0;  // count of bytes read, the wrong one included
  std::string message_;
};

}  // namespace

Result<> check_json(std::string_view text, std::string_view name) {
  Checker checker;
  if (json::sax_parse(text, &checker)) return {};
  const std::string_view before = text.substr(0, checker.at() == 0 ? 0 : checker.at() - 1);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return bad_input("{}:{}:{}: not JSON: {}", name, line, before.size() - line_start + 1, checker.message());
}

}  // namespace algean::document
