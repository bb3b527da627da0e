#include "partitioner/net/net.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "runtime/base/file.hpp"
#include "tests/unit/partitioner/net/corpus.hpp"

namespace algean::partitioner {
namespace {

class NetFile : public ::testing::Test {
 protected:
  NetFile() : folder_(std::filesystem::temp_directory_path() / fmt::format("algean-net-{}", ::getpid())) {
    std::filesystem::create_directories(folder_);
    for (const char* name : {"m.h5", "w.h5", "x.npy", "y.npy"}) EXPECT_TRUE(write_text(folder_ / name, ""));
  }
  ~NetFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Result<Net> read(std::string_view text, const std::string& name = "net.json") const {
    EXPECT_TRUE(write_text(folder_ / name, text));
    return read_net(folder_ / name);
  }

  std::filesystem::path folder_;
};

TEST_F(NetFile, KeepsEverything) {
  const auto net = read(whole_net);
  ASSERT_TRUE(net) << net.error().message;
  EXPECT_EQ(net->file, folder_ / "net.json");
  EXPECT_EQ(net->name, "jet-tagger_3.layer");
  EXPECT_EQ(net->model.file.path, folder_ / "m.h5");
  EXPECT_EQ(net->model.weights->path, folder_ / "w.h5");
  EXPECT_EQ(net->model.weights->where, (folder_ / "net.json").string() + ":4:40");
  EXPECT_EQ(net->precision, Precision::int8);
  ASSERT_EQ(net->layer_precisions.size(), 2);
  EXPECT_EQ(net->layer_precisions[0].layer, "dense_1");
  EXPECT_EQ(net->layer_precisions[0].precision, Precision::float32);
  EXPECT_EQ(net->calibration->method, Net::Calibration::Method::percentile);
  EXPECT_EQ(net->calibration->percentile, 99.5);
  EXPECT_EQ(net->check->expected->tolerance, 0.25);
  EXPECT_EQ(net->io.input, Net::Form::float32);
  EXPECT_EQ(net->io.output, Net::Form::integer);
  EXPECT_EQ(net->target->interval_cycles, 4);
  EXPECT_EQ(net->target->clock_mhz, 250);
  ASSERT_EQ(net->layers.size(), 2);
  EXPECT_EQ(net->layers[0].node, "a");
  EXPECT_EQ(net->layers[0].reuse_factor, 2);
  EXPECT_FALSE(net->layers[1].node);
}

TEST_F(NetFile, DefaultsOfAShortOne) {
  const auto net = read(R"({"version": 1, "name": "n", "model": {"file": "m.h5"}})");
  ASSERT_TRUE(net) << net.error().message;
  EXPECT_EQ(net->precision, Precision::int8);
  EXPECT_FALSE(net->model.weights || net->calibration || net->check || net->target);
  EXPECT_EQ(net->io.output, Net::Form::float32);
}

TEST_F(NetFile, EveryCaseOfTheCorpus) {
  for (const NetCase& test : net_cases) {
    const auto net = read(test.text);
    std::string wanted(test.message);
    if (const auto at = wanted.find("FOLDER"); at != std::string::npos) wanted.replace(at, 6, folder_.string());
    EXPECT_EQ(net ? "" : net.error().message, wanted.empty() ? "" : (folder_ / "net.json").string() + ":" + wanted)
        << test.text;
    if (!net) {
      EXPECT_EQ(net.error().kind, ErrorKind::bad_input);
    }
  }
}

TEST_F(NetFile, AMissingFileIsNamed) {
  const auto net = read_net(folder_ / "gone.json");
  ASSERT_FALSE(net);
  EXPECT_EQ(net.error().message, (folder_ / "gone.json").string() + ": cannot read: No such file or directory");
}

TEST_F(NetFile, MayBeYaml) {
  const auto net =
      read("version: 1\nname: n  # short\nmodel:\n  file: m.h5\nprecision: {default: float}\n", "net.yaml");
  ASSERT_TRUE(net) << net.error().message;
  EXPECT_EQ(net->precision, Precision::float32);
}

struct Output {
  std::string text;
  int status = -1;
};

Output run(const std::string& command) {
  Output output;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.text.append(buffer.data(), got);
  output.status = ::pclose(pipe);
  return output;
}

// One verdict per file, in one run of the validator.
constexpr std::string_view validate = R"(
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

TEST_F(NetFile, TheSchemaGivesTheSameVerdicts) {
  const char* source = std::getenv("ALGEAN_SOURCE");  // NOLINT(concurrency-mt-unsafe): one thread
  ASSERT_NE(source, nullptr);
  ASSERT_TRUE(write_text(folder_ / "validate.py", validate));
  std::string command =
      fmt::format("/usr/bin/python3 {}/validate.py {}/partitioner/net/net.schema.json", folder_.string(), source);
  std::string wanted;
  for (std::size_t i = 0; i < net_cases.size(); ++i) {
    if (!net_cases[i].schema_can_see) continue;
    const auto path = folder_ / fmt::format("case{}.json", i);
    ASSERT_TRUE(write_text(path, net_cases[i].text));
    command += " " + path.string();
    wanted += net_cases[i].message.empty() ? "good\n" : "bad\n";
  }
  const Output output = run(command);
  if (WEXITSTATUS(output.status) == 77 || WEXITSTATUS(output.status) == 127) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  EXPECT_EQ(output.status, 0);
  EXPECT_EQ(output.text, wanted);
}

}  // namespace
}  // namespace algean::partitioner
