#include "runtime/base/printable.hpp"

#include <gtest/gtest.h>

#include <array>

namespace algean {
namespace {

TEST(Printable, ControlCharactersBecomeQuestionMarks) {
  EXPECT_EQ(printable("a\x1b[31mb\tc\x7f"), "a?[31mb?c?");
  EXPECT_EQ(printable(std::string_view("\0x", 2)), "?x");
  EXPECT_EQ(printable("größe 3 µm"), "größe 3 µm");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, NewlinesAreKeptOnDemand) {
  EXPECT_EQ(printable("a\nb\r\n"), "a?b??");
  EXPECT_EQ(printable("a\nb\r\n", Newlines::kept), "a\nb?\n");
}

TEST(Printable, TakesBytes) {
  const std::array bytes{std::byte{'o'}, std::byte{7}, std::byte{'k'}};
  EXPECT_EQ(printable(bytes), "o?k");
}

}  // namespace
}  // namespace algean
