// The tree behind Element, and the two parsers that make and check it. Inside this room only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::document {

struct Position {
  int line = 1;    // from 1
  int column = 1;  // from 1
};

enum class Kind : std::uint8_t { null, boolean, number, string, list, map };

struct Entry;

struct Node {
  Kind kind = Kind::null;
  Position position;
  std::string text;            // of a scalar
  std::vector<Node> elements;  // of a list
  std::vector<Entry> entries;  // of a map
};

struct Entry {
  std::string key;
  Position position;  // of the key
  Node value;
};

struct Source {
  std::string name;
  Node root;
};

// The root of the one document in `text`. Errors start with "name:line:column: ".
Result<Node> parse_yaml(std::string_view text, std::string_view name);

// Whether text is JSON (RFC 8259), which YAML is a superset of.
Result<> check_json(std::string_view text, std::string_view name);

}  // namespace algean::document
