#include "cluster/cli/console.hpp"

#include <gtest/gtest.h>

#include <array>

namespace algean::cluster {
namespace {

class HandClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ns() const override { return now; }
  std::int64_t now = 1;
};

// Two files in memory in place of the streams.
class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() : out_(std::tmpfile()), err_(std::tmpfile()) {}
  ~ConsoleTest() override {
    std::fclose(out_);
    std::fclose(err_);
  }
  Console make(bool out_is_terminal = false, bool err_is_terminal = false) {
    return Console({out_, err_, out_is_terminal, err_is_terminal}, clock_);
  }
  static std::string text(std::FILE* file) {
    std::fflush(file);
    std::rewind(file);
    std::string all(1U << 16U, '\0');
    all.resize(std::fread(all.data(), 1, all.size(), file));
    return all;
  }

  std::FILE* out_;
  std::FILE* err_;
  HandClock clock_;
};

TEST_F(ConsoleTest, PeoplesTextGoesToStandardOutput) {
  Console console = make();
  console.text("{} layers", 12);
  console.document({{"layers", 12}});
  EXPECT_EQ(text(out_), "12 layers\n");
  EXPECT_EQ(text(err_), "");
}

TEST_F(ConsoleTest, WithJsonStandardOutputHoldsTheDocumentAlone) {
  Console console = make();
  console.use_json();
  console.text("{} layers", 12);
  console.warn("slow");
  console.document({{"layers", 12}});
  EXPECT_EQ(Json::parse(text(out_)), Json({{"layers", 12}}));
  EXPECT_EQ(text(err_), "12 layers\nalgean: warning: slow\n");
}

TEST_F(ConsoleTest, ErrorIsTextAndDocument) {
  Console console = make();
  console.use_json();
  console.error({ErrorKind::deadline, "node.json:3: late"});
  EXPECT_EQ(text(err_), "algean: node.json:3: late\n");
  const Json document = Json::parse(text(out_));
  EXPECT_EQ(document["error"]["kind"], "deadline");
  EXPECT_EQ(document["error"]["status"], 3);
  EXPECT_EQ(document["error"]["message"], "node.json:3: late");
}

TEST_F(ConsoleTest, ControlCharactersDoNotReachATerminal) {
  Console console = make();
  console.text("layer {}", "\x1b[2J\tx\x7f");
  EXPECT_EQ(text(out_), "layer ?[2J?x?\n");
}

TEST_F(ConsoleTest, DocumentTakesTextThatIsNotUtf8) {
  Console console = make();
  console.use_json();
  console.document({{"name", "\xff"}});
  EXPECT_EQ(Json::parse(text(out_))["name"], "\xef\xbf\xbd");
}

TEST_F(ConsoleTest, NoProgressWithoutATerminal) {
  Console console = make(true, false);
  console.progress("calibrating", 1, 2);
  console.clear_progress();
  EXPECT_EQ(text(err_), "");
}

TEST_F(ConsoleTest, ProgressIsInPlaceAndAtMostTenTimesASecond) {
  Console console = make(false, true);
  console.progress("calibrating", 1, 200);
  clock_.now += 99'999'999;
  console.progress("calibrating", 2, 200);  // too early to show
  clock_.now += 1;
  console.progress("calibrating", 3, 200);
  console.text("done");
  const std::string first = "calibrating 1/200 (0%)";
  const std::string second = "calibrating 3/200 (1%)";
  const std::string blanks(first.size(), ' ');
  EXPECT_EQ(text(err_), "\r\r" + first + "\r" + blanks + "\r" + second + "\r" + blanks + "\r");
  EXPECT_EQ(text(out_), "done\n");
}

TEST_F(ConsoleTest, ProgressNeverCutsACharacter) {
  Console console = make(false, true);
  std::string step(78, 'x');
  step += "\xc3\xa9y";  // two bytes from column 78 on
  console.progress(step, 0, 0);
  EXPECT_EQ(text(err_), "\r\r" + std::string(78, 'x'));
}

TEST(ConsoleFinish, FullDiskIsAnError) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  const SteadyClock clock;
  Console console({full, stderr, false, false}, clock);
  console.text("lost");
  const auto result = console.finish();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::failed);
  EXPECT_EQ(result.error().message, "standard output: cannot write: No space left on device");
  std::fclose(full);
}

}  // namespace
}  // namespace algean::cluster
