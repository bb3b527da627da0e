// A JSON schema beside a parser of our own: both must give one verdict on each file of a corpus.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "runtime/base/file.hpp"

namespace algean::testing_support {

struct CommandOutput {
  std::string text;
  int status = -1;  // as wait(2) gives it
};

inline CommandOutput run_command(const std::string& command) {
  CommandOutput output;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.text.append(buffer.data(), got);
  output.status = ::pclose(pipe);
  return output;
}

// Gives a verdict a file, in one run of python3-jsonschema.
inline constexpr std::string_view validator = R"(
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(77)
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    print("good" if validator.is_valid(json.load(open(path))) else "bad")
)";

// Cases have `text`, `message` (empty: the parser takes it) and `schema_can_see`. `schema` is a path in the source
// tree. Skips where there is no validator.
template <class Cases>
void expect_same_verdicts(const std::filesystem::path& folder, const std::string& schema, const Cases& cases) {
  const char* source = std::getenv("ALGEAN_SOURCE");  // NOLINT(concurrency-mt-unsafe): one thread
  ASSERT_NE(source, nullptr);
  ASSERT_TRUE(write_text(folder / "validate.py", validator));
  std::string command = fmt::format("/usr/bin/python3 {}/validate.py {}/{}", folder.string(), source, schema);
  std::string wanted;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!cases[i].schema_can_see) continue;
    const auto path = folder / fmt::format("case{}.json", i);
    ASSERT_TRUE(write_text(path, cases[i].text));
    command.append(" ").append(path.string());
    wanted += cases[i].message.empty() ? "good\n" : "bad\n";
  }
  const CommandOutput output = run_command(command);
  if (WEXITSTATUS(output.status) == 77 || WEXITSTATUS(output.status) == 127) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  EXPECT_EQ(output.status, 0);
  EXPECT_EQ(output.text, wanted);
}

}  // namespace algean::testing_support
