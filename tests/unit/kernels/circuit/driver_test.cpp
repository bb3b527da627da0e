// The simulation's driver against streams made by hand: what its sink must notice, and what its source gives.
#include "kernels/circuit/sim/driver.hpp"

#include <gmock/gmock.h>

#include <array>

namespace algean_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A stream's signals, 4 lanes of 8 bits.
struct Signals {
  std::array<unsigned char, 4> data{};
  unsigned char last = 0, mark = 0, valid = 0, ready = 0;
  Pins pins() { return {data.data(), &last, &mark, &valid, &ready}; }
};

// Two rows of 6 elements: beats of 4, 2, 4, 2.
constexpr PortShape shape{"out0", "y", 2, 6, 4, 8};
using Beat = std::array<unsigned char, 4>;
const std::vector<Beat> inference{{1, 2, 3, 4}, {5, 6, 0, 0}, {7, 8, 9, 10}, {11, 12, 0, 0}};

class SinkTest : public ::testing::Test {
 protected:
  explicit SinkTest(std::optional<std::int64_t> mark = std::nullopt) : sink_(shape, signals_.pins(), 2, 100, 1, mark) {}

  // One cycle with that beat.
  void give(const Beat& beat, bool last, bool ready = true, bool mark = false) {
    signals_.data = beat;
    signals_.last = last ? 1 : 0;
    signals_.mark = mark ? 1 : 0;
    signals_.valid = 1;
    signals_.ready = ready ? 1 : 0;
    sink_.sample(cycle_++);
  }
  void give_inference() {
    for (std::size_t i = 0; i < inference.size(); ++i) give(inference[i], i + 1 == inference.size());
  }

  Signals signals_;
  Sink sink_;
  std::int64_t cycle_ = 0;
};

TEST_F(SinkTest, TakesWhatIsRight) {
  give_inference();
  give(inference[0], false, false);  // waits
  give_inference();
  EXPECT_EQ(sink_.fault(), "");
  EXPECT_TRUE(sink_.done());
  EXPECT_THAT(sink_.ends(), ElementsAre(3, 8));
  EXPECT_THAT(sink_.file(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

TEST_F(SinkTest, NoticesAWithdrawnBeat) {
  give(inference[0], false, false);
  signals_.valid = 0;
  sink_.sample(cycle_++);
  EXPECT_THAT(sink_.fault(), HasSubstr("valid was withdrawn before ready"));
}

TEST_F(SinkTest, NoticesABeatThatChanges) {
  give(inference[0], false, false);
  give(inference[1], false);
  EXPECT_THAT(sink_.fault(),
              HasSubstr("out0 'y': waits for beat 0 of 4 of inference 0: a beat changed while it waited"));
}

TEST_F(SinkTest, NoticesLastInTheWrongPlace) {
  give(inference[0], true);
  EXPECT_THAT(sink_.fault(), HasSubstr("last came early"));
}

TEST_F(SinkTest, NoticesMissingLast) {
  for (const Beat& beat : inference) give(beat, false);
  EXPECT_THAT(sink_.fault(), HasSubstr("last is missing"));
}

TEST_F(SinkTest, NoticesUnusedLanes) {
  give(inference[0], false);
  give({5, 6, 0, 1}, false);
  EXPECT_THAT(sink_.fault(), HasSubstr("an unused lane is not 0"));
}

TEST_F(SinkTest, NoticesABeatTooMany) {
  give_inference();
  give_inference();
  give(inference[0], false);
  EXPECT_THAT(sink_.fault(), HasSubstr("a beat after the last inference"));
}

TEST_F(SinkTest, NoticesAMarkerThatNobodySent) {
  give({}, true, true, true);
  EXPECT_THAT(sink_.fault(), HasSubstr("a marker that nobody sent"));
}

class MarkedSinkTest : public SinkTest {
 protected:
  MarkedSinkTest() : SinkTest(1) {}
};

TEST_F(MarkedSinkTest, DropsWhatTheMarkerInterrupts) {
  give_inference();
  give(inference[0], false);
  EXPECT_FALSE(sink_.done());
  give({}, true, true, true);
  give_inference();
  EXPECT_EQ(sink_.fault(), "");
  EXPECT_TRUE(sink_.done());
}

TEST_F(MarkedSinkTest, NoticesAMarkerInTheWrongPlaceOrForm) {
  give({}, true, true, true);
  EXPECT_THAT(sink_.fault(), HasSubstr("a marker before inference 1"));
}

TEST_F(MarkedSinkTest, NoticesAMarkerWithData) {
  give_inference();
  give({1}, true, true, true);
  EXPECT_THAT(sink_.fault(), HasSubstr("a marker with data"));
}

TEST(SourceTest, GivesRowsInBeatsAndAMarkerWhereItIsDue) {
  Signals signals;
  const std::vector<std::uint8_t> file{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  Source source({"in0", "x", 2, 6, 4, 8}, signals.pins(), file, 2, 100, 1, Mark{1, 1});
  std::vector<Beat> beats;
  std::string lasts, marks;
  for (std::int64_t cycle = 0; !source.done() && cycle < 40; ++cycle) {
    source.drive(2);
    signals.ready = cycle % 2 == 0 ? 1 : 0;
    if (source.sample(cycle)) {
      beats.push_back(signals.data);
      lasts += signals.last != 0 ? '1' : '0';
      marks += signals.mark != 0 ? '1' : '0';
    }
  }
  EXPECT_EQ(lasts, "0001010001");
  EXPECT_EQ(marks, "0000010000");
  EXPECT_THAT(beats, ElementsAre(inference[0], inference[1], inference[2], inference[3], inference[0], Beat{},
                                 inference[0], inference[1], inference[2], inference[3]));
  EXPECT_EQ(source.first(), 0);
  EXPECT_EQ(source.stalled(), 9);
}

TEST(SourceAndSink, CarryElementsOfAnyWidth) {
  // 5 bits, 3 lanes, one row of 4: values -16, 15, -1, 7.
  std::array<unsigned char, 2> data{};
  unsigned char last = 0, mark = 0, valid = 0, ready = 1;
  const Pins pins{data.data(), &last, &mark, &valid, &ready};
  const PortShape narrow{"p", "p", 1, 4, 3, 5};
  const std::vector<std::uint8_t> file{0xf0, 15, 0xff, 7};
  Source source(narrow, pins, file, 1, 100, 1, std::nullopt);
  Sink sink(narrow, pins, 1, 100, 1, std::nullopt);
  for (std::int64_t cycle = 0; !sink.done() && cycle < 10; ++cycle) {
    source.drive(1);
    if (cycle == 0) {
      EXPECT_EQ(data[0] | data[1] << 8, 0x10 | 0x0f << 5 | 0x1f << 10);
    }
    sink.sample(cycle);
    source.sample(cycle);
  }
  EXPECT_EQ(sink.fault(), "");
  EXPECT_EQ(sink.file(), file);
}

}  // namespace
}  // namespace algean_sim
