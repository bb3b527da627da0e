// Fields of the files that we write ourselves and read strictly: plan.json, node.json.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/document/document.hpp"

namespace algean::document {

// A string that may be shown on a terminal.
Result<std::string> text(const Element& value);
Result<std::string> text(const Element& map, std::string_view key);

// An integer within bounds that fit T.
template <std::integral T>
Result<T> number(const Element& value, std::int64_t lowest, std::int64_t highest) {
  ALGEAN_ASSIGN(const std::int64_t result, value.integer(lowest, highest));
  return static_cast<T>(result);
}
template <std::integral T>
Result<T> number(const Element& map, std::string_view key, std::int64_t lowest, std::int64_t highest) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  return number<T>(value, lowest, highest);
}

// What `read` makes of each element.
template <class Read>
auto list(const Element& value, const Read& read) -> Result<std::vector<typename decltype(read(value))::value_type>> {
  std::vector<typename decltype(read(value))::value_type> result;
  ALGEAN_ASSIGN(const auto elements, value.list());
  for (const Element& element : elements) {
    ALGEAN_ASSIGN(auto item, read(element));
    result.push_back(std::move(item));
  }
  return result;
}
template <class Read>
auto list(const Element& map, std::string_view key, const Read& read) -> decltype(list(map, read)) {
  ALGEAN_ASSIGN(const Element value, map.at(key));
  return list(value, read);
}

}  // namespace algean::document
