#include "partitioner/net/net.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>

#include "runtime/base/file.hpp"
#include "tests/support/schema_verdicts.hpp"
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

TEST_F(NetFile, TheSchemaGivesTheSameVerdicts) {
  testing_support::expect_same_verdicts(folder_, "partitioner/net/net.schema.json", net_cases);
}

}  // namespace
}  // namespace algean::partitioner
