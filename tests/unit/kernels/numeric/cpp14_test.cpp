#include <gtest/gtest.h>

int requantise_as_cpp14(int acc);

TEST(Scaled, CompilesAsCpp14) { EXPECT_EQ(requantise_as_cpp14(10), 9); }  // floor(7.5 + 0.5) + 1
