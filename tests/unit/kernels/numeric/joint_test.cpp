#include "kernels/numeric/joint.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "runtime/base/random.hpp"

namespace algean::kernels::joint {
namespace {

TEST(Joint, DerivesByHand) {
  Scale scale{};
  ASSERT_TRUE(derive_scale(1, 0.5, scale));
  EXPECT_EQ(scale.m0, 1 << 14);
  EXPECT_EQ(scale.m1, 1 << 13);
  EXPECT_EQ(scale.shift, 14);
  ASSERT_TRUE(derive_scale(0.25, -1.5, scale));
  EXPECT_EQ(scale.m0, 1 << 12);
  EXPECT_EQ(scale.m1, -(3 << 13));
  EXPECT_EQ(scale.shift, 14);
  ASSERT_TRUE(derive_scale(1 - 0x1p-20, 0, scale));  // rounds up to 2^15, which has 16 bits
  EXPECT_EQ(scale.m0, 1 << 14);
  EXPECT_EQ(scale.shift, 14);
  ASSERT_TRUE(derive_scale(0x1p-24, 0, scale));
  EXPECT_EQ(scale.m0, 1);
  EXPECT_EQ(scale.shift, 24);
  ASSERT_TRUE(derive_scale(0, 0, scale));
  EXPECT_EQ(scale.m0, 0);
}

TEST(Joint, RefusesWhatHasNoShift) {
  Scale scale{};
  EXPECT_TRUE(derive_scale(16383, 1, scale));
  EXPECT_FALSE(derive_scale(16384, 1, scale));
  EXPECT_FALSE(derive_scale(1, -16384, scale));
  EXPECT_FALSE(derive_scale(std::numeric_limits<double>::infinity(), 1, scale));
  EXPECT_FALSE(derive_scale(1, std::numeric_limits<double>::quiet_NaN(), scale));
}

TEST(Joint, MultipliersFitAndAreNear) {
  Random random(1);
  for (int round = 0; round < 100000; ++round) {
    const double a = std::ldexp(1 + random.unit(), static_cast<int>(random.between(-30, 12)));
    const double b = -std::ldexp(1 + random.unit(), static_cast<int>(random.between(-30, 12)));
    Scale scale{};
    ASSERT_TRUE(derive_scale(a, b, scale));
    ASSERT_LE(std::max(scale.m0, -scale.m1), max_multiplier);
    ASSERT_GE(scale.shift, min_shift);
    ASSERT_LE(scale.shift, max_shift);
    const double allowed = std::max(std::ldexp(std::max(a, -b), -15), 0x1p-25);
    ASSERT_LE(std::abs(std::ldexp(scale.m0, -scale.shift) - a), allowed);
    ASSERT_LE(std::abs(std::ldexp(scale.m1, -scale.shift) - b), allowed);
  }
}

TEST(Joint, RequantisesHalfUpAndStaysWithin32Bits) {
  EXPECT_EQ(requantise(3, 1, 0, -128, 127), 2);
  EXPECT_EQ(requantise(-3, 1, 0, -128, 127), -1);
  EXPECT_EQ(requantise(1000, 1, 5, -128, 127), 127);
  EXPECT_EQ(requantise(-1000, 1, 5, -7, 127), -7);
  // The largest product there is.
  EXPECT_EQ(requantise(255 * 255 * max_multiplier, max_shift, 0, -128, 127), 127);
  EXPECT_EQ(requantise(-255 * 255 * max_multiplier, max_shift, 0, -128, 127), -127);
}

}  // namespace
}  // namespace algean::kernels::joint
