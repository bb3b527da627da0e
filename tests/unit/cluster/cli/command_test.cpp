#include "cluster/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace algean::cluster {
namespace {

using testing::HasSubstr;

// Commands of a test's own, with their output in memory.
class CommandTest : public testing::Test {
 protected:
  CommandTest() : out_(std::tmpfile()), err_(std::tmpfile()) {
    Command& add = commands_.add("add", "add numbers", "algean add 1 2");
    add.option("A", a_, "a number", {.required = true});
    add.option("B", b_, "another one", {.low = -1000, .high = 1000});
    add.on([this](Context& context) -> Result<Outcome> {
      const int sum = static_cast<int>(a_ + b_);
      if (sum < 0) return deadline_passed("a sum below 0 takes for ever");
      context.console.text("sum {}", sum);
      return Outcome{sum > 100 ? 1 : 0, {{"sum", sum}}};
    });
    commands_.add("serve", "hidden", "", true).on([](Context&) -> Result<Outcome> { return Outcome{}; });
  }
  ~CommandTest() override {
    std::fclose(out_);
    std::fclose(err_);
  }
  int run(std::vector<const char*> arguments) {
    Console console({out_, err_, false, false}, clock_);
    Context context{console, clock_, {}, states_, "/bin/false"};
    return commands_.run(arguments, context);
  }
  static std::string text(std::FILE* file) {
    std::rewind(file);
    std::string all(1U << 16U, '\0');
    all.resize(std::fread(all.data(), 1, all.size(), file));
    return all;
  }

  SteadyClock clock_;
  StateRoot states_{""};
  std::FILE* out_;
  std::FILE* err_;
  Commands commands_;
  double a_ = 0;
  double b_ = 0;
};

TEST_F(CommandTest, RunsTheChosenOne) {
  EXPECT_EQ(run({"add", "1", "2"}), 0);
  EXPECT_EQ(text(out_), "sum 3\n");
  EXPECT_EQ(text(err_), "");
}

TEST_F(CommandTest, OutcomesStatusIsTheExitStatus) {
  EXPECT_EQ(run({"add", "--json", "101"}), 1);
  EXPECT_EQ(Json::parse(text(out_))["sum"], 101);
  EXPECT_EQ(text(err_), "sum 101\n");
}

TEST_F(CommandTest, ErrorsKindIsTheExitStatus) {
  EXPECT_EQ(run({"add", "--json", "--", "-1"}), 3);
  EXPECT_EQ(Json::parse(text(out_))["error"]["kind"], "deadline");
  EXPECT_EQ(text(err_), "algean: a sum below 0 takes for ever\n");
}

TEST_F(CommandTest, HelpEndsWithTheExample) {
  EXPECT_EQ(run({"add", "--help"}), 0);
  EXPECT_THAT(text(out_), HasSubstr("Usage: algean add [OPTIONS] A [B]"));
  EXPECT_THAT(text(out_), HasSubstr("Example:\n  algean add 1 2"));
}

TEST_F(CommandTest, HelpListsWhatIsNotHidden) {
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_THAT(text(out_), HasSubstr("add numbers"));
  EXPECT_THAT(text(out_), Not(HasSubstr("serve")));
  EXPECT_THAT(text(out_), HasSubstr("Exit status: 0; 1 the job failed"));
}

TEST_F(CommandTest, HelpAsDocument) {
  EXPECT_EQ(run({"add", "--help", "--json"}), 0);
  EXPECT_THAT(Json::parse(text(out_))["help"].get<std::string>(), HasSubstr("another one"));
}

TEST_F(CommandTest, UnknownCommand) {
  EXPECT_EQ(run({"ad"}), 2);
  EXPECT_EQ(text(err_), "algean: `ad` is not a command; `algean --help` lists them\n");
}

TEST_F(CommandTest, NoCommand) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(text(err_), "algean: a command is missing; `algean --help` lists them\n");
}

TEST_F(CommandTest, UnknownOption) {
  EXPECT_EQ(run({"add", "1", "--fast"}), 2);
  EXPECT_EQ(text(err_), "algean: add: The following argument was not expected: --fast; see `algean add --help`\n");
}

TEST_F(CommandTest, MissingArgument) {
  EXPECT_EQ(run({"add", "--json"}), 2);
  EXPECT_EQ(text(err_), "algean: add: A is required; see `algean add --help`\n");
  EXPECT_EQ(Json::parse(text(out_))["error"]["status"], 2);
}

TEST_F(CommandTest, ValueOutOfItsBounds) {
  for (const char* value : {"1000.5", "-2000", "nan"}) {
    EXPECT_EQ(run({"add", "--", "1", value}), 2) << value;
  }
}

TEST_F(CommandTest, WrongValue) {
  EXPECT_EQ(run({"add", "one"}), 2);
  EXPECT_THAT(text(err_), HasSubstr("Could not convert: A = one"));
}

}  // namespace
}  // namespace algean::cluster
