// Vendor reports: what is read of them, and what is refused.
#include "kernels/cost/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace algean::kernels {
namespace {

using testing::HasSubstr;

const std::string head =
    "Utilization Design Information\n\n"
    "+--------------+-------------+------------+------------+---------+------+------+--------+--------+------+---------"
    "---+\n"
    "|   Instance   |    Module   | Total LUTs | Logic LUTs | LUTRAMs | SRLs |  FFs | RAMB36 | RAMB18 | URAM | DSP "
    "Blocks |\n"
    "+--------------+-------------+------------+------------+---------+------+------+--------+--------+------+---------"
    "---+\n";

TEST(Reports, RowsOfAHierarchy) {
  Measured measured;
  const auto read = read_utilisation(head +
                                         "| algean_top   |       (top) |       1234 |       1200 |      30 |    4 | "
                                         "2000 |      3 |      1 |    0 |         40 |\n"
                                         "|   u_conv1    | layer_conv1 | 700(1.01%) |        700 |       0 |    0 |  "
                                         "900 |      2 |      1 |    1 |         32 |\n"
                                         "+--------------+-------------+------------+------------+---------+------+----"
                                         "--+--------+--------+------+------------+\n"
                                         "\n* Note\n| not | a | row |\n",
                                     measured);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(measured.size(), 2U);
  EXPECT_EQ(measured.at("layer_conv1"),
            (Resources{.dsp_multiply = 32, .dsp_requantise = 0, .bram18 = 5, .uram = 1, .lut = 700, .ff = 900}));
}

TEST(Reports, Rejected) {
  const auto refused = [](const std::string& text) {
    Measured measured;
    const auto read = read_utilisation(text, measured);
    return read ? std::string("accepted") : read.error().message;
  };
  EXPECT_THAT(refused(""), HasSubstr("holds no table"));
  EXPECT_THAT(refused(head), HasSubstr("holds no table"));
  EXPECT_THAT(refused("| Instance | FFs |\n| a | 1 |\n"), HasSubstr("holds no table"));
  EXPECT_THAT(refused("| Module | Total LUTs | FFs | RAMB36 | RAMB18 | DSP Slices |\n| a | 1 | 1 | 0 | 0 | 3 |\n"),
              HasSubstr("line 1: the table has no column 'DSP Blocks'"));
  EXPECT_THAT(refused(head + "| a | b | 1 | 0 | 0 | 0 | 0 | 0 | 9223372036854775807 | 0 | 0 |\n"),
              HasSubstr("more than any part has"));
  EXPECT_THAT(refused(head + "| a | b | 1 |\n"), HasSubstr("line 6: a row must have 11 columns"));
  EXPECT_THAT(refused(head + "| a | b | x | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n"),
              HasSubstr("line 6: 'x' must be a count"));
  EXPECT_THAT(refused(head + "| a | b | -1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n"), HasSubstr("'-1' must be a count"));
  EXPECT_THAT(refused(head + "| a | b | 1 | 0 | 0 | 0 | 0 | 99999999999 | 0 | 0 | 0 |\n"),
              HasSubstr("more than any part has"));
}

}  // namespace
}  // namespace algean::kernels
