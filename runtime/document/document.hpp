#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean {

namespace document {
struct Node;
struct Source;
}  // namespace document

// One value of a document. Cheap to copy; it keeps its document alive. Every error carries file:line:column and the
// path of keys that leads to the value ("precision.layers.dense_1", "nodes[2].name").
class Element {
 public:
  // A map that has no keys but these; the error suggests the nearest of them.
  [[nodiscard]] Result<> check_keys(std::span<const std::string_view> known) const;
  [[nodiscard]] Result<> check_keys(std::initializer_list<std::string_view> known) const;
  // A key's value. at(): bad_input if this is no map or lacks the key. find(): nothing in these cases.
  [[nodiscard]] Result<Element> at(std::string_view key) const;
  [[nodiscard]] std::optional<Element> find(std::string_view key) const;
  // The entries of a map with free keys, the elements of a list; in the file's order.
  [[nodiscard]] Result<std::vector<std::pair<std::string, Element>>> entries() const;
  [[nodiscard]] Result<std::vector<Element>> list() const;

  // "1" is a string and 1 a number, never the other way round. A string may not be empty.
  [[nodiscard]] Result<std::string> string() const;
  [[nodiscard]] Result<bool> boolean() const;
  [[nodiscard]] Result<std::int64_t> integer(std::int64_t lowest, std::int64_t highest) const;  // 3, but not 3.0
  [[nodiscard]] Result<double> number() const;                                                  // finite
  // The index of the string in `choices`.
  [[nodiscard]] Result<std::size_t> one_of(std::span<const std::string_view> choices) const;
  [[nodiscard]] Result<std::size_t> one_of(std::initializer_list<std::string_view> choices) const;

  // bad_input "file:line:column: 'path' RULE".
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view rule) const;
  // "file:line:column"
  [[nodiscard]] std::string where() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  friend class Document;
  Element(std::shared_ptr<const document::Source> source, const document::Node* node, std::string path)
      : source_(std::move(source)), node_(node), path_(std::move(path)) {}
  [[nodiscard]] Element child(const document::Node& node, std::string_view key) const;
  [[nodiscard]] std::unexpected<Error> must_be(std::string_view wanted) const;

  std::shared_ptr<const document::Source> source_;
  const document::Node* node_;
  std::string path_;
};

// A YAML 1.2 document, or a JSON one: `name` is the file's and decides, as messages show it.
class Document {
 public:
  static constexpr std::size_t max_bytes = std::size_t{4} << 20U;
  static constexpr std::size_t max_depth = 64;

  static Result<Document> parse(std::string_view text, std::string name);
  static Result<Document> read(const std::filesystem::path& path);

  [[nodiscard]] Element root() const;

 private:
  explicit Document(std::shared_ptr<const document::Source> source) : source_(std::move(source)) {}
  std::shared_ptr<const document::Source> source_;
};

}  // namespace algean
