#include "runtime/document/document.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "runtime/base/file.hpp"
#include "runtime/document/node.hpp"

namespace algean {
namespace {

using document::Entry;
using document::Kind;
using document::Node;

// What a value is, for "must be ...; it is ...".
std::string described(const Node& node) {
  switch (node.kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
    case Kind::number:
      return node.text;
    case Kind::string:
      return fmt::format("'{}'", node.text.size() > 60 ? node.text.substr(0, 60) + "..." : node.text);
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
  }
  return "";
}

// Levenshtein's distance (1966): the fewest insertions, deletions and replacements of a character.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// "; did you mean 'precision'?" if a known key is at most a third of its letters away.
std::string suggestion(std::string_view key, std::span<const std::string_view> known) {
  if (key.size() > 60 || known.empty()) return "";
  const auto nearest =
      std::ranges::min_element(known, {}, [&](std::string_view other) { return distance(key, other); });
  if (distance(key, *nearest) > std::max<std::size_t>(1, nearest->size() / 3)) return "";
  return fmt::format("; did you mean '{}'?", *nearest);
}

bool looks_like_json(std::string_view name) { return name.ends_with(".json"); }

// Bounds brackets before any parser sees them. Those in strings and comments count too: no honest file has that many of
// them open at once. Nesting by indentation is bounded while the tree grows.
Result<> check_depth(std::string_view text, std::string_view name) {
  std::size_t depth = 0;
  std::size_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      line_start = i + 1;
    } else if (text[i] == '[' || text[i] == '{') {
      if (++depth > Document::max_depth) {
        return bad_input("{}:{}:{}: nested deeper than {} levels", name, line, i - line_start + 1, Document::max_depth);
      }
    } else if ((text[i] == ']' || text[i] == '}') && depth > 0) {
      --depth;
    }
  }
  return {};
}

}  // namespace

Result<Document> Document::parse(std::string_view text, std::string name) {
  if (text.size() > max_bytes) return bad_input("{}: {} bytes, at most {} are accepted", name, text.size(), max_bytes);
  ALGEAN_TRY(check_depth(text, name));
  if (looks_like_json(name)) ALGEAN_TRY(document::check_json(text, name));
  ALGEAN_ASSIGN(Node root, document::parse_yaml(text, name));
  return Document(std::make_shared<const document::Source>(std::move(name), std::move(root)));
}

Result<Document> Document::read(const std::filesystem::path& path) {
  ALGEAN_ASSIGN(const std::string text, read_text(path, max_bytes));
  return parse(text, path.string());
}

Element Document::root() const { return {source_, &source_->root, ""}; }

Element Element::child(const Node& node, std::string_view key) const {
  return {source_, &node, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key)};
}

std::string Element::where() const {
  return fmt::format("{}:{}:{}", source_->name, node_->position.line, node_->position.column);
}

std::unexpected<Error> Element::wrong(std::string_view rule) const {
  if (path_.empty()) return bad_input("{}: the document {}", where(), rule);
  return bad_input("{}: '{}' {}", where(), path_, rule);
}

std::unexpected<Error> Element::must_be(std::string_view wanted) const {
  return wrong(fmt::format("must be {}; it is {}", wanted, described(*node_)));
}

Result<> Element::check_keys(std::span<const std::string_view> known) const {
  if (node_->kind != Kind::map) return must_be("a map");
  for (const Entry& entry : node_->entries) {
    if (std::ranges::find(known, std::string_view(entry.key)) != known.end()) continue;
    return bad_input("{}:{}:{}: unknown key '{}'{}; known are {}", source_->name, entry.position.line,
                     entry.position.column, path_.empty() ? entry.key : fmt::format("{}.{}", path_, entry.key),
                     suggestion(entry.key, known), fmt::join(known, ", "));
  }
  return {};
}

Result<> Element::check_keys(std::initializer_list<std::string_view> known) const {
  return check_keys(std::span(known.begin(), known.size()));
}

Result<Element> Element::at(std::string_view key) const {
  if (node_->kind != Kind::map) return must_be("a map");
  if (auto found = find(key)) return *std::move(found);
  return wrong(fmt::format("needs the key '{}'", key));
}

std::optional<Element> Element::find(std::string_view key) const {
  const auto found = std::ranges::find(node_->entries, key, &Entry::key);
  if (found == node_->entries.end()) return std::nullopt;
  return child(found->value, key);
}

Result<std::vector<std::pair<std::string, Element>>> Element::entries() const {
  if (node_->kind != Kind::map) return must_be("a map");
  std::vector<std::pair<std::string, Element>> result;
  for (const Entry& entry : node_->entries) result.emplace_back(entry.key, child(entry.value, entry.key));
  return result;
}

Result<std::vector<Element>> Element::list() const {
  if (node_->kind != Kind::list) return must_be("a list");
  std::vector<Element> result;
  for (const Node& node : node_->elements) {
    result.push_back(Element(source_, &node, fmt::format("{}[{}]", path_, result.size())));
  }
  return result;
}

Result<std::string> Element::string() const {
  if (node_->kind != Kind::string) {
    const bool plain = node_->kind == Kind::number || node_->kind == Kind::boolean;
    return must_be(plain ? "a string (in quotes)" : "a string");
  }
  if (node_->text.empty()) return must_be("a string that is not empty");
  return node_->text;
}

Result<bool> Element::boolean() const {
  if (node_->kind != Kind::boolean) return must_be("true or false");
  return node_->text == "true";
}

Result<std::int64_t> Element::integer(std::int64_t lowest, std::int64_t highest) const {
  std::int64_t value = 0;
  std::string_view text = node_->text;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = node_->kind == Kind::number && error == std::errc() && end == text.data() + text.size();
  if (!whole || value < lowest || value > highest) {
    return must_be(fmt::format("an integer from {} to {}", lowest, highest));
  }
  return value;
}

Result<double> Element::number() const {
  double value = 0;
  std::string_view text = node_->text;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (node_->kind != Kind::number || error != std::errc() || end != text.data() + text.size()) {
    return must_be("a number");
  }
  return value;
}

Result<std::size_t> Element::one_of(std::span<const std::string_view> choices) const {
  if (node_->kind == Kind::string) {
    const auto found = std::ranges::find(choices, std::string_view(node_->text));
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  }
  return must_be(fmt::format("one of {}", fmt::join(choices, ", ")));
}

Result<std::size_t> Element::one_of(std::initializer_list<std::string_view> choices) const {
  return one_of(std::span(choices.begin(), choices.size()));
}

}  // namespace algean
