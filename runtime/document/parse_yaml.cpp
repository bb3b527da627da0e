#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <sstream>

#include "runtime/document/document.hpp"
#include "runtime/document/node.hpp"

namespace algean::document {
namespace {

// Thrown by the handler, through the parser, to parse_yaml().
struct Stop {
  Position position;
  std::string rule;
};

bool is_number(std::string_view text) {
  const auto digits = [&] {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    text.remove_prefix(count);
    return count > 0;
  };
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (!digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!digits()) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (!digits()) return false;
  }
  return text.empty();
}

// Builds the tree out of yaml-cpp's events; refuses what a strict document may not hold as soon as it comes.
class Builder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    stop(mark, "anchors are not accepted ('&" + name + "')");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { stop(mark, "aliases are not accepted"); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add(mark, Kind::null, "null"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    if (tag == "!") {  // yaml-cpp's sign for a quoted or block scalar
      add(mark, Kind::string, value);
      return;
    }
    check_tag(mark, tag);
    const Kind kind = value == "true" || value == "false" ? Kind::boolean
                      : is_number(value)                  ? Kind::number
                                                          : Kind::string;
    add(mark, kind, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    enter(mark, Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    enter(mark, Kind::map);
  }
  void OnSequenceEnd() override { leave(); }
  void OnMapEnd() override { leave(); }

  std::optional<Node> root;

 private:
  struct Open {
    Node node;
    std::optional<Entry> entry;  // of a map, whose key has come and whose value has not
  };

  [[noreturn]] static void stop(const YAML::Mark& mark, std::string rule) {
    throw Stop{{mark.line + 1, mark.column + 1}, std::move(rule)};
  }
  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag != "?" && !tag.empty()) stop(mark, "tags are not accepted ('" + tag + "')");
  }

  void enter(const YAML::Mark& mark, Kind kind) {
    if (open_.size() >= Document::max_depth) {
      stop(mark, fmt::format("nested deeper than {} levels", Document::max_depth));
    }
    Open open;
    open.node.kind = kind;
    open.node.position = {mark.line + 1, mark.column + 1};
    if (!open_.empty() && expects_key()) stop(mark, "a key must be a plain or quoted word");
    open_.push_back(std::move(open));
  }

  void leave() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(node));
  }

  void add(const YAML::Mark& mark, Kind kind, std::string text) {
    const Position position{mark.line + 1, mark.column + 1};
    if (!open_.empty() && expects_key()) {
      for (const Entry& entry : open_.back().node.entries) {
        if (entry.key != text) continue;
        stop(mark, fmt::format("key '{}' stands twice in its map; the first is in line {}", text, entry.position.line));
      }
      open_.back().entry = Entry{std::move(text), position, {}};
      return;
    }
    Node node;
    node.kind = kind;
    node.position = position;
    node.text = std::move(text);
    place(std::move(node));
  }

  [[nodiscard]] bool expects_key() const { return open_.back().node.kind == Kind::map && !open_.back().entry; }

  void place(Node node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Kind::list) {
      parent.node.elements.push_back(std::move(node));
      return;
    }
    parent.entry->value = std::move(node);
    parent.node.entries.push_back(*std::move(parent.entry));
    parent.entry.reset();
  }

  std::vector<Open> open_;
};

}  // namespace

Result<Node> parse_yaml(std::string_view text, std::string_view name) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder;
    if (!parser.HandleNextDocument(builder) || !builder.root) return bad_input("{}: the document is empty", name);
    Node root = *std::move(builder.root);
    if (parser.HandleNextDocument(builder)) return bad_input("{}: holds more than one document", name);
    return root;
  } catch (const Stop& stop) {
    return bad_input("{}:{}:{}: {}", name, stop.position.line, stop.position.column, stop.rule);
  } catch (const YAML::Exception& error) {
    if (error.mark.is_null()) return bad_input("{}: {}", name, error.msg);
    return bad_input("{}:{}:{}: {}", name, error.mark.line + 1, error.mark.column + 1, error.msg);
  } catch (const std::exception& error) {  // the standard library's, out of the parser's depths
    return bad_input("{}: cannot be parsed: {}", name, error.what());
  }
}

}  // namespace algean::document
