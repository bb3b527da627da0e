// The frame of the command line, as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness.hpp"

namespace algean::e2e {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class EveryCommand : public testing::TestWithParam<const char*> {};

TEST_P(EveryCommand, HasHelpWithAnExample) {
  const Place place;
  const Ended help = place.run({GetParam(), "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr(std::string("Usage: algean ") + GetParam()));
  EXPECT_THAT(help.out, HasSubstr(std::string("Example:\n  algean ") + GetParam()));
  EXPECT_THAT(help.out, HasSubstr("--json"));
  EXPECT_EQ(help.err, "");
}

TEST_P(EveryCommand, AnswersInOneDocument) {
  const Place place;
  const Ended bad = place.run({GetParam(), "--json", "--no-such-option"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_EQ(bad.document()["error"]["kind"], "bad_input");
  EXPECT_THAT(bad.err, StartsWith(std::string("algean: ") + GetParam() + ": "));
  EXPECT_THAT(bad.err, HasSubstr("see `algean "));
}

TEST_P(EveryCommand, StandsInTheList) {
  const Place place;
  EXPECT_THAT(place.run({"--help"}).out, HasSubstr(std::string("\n  ") + GetParam() + " "));
}

INSTANTIATE_TEST_SUITE_P(Cli, EveryCommand,
                         testing::Values("check", "import", "quantise", "plan", "build", "cost", "infer", "evaluate",
                                         "compare", "bench", "deploy", "status", "logs", "stop", "node", "version"),
                         [](const auto& command) { return std::string(command.param); });

TEST(Version, AsText) {
  const Place place;
  const Ended version = place.run({"version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, StartsWith("algean 0."));
}

TEST(Frame, UnknownCommand) {
  const Place place;
  const Ended ended = place.run({"no-such-command"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "algean: `no-such-command` is not a command; `algean --help` lists them\n");
}

}  // namespace
}  // namespace algean::e2e
