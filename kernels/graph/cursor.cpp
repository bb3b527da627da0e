#include "kernels/graph/cursor.hpp"

#include <charconv>
#include <set>

namespace algean::kernels {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A whole number or real number, all of `text`; false otherwise.
template <class T, class... Base>
bool convert(std::string_view text, T& value, Base... base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base...);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

std::unexpected<Error> Cursor::expected(std::string_view what) const {
  if (rest_.empty()) return bad_input("expected {}, found the end of the line", what);
  constexpr std::size_t shown = 24;
  std::string found;
  for (const char c : rest_.substr(0, shown)) found += c >= 0x20 && c < 0x7f ? c : '?';
  return bad_input("expected {}, found '{}'", what, found);
}

bool Cursor::take(std::string_view text) {
  if (!rest_.starts_with(text)) return false;
  rest_.remove_prefix(text.size());
  return true;
}

Result<> Cursor::expect(std::string_view text) {
  if (!take(text)) return expected(fmt::format("'{}'", text));
  return {};
}

Result<std::string_view> Cursor::until(char end) {
  const std::size_t length = rest_.find(end);
  if (length == std::string_view::npos) return expected(fmt::format("'{}'", end));
  const std::string_view found = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return found;
}

Result<std::string> Cursor::word() {
  if (rest_.starts_with('"')) return string();
  std::size_t length = 0;
  while (length < rest_.size() && (is_letter(rest_[length]) || (length > 0 && is_digit(rest_[length])))) ++length;
  if (length == 0) return expected("a word");
  std::string result(rest_.substr(0, length));
  rest_.remove_prefix(length);
  return result;
}

Result<std::string> Cursor::string() {
  if (!rest_.starts_with('"')) return expected("a string in double quotes");
  std::string result;
  for (std::size_t at = 1; at < rest_.size(); ++at) {
    if (rest_[at] == '"') {
      rest_.remove_prefix(at + 1);
      return result;
    }
    if (rest_[at] != '\\') {
      result += rest_[at];
      continue;
    }
    const char escape = ++at < rest_.size() ? rest_[at] : '\0';
    unsigned byte = 0;
    if (escape == '"' || escape == '\\') {
      result += escape;
    } else if (escape == 'n') {
      result += '\n';
    } else if (escape == 'x' && rest_.size() > at + 2 && convert(rest_.substr(at + 1, 2), byte, 16)) {
      result += static_cast<char>(byte);
      at += 2;
    } else {
      return bad_input("unknown escape in a string, there are \\\" \\\\ \\n and \\xHH");
    }
  }
  return bad_input("a string is not closed");
}

std::string_view Cursor::number() {
  std::size_t length = 0;
  while (length < rest_.size() && (is_letter(rest_[length]) || is_digit(rest_[length]) || rest_[length] == '.' ||
                                   rest_[length] == '-' || rest_[length] == '+')) {
    ++length;
  }
  return rest_.substr(0, length);
}

Result<std::int64_t> Cursor::integer() {
  const std::string_view text = number();
  std::int64_t value = 0;
  if (!convert(text, value)) return expected("an integer of 64 bits");
  rest_.remove_prefix(text.size());
  return value;
}

Result<std::uint64_t> Cursor::hexadecimal() {
  const std::string_view text = number();
  std::uint64_t value = 0;
  if (!convert(text, value, 16)) return expected("a hexadecimal number");
  rest_.remove_prefix(text.size());
  return value;
}

Result<double> Cursor::real() {
  const std::string_view text = number();
  double value = 0;
  if (!convert(text, value)) return expected("a number");
  rest_.remove_prefix(text.size());
  return value;
}

Result<AttributeValue> Cursor::attribute() {
  if (rest_.starts_with('"')) {
    ALGEAN_ASSIGN(std::string text, string());
    return AttributeValue(std::move(text));
  }
  if (rest_.starts_with('[')) return attribute_list();
  std::int64_t whole = 0;
  const std::string_view text = number();
  if (convert(text, whole)) {
    rest_.remove_prefix(text.size());
    return AttributeValue(whole);
  }
  ALGEAN_ASSIGN(const double value, real());
  return AttributeValue(value);
}

Result<AttributeValue> Cursor::attribute_list() {
  if (take("[.]")) return AttributeValue(std::vector<double>());
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  ALGEAN_TRY(list([&]() -> Result<> {
    if (!rest_.empty() && (rest_.front() == '[' || rest_.front() == '"')) return expected("a number");
    ALGEAN_ASSIGN(const AttributeValue value, attribute());
    if (const auto* whole = std::get_if<std::int64_t>(&value)) integers.push_back(*whole);
    if (const auto* real = std::get_if<double>(&value)) reals.push_back(*real);
    return {};
  }));
  if (!integers.empty() && !reals.empty()) return bad_input("a list holds integers or reals, not both");
  if (!reals.empty()) return AttributeValue(std::move(reals));
  return AttributeValue(std::move(integers));
}

Result<> Cursor::list(const std::function<Result<>()>& item) {
  ALGEAN_TRY(expect("["));
  if (take("]")) return {};
  do {
    ALGEAN_TRY(item());
  } while (take(","));
  return expect("]");
}

Result<> Cursor::map(const std::function<Result<>(const std::string& key)>& item) {
  std::set<std::string> keys;
  ALGEAN_TRY(expect("{"));
  if (take("}")) return {};
  do {
    ALGEAN_ASSIGN(const std::string key, word());
    if (!keys.insert(key).second) return bad_input("duplicate key '{}'", key);
    ALGEAN_TRY(expect("="));
    ALGEAN_TRY(item(key));
  } while (take(","));
  return expect("}");
}

Result<> Cursor::fields(const std::function<Result<>(const std::string& key)>& item) {
  std::set<std::string> keys;
  while (!at_end()) {
    ALGEAN_TRY(expect(" "));
    ALGEAN_ASSIGN(const std::string key, word());
    if (!keys.insert(key).second) return bad_input("duplicate key '{}'", key);
    ALGEAN_TRY(expect("="));
    ALGEAN_TRY(item(key));
  }
  return {};
}

}  // namespace algean::kernels
