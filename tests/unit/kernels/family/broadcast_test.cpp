#include "kernels/family/broadcast.hpp"

#include <gtest/gtest.h>

#include "kernels/family/options.hpp"
#include "tests/unit/kernels/support/several.hpp"

namespace algean::kernels {
namespace {

using testing::Index;

// A shape that broadcasts to `whole`: without some leading axes, and with 1 for some extents.
Shape smaller(Random& random, const Shape& whole) {
  const auto first = static_cast<std::size_t>(random.below(whole.rank() + 1));
  Index extents(whole.extents().begin() + static_cast<std::ptrdiff_t>(first), whole.extents().end());
  for (std::int64_t& extent : extents) extent = random.below(3) == 0 ? 1 : extent;
  return Shape::make(extents).value();
}

// The element of an operand that stands beside an element of the whole.
std::size_t beside(const Shape& operand, const Index& index) {
  Index own(index.end() - static_cast<std::ptrdiff_t>(operand.rank()), index.end());
  for (std::size_t axis = 0; axis < own.size(); ++axis) own[axis] = operand[axis] == 1 ? 0 : own[axis];
  return testing::flat(operand, own);
}

TEST(Broadcast, ByHand) {
  EXPECT_EQ(broadcast({2, 1, 3}, {4, 1}).value(), (Shape{2, 4, 3}));
  EXPECT_EQ(broadcast({}, {5}).value(), (Shape{5}));
  EXPECT_EQ(broadcast({2, 3}, {2, 4}).error().message,
            "[2,3] and [2,4] do not broadcast: extents 3 and 4 must be equal, or one of them 1");
  EXPECT_EQ(broadcast({1 << 20, 1}, {1, 1 << 20}).error().message,
            "shape [1048576,1048576]: more than 4294967296 elements");
}

TEST(Broadcast, RunsVisitEveryElementInOrder) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    Index extents(static_cast<std::size_t>(random.below(6)));
    for (std::int64_t& extent : extents) extent = random.between(1, 4);
    const Shape whole = Shape::make(extents).value();
    const Shape a = smaller(random, whole);
    const Shape b = smaller(random, whole);
    const Runs runs(whole, {a, b});
    std::size_t next = 0;
    runs.for_each([&](std::size_t first, std::size_t at_a, std::size_t at_b) {
      ASSERT_EQ(first, next);
      for (std::size_t i = 0; i < runs.length(); ++i, ++next) {
        const Index index = testing::index_of(whole, next);
        ASSERT_EQ(at_a + i * runs.step(0), beside(a, index)) << whole.text() << a.text() << b.text();
        ASSERT_EQ(at_b + i * runs.step(1), beside(b, index)) << whole.text() << a.text() << b.text();
      }
    });
    ASSERT_EQ(next, static_cast<std::size_t>(whole.elements()));
  }
}

TEST(Broadcast, RunsAreLong) {
  EXPECT_EQ(Runs(Shape{8, 8, 16}, {Shape{8, 8, 16}, Shape{8, 8, 16}}).length(), 1024);
  EXPECT_EQ(Runs(Shape{8, 8, 16}, {Shape{8, 8, 16}, Shape{16}}).length(), 16);
  EXPECT_EQ(Runs(Shape{8, 8, 16}, {Shape{8, 8, 16}, Shape{}}).length(), 1024);
  EXPECT_EQ(Runs(Shape{8, 8, 16}, {Shape{1, 1, 16}}).length(), 16);
}

TEST(Options, ByHand) {
  const LayerSpec layer{"l",
                        "op",
                        {{"list", std::vector<std::int64_t>{1, 2}},
                         {"flag", std::int64_t{1}},
                         {"two", std::int64_t{2}},
                         {"text", std::string("b")}},
                        {}};
  EXPECT_EQ(list_option(layer, "list", 2, 7, 1, 2).value(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(list_option(layer, "other", 2, 7, 1, 2).value(), (std::vector<std::int64_t>{7, 7}));
  EXPECT_EQ(list_option(layer, "list", 3, 7, 1, 2).error().message,
            "attribute 'list' [1,2] has 2 numbers, must have 3");
  EXPECT_EQ(list_option(layer, "list", 2, 7, 2, 9).error().message, "attribute 'list' [1,2]: 1 must lie in 2..9");
  EXPECT_EQ(list_option(layer, "flag", 1, 7, 2, 9).error().message, "attribute 'flag' must be a list of integers");
  EXPECT_TRUE(flag_option(layer, "flag").value());
  EXPECT_FALSE(flag_option(layer, "other").value());
  EXPECT_EQ(flag_option(layer, "two").error().message, "attribute 'two' is 2, must be 0 or 1");
  EXPECT_EQ(text_option(layer, "text", {"a", "b"}).value(), "b");
  EXPECT_EQ(text_option(layer, "other", {"a", "b"}).value(), "a");
  EXPECT_EQ(text_option(layer, "text", {"a", "c"}).error().message, "attribute 'text' is 'b', must be one of [a, c]");
}

}  // namespace
}  // namespace algean::kernels
