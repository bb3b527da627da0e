#include "partitioner/import_keras/keras_json.hpp"

#include <algorithm>

namespace algean::partitioner {
namespace {

constexpr int max_json_depth = 200;

// Depth of brackets outside of strings: bounded before the parser sees the text.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_json_depth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view where) {
  if (is_too_deep(text)) return bad_input("{}: JSON nested more than {} deep", where, max_json_depth);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::string_view before = text.substr(0, std::min(error.byte > 0 ? error.byte - 1 : 0, text.size()));
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t start = before.rfind('\n');
    const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    const std::string what = error.what();  // "[json.exception.parse_error.101] parse error at line ...: why"
    const std::size_t why = what.find(": ");
    return bad_input("{}:{}:{}: not JSON: {}", where, line, column,
                     why == std::string::npos ? what : what.substr(why + 2));
  } catch (const Json::exception& error) {
    return bad_input("{}: not JSON: {}", where, error.what());
  }
}

const Json* member(const Json& object, const char* key, Json::value_t type) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() && found->type() == type ? &*found : nullptr;
}

std::string text_member(const Json& object, const char* key) {
  const Json* text = member(object, key, Json::value_t::string);
  return text == nullptr ? std::string() : text->get<std::string>();
}

}  // namespace algean::partitioner
