#include "kernels/numeric/scaled.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "runtime/base/random.hpp"

namespace algean::kernels::scaled {
namespace {

__extension__ using Wide = __int128;

// floor(acc * multiplier / 2^shift + 1/2) by division, in 128 bits.
std::int64_t rounded(std::int32_t acc, std::int32_t multiplier, int shift) {
  const Wide numerator = Wide{2} * acc * multiplier + (Wide{1} << shift);
  const Wide denominator = Wide{1} << (shift + 1);
  Wide quotient = numerator / denominator;
  if (numerator % denominator < 0) --quotient;
  return static_cast<std::int64_t>(quotient);
}

const std::vector<std::int32_t> accumulators{0,
                                             1,
                                             -1,
                                             2,
                                             -2,
                                             3,
                                             -3,
                                             65535,
                                             -65536,
                                             (1 << 25),
                                             -(1 << 25),
                                             std::numeric_limits<std::int32_t>::max(),
                                             32767,
                                             -32769,
                                             16777215,
                                             -16777217,
                                             std::numeric_limits<std::int32_t>::min()};

TEST(Requantise, EqualsRoundHalfUpOfTheExactQuotientForEveryShift) {
  for (int shift = min_shift; shift <= max_shift; ++shift) {
    for (const std::int32_t multiplier : {0, min_multiplier, min_multiplier + 1, 98304, 100003, max_multiplier}) {
      for (const std::int32_t acc : accumulators) {
        const std::int64_t exact = rounded(acc, multiplier, shift);
        for (const std::int32_t zero : {-128, 0, 127}) {
          const std::int64_t expected = std::min<std::int64_t>(127, std::max<std::int64_t>(-128, exact + zero));
          ASSERT_EQ(requantise(acc, multiplier, shift, zero, -128, 127), expected)
              << acc << " " << multiplier << " " << shift << " " << zero;
        }
      }
    }
  }
}

TEST(Requantise, RoundsHalvesUp) {
  EXPECT_EQ(requantise(1, min_multiplier, 17, 0, -128, 127), 1);    // 0.5
  EXPECT_EQ(requantise(-1, min_multiplier, 17, 0, -128, 127), 0);   // -0.5
  EXPECT_EQ(requantise(-3, min_multiplier, 17, 0, -128, 127), -1);  // -1.5
}

TEST(Requantise, ClampsToTheGivenLimits) {
  EXPECT_EQ(requantise(-1000, min_multiplier, 16, 3, 3, 127), 3);  // relu: not below the zero point
  EXPECT_EQ(requantise(1000, min_multiplier, 16, 3, 3, 127), 127);
}

TEST(DeriveScale, NormalisesToSeventeenBits) {
  Scale scale{};
  ASSERT_TRUE(derive_scale(1.0, scale));
  EXPECT_EQ(scale.multiplier, min_multiplier);
  EXPECT_EQ(scale.shift, 16);
  ASSERT_TRUE(derive_scale(0.75, scale));
  EXPECT_EQ(scale.multiplier, 98304);
  EXPECT_EQ(scale.shift, 17);
  ASSERT_TRUE(derive_scale(std::nextafter(1.0, 0.0), scale));  // rounds up to the next power of two
  EXPECT_EQ(scale.multiplier, min_multiplier);
  EXPECT_EQ(scale.shift, 16);
}

TEST(DeriveScale, IsWithinItsStatedError) {
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    const double ratio = std::ldexp(0.5 + random.unit() / 2, static_cast<int>(random.between(-29, 15)));
    Scale scale{};
    ASSERT_TRUE(derive_scale(ratio, scale)) << ratio;
    ASSERT_GE(scale.multiplier, min_multiplier);
    ASSERT_LE(scale.multiplier, max_multiplier);
    ASSERT_LE(std::abs(real_ratio(scale) - ratio), std::ldexp(ratio, -17)) << ratio;
  }
}

TEST(DeriveScale, RefusesRatiosOutsideItsRange) {
  Scale scale{};
  EXPECT_TRUE(derive_scale(std::ldexp(1.0, -31), scale));
  EXPECT_EQ(scale.shift, max_shift);
  EXPECT_TRUE(derive_scale(std::ldexp(max_multiplier, -1), scale));
  EXPECT_EQ(scale.shift, min_shift);
  for (const double ratio : {std::ldexp(0.99, -31), 65536.0, 0.0, -1.0, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(derive_scale(ratio, scale)) << ratio;
  }
}

TEST(AccumulatorRange, IsReachedAndNeverLeft) {
  const std::vector<std::int8_t> weights{127, -127, 3, 0};
  const Range range = accumulator_range(weights.data(), weights.size(), 10, -5, -128, 127);
  // All inputs at the end of their range that pulls the sum up, or down.
  EXPECT_EQ(range.high, 10 + 127 * 132 + 127 * 123 + 3 * 132);
  EXPECT_EQ(range.low, 10 - 127 * 123 - 127 * 132 - 3 * 123);
}

TEST(SignedBits, HoldsTheRangeExactly) {
  EXPECT_EQ(signed_bits({0, 0}), 1);
  EXPECT_EQ(signed_bits({-1, 0}), 1);
  EXPECT_EQ(signed_bits({0, 1}), 2);
  EXPECT_EQ(signed_bits({-128, 127}), 8);
  EXPECT_EQ(signed_bits({-128, 128}), 9);
  EXPECT_EQ(signed_bits({-129, 0}), 9);
  EXPECT_EQ(signed_bits({std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()}), 32);
}

}  // namespace
}  // namespace algean::kernels::scaled
