#include "runtime/document/document.hpp"

#include <gmock/gmock.h>

#include "runtime/base/random.hpp"
#include "runtime/document/fields.hpp"

namespace algean {
namespace {

using ::testing::HasSubstr;

std::string parse_error(std::string_view text, const std::string& name = "a.yaml") {
  const auto document = Document::parse(text, name);
  if (document) return "accepted";
  EXPECT_EQ(document.error().kind, ErrorKind::bad_input);
  return document.error().message;
}

Element root_of(std::string_view text, const std::string& name = "a.yaml") {
  const auto document = Document::parse(text, name);
  EXPECT_TRUE(document) << document.error().message;
  return document->root();
}

template <class T>
std::string message(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

constexpr std::string_view sample = R"({
  "version": 1,
  "name": "jet\u0020\/ \"tagger\"",
  "ratio": -2.5e-3,
	"list":[1,"1",true,null,[]],
  "map": {"inner": {"deep": "x"}}
}
)";

TEST(Document, ReadsJsonWithItsTypes) {
  const Element root = root_of(sample, "a.json");
  EXPECT_EQ(root.at("version")->integer(1, 1), 1);
  EXPECT_EQ(root.at("name")->string(), "jet / \"tagger\"");
  EXPECT_EQ(root.at("ratio")->number(), -2.5e-3);
  const auto list = root.at("list")->list();
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 5);
  EXPECT_EQ(list->at(0).integer(0, 9), 1);
  EXPECT_EQ(list->at(1).string(), "1");
  EXPECT_EQ(list->at(2).boolean(), true);
  EXPECT_EQ(root.at("map")->at("inner")->at("deep")->string(), "x");
  EXPECT_FALSE(root.find("other"));
  EXPECT_EQ(root.entries()->at(3).first, "list");
}

TEST(Document, ReadsYamlWithItsTypes) {
  const Element root = root_of("version: 1  # the first\nname: jet tagger\nflag: false\nlist:\n  - 1.0\n  - yes\n");
  EXPECT_EQ(root.at("version")->integer(0, 2), 1);
  EXPECT_EQ(root.at("name")->string(), "jet tagger");
  EXPECT_EQ(root.at("flag")->boolean(), false);
  EXPECT_EQ(root.at("list")->list()->at(1).string(), "yes");  // YAML 1.2: a word
}

TEST(Document, WrongTypesCarryLineColumnAndPath) {
  const Element root = root_of(sample, "net.json");
  EXPECT_EQ(message(root.at("version")->string()), "net.json:2:14: 'version' must be a string (in quotes); it is 1");
  EXPECT_EQ(message(root.at("version")->boolean()), "net.json:2:14: 'version' must be true or false; it is 1");
  EXPECT_EQ(message(root.at("version")->integer(2, 3)),
            "net.json:2:14: 'version' must be an integer from 2 to 3; it is 1");
  EXPECT_EQ(message(root.at("name")->integer(0, 1)),
            "net.json:3:11: 'name' must be an integer from 0 to 1; it is 'jet / \"tagger\"'");
  EXPECT_EQ(message(root.at("ratio")->integer(0, 1)),
            "net.json:4:12: 'ratio' must be an integer from 0 to 1; it is -2.5e-3");
  const auto list = *root.at("list")->list();
  EXPECT_EQ(message(list[1].number()), "net.json:5:12: 'list[1]' must be a number; it is '1'");
  EXPECT_EQ(message(list[1].integer(0, 9)), "net.json:5:12: 'list[1]' must be an integer from 0 to 9; it is '1'");
  EXPECT_EQ(message(list[3].string()), "net.json:5:21: 'list[3]' must be a string; it is null");
  EXPECT_EQ(message(list[4].at("x")), "net.json:5:26: 'list[4]' must be a map; it is a list");
  EXPECT_EQ(message(root.at("map")->list()), "net.json:6:10: 'map' must be a list; it is a map");
  EXPECT_EQ(message(root.at("map")->at("inner")->at("deep")->entries()),
            "net.json:6:29: 'map.inner.deep' must be a map; it is 'x'");
  EXPECT_EQ(message(root.string()), "net.json:1:1: the document must be a string; it is a map");
}

TEST(Document, OneOfNamesTheChoices) {
  const Element root = root_of("a: int9\nb: int8\nc: \"\"\n");
  EXPECT_EQ(message(root.at("a")->one_of({"int8", "float"})),
            "a.yaml:1:4: 'a' must be one of int8, float; it is 'int9'");
  EXPECT_EQ(root.at("b")->one_of({"float", "int8"}), 1);
  EXPECT_EQ(message(root.at("c")->string()), "a.yaml:3:4: 'c' must be a string that is not empty; it is ''");
}

TEST(Document, MissingAndUnknownKeys) {
  const Element root = root_of("model:\n  file: x\n  wieghts: y\nname: z\n");
  EXPECT_EQ(message(root.at("version")), "a.yaml:1:1: the document needs the key 'version'");
  EXPECT_EQ(message(root.at("model")->at("weights")), "a.yaml:2:3: 'model' needs the key 'weights'");
  EXPECT_EQ(message(root.at("model")->check_keys({"file", "weights"})),
            "a.yaml:3:3: unknown key 'model.wieghts'; did you mean 'weights'?; known are file, weights");
  EXPECT_EQ(message(root.check_keys({"model", "version"})), "a.yaml:4:1: unknown key 'name'; known are model, version");
  EXPECT_EQ(message(root.at("name")->check_keys({"a"})), "a.yaml:4:7: 'name' must be a map; it is 'z'");
  EXPECT_TRUE(root.check_keys({"model", "name"}));
}

TEST(Document, RejectsDuplicateKeys) {
  EXPECT_EQ(parse_error("{\"a\": 1,\n \"b\": {},\n \"a\": 1}", "a.json"),
            "a.json:3:2: key 'a' stands twice in its map; the first is in line 1");
  EXPECT_EQ(parse_error("a: 1\n'a': 2\n"), "a.yaml:2:1: key 'a' stands twice in its map; the first is in line 1");
}

TEST(Document, RejectsAnchorsAliasesAndTags) {
  EXPECT_EQ(parse_error("a: &x 1\nb: *x\n"), "a.yaml:1:4: anchors are not accepted ('&x')");
  EXPECT_THAT(parse_error("b: *x\n"), HasSubstr("a.yaml:1:4: "));
  EXPECT_EQ(parse_error("a: !!str 1\n"), "a.yaml:1:4: tags are not accepted ('tag:yaml.org,2002:str')");
  EXPECT_EQ(parse_error("a: !x [1]\n"), "a.yaml:1:4: tags are not accepted ('!x')");
  EXPECT_EQ(parse_error("a: !x {}\n"), "a.yaml:1:4: tags are not accepted ('!x')");
  EXPECT_EQ(parse_error("? [1]\n: 2\n"), "a.yaml:1:3: a key must be a plain or quoted word");
}

TEST(Document, RejectsBadSyntaxWithLineAndColumn) {
  EXPECT_EQ(parse_error("a: [1,\nb: 2\n"), "a.yaml:3:1: end of sequence flow not found");
  EXPECT_THAT(parse_error("a: b: c\n"), HasSubstr("a.yaml:1:5: illegal map value"));
  EXPECT_THAT(parse_error("a: 1\n b: 2\n"), HasSubstr("a.yaml:2:3: illegal map value"));
  EXPECT_EQ(parse_error(""), "a.yaml: the document is empty");
  EXPECT_EQ(parse_error("# nothing\n"), "a.yaml: the document is empty");
  EXPECT_EQ(parse_error("a: 1\n---\nb: 2\n"), "a.yaml: holds more than one document");
}

TEST(Document, AJsonFileMustBeJson) {
  EXPECT_THAT(parse_error("{\n  \"a\": 1, // one\n  \"b\": 2}", "a.json"), HasSubstr("a.json:2:11: not JSON: "));
  EXPECT_THAT(parse_error("{a: 1}", "a.json"), HasSubstr("a.json:1:2: not JSON: "));
  EXPECT_THAT(parse_error("{\"a\": 1,}", "a.json"), HasSubstr("a.json:1:9: not JSON: "));
  EXPECT_THAT(parse_error("{\"a\": 01}", "a.json"), HasSubstr("a.json:1:8: not JSON: "));
  EXPECT_THAT(parse_error("{\"a\": 1", "a.json"), HasSubstr("a.json:1:8: not JSON: "));
  EXPECT_THAT(parse_error("a: 1\n", "a.json"), HasSubstr("a.json:1:1: not JSON: "));
  EXPECT_THAT(parse_error("", "a.json"), HasSubstr("not JSON: "));
  EXPECT_EQ(parse_error("{a: 1}", "a.yaml"), "accepted");
}

TEST(Document, BoundsSizeAndDepth) {
  EXPECT_EQ(parse_error(std::string(Document::max_bytes + 1, ' ')),
            "a.yaml: 4194305 bytes, at most 4194304 are accepted");
  const std::string rule = "nested deeper than 64 levels";
  EXPECT_THAT(parse_error(std::string(100'000, '[')), HasSubstr(rule));
  EXPECT_THAT(parse_error(std::string(100'000, '[') + std::string(100'000, ']'), "a.json"), HasSubstr(rule));
  EXPECT_THAT(parse_error(std::string(65, '[') + std::string(65, ']'), "a.json"), HasSubstr("a.json:1:65: " + rule));
  EXPECT_EQ(parse_error(std::string(64, '[') + std::string(64, ']'), "a.json"), "accepted");
  std::string maps;
  for (int i = 0; i < 100'000; ++i) maps += "{\"a\":";
  EXPECT_THAT(parse_error(maps), HasSubstr(rule));
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_THAT(parse_error(dashes + "1\n"), HasSubstr(rule));
  std::string indented;
  for (int i = 0; i < 1000; ++i) indented += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(parse_error(indented), HasSubstr(rule));
  EXPECT_NE(parse_error(std::string(100'000, '{')), "accepted");
  EXPECT_NE(parse_error(std::string(100'000, '?') + "\n"), "");
}

TEST(Document, NamesAMissingFile) {
  EXPECT_EQ(message(Document::read("/nonexistent/net.json")),
            "/nonexistent/net.json: cannot read: No such file or directory");
}

TEST(Document, SurvivesMutations) {
  const std::string yaml = "version: 1\nname: \"x\"\nmap: {a: [1, 2], 'b': |\n  text\n}\nlist:\n- 1\n- k: v\n";
  Random random(31);
  int rejected = 0;
  for (int i = 0; i < 10000; ++i) {
    const bool json = i % 2 == 0;
    std::string bad = json ? std::string(sample) : yaml;
    constexpr std::string_view structure = "{}[],:\"'&*!|>%@-?# \n\t\\";
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes) {
      bad[random.below(bad.size())] =
          random.below(2) == 0 ? structure[random.below(structure.size())] : static_cast<char>(random.next() & 0xffU);
    }
    const auto document = Document::parse(bad, json ? "a.json" : "a.yaml");
    if (!document) {
      ++rejected;
      EXPECT_TRUE(document.error().message.starts_with(json ? "a.json:" : "a.yaml:")) << document.error().message;
    }
  }
  EXPECT_GT(rejected, 3000);
}

TEST(Fields, TextMayBeShownOnATerminal) {
  const auto document =
      Document::parse(R"({"good": "caf\u00e9", "bad": "a\u001b[2J", "many": [1, 2, 70000]})", "f.json");
  ASSERT_TRUE(document) << document.error().message;
  const Element root = document->root();
  EXPECT_EQ(document::text(root, "good").value(), "caf\u00e9");
  const auto bad = document::text(root, "bad");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "f.json:1:30: 'bad' may not hold control characters");
  const auto many = document::list(
      root, "many", [](const Element& element) { return document::number<std::uint16_t>(element, 0, 0xffff); });
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().message.find("'many[2]'"), std::string::npos) << many.error().message;
}

}  // namespace
}  // namespace algean
