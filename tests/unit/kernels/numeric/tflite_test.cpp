#include "kernels/numeric/tflite.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "runtime/base/random.hpp"

namespace algean::kernels::tflite {
namespace {

__extension__ using Wide = __int128;
constexpr std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t highest = std::numeric_limits<std::int32_t>::max();

const std::vector<std::int32_t> numbers{0,       1,      -1,          2,         -2,      3,          -3,
                                        255,     -256,   65535,       -65536,    1 << 30, -(1 << 30), (1 << 30) + 1,
                                        highest, lowest, highest - 1, lowest + 1};

// x / 2^n, halves away from zero.
std::int64_t divided(std::int64_t x, int n) {
  const Wide magnitude = x < 0 ? -Wide{x} : Wide{x};
  const Wide rounded = n == 0 ? magnitude : (magnitude + (Wide{1} << (n - 1))) >> n;
  return static_cast<std::int64_t>(x < 0 ? -rounded : rounded);
}

// As the source states it: (a*b + (a*b >= 0 ? 2^30 : 1 - 2^30)) / 2^31, truncating; INT32_MIN squared saturates.
std::int64_t high_product(std::int64_t a, std::int64_t b) {
  if (a == lowest && b == lowest) return highest;
  const Wide product = Wide{a} * b;
  return static_cast<std::int64_t>((product + (product >= 0 ? (Wide{1} << 30) : 1 - (Wide{1} << 30))) /
                                   (Wide{1} << 31));
}

TEST(TfliteArithmetic, ProductsAndDivisionsAreTheSources) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto pick = [&] {
      return i % 2 == 0
                 ? numbers[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(numbers.size()) - 1))]
                 : static_cast<std::int32_t>(random.between(lowest, highest));
    };
    const std::int32_t a = pick();
    const std::int32_t b = pick();
    ASSERT_EQ(srdhm(a, b), high_product(a, b)) << a << " " << b;
    const auto n = static_cast<int>(random.between(0, 31));
    ASSERT_EQ(rdbpot(a, n), divided(a, n)) << a << " " << n;
  }
}

TEST(TfliteArithmetic, RoundsTwice) {
  EXPECT_EQ(rdbpot(1, 1), 1);    // 0.5
  EXPECT_EQ(rdbpot(-1, 1), -1);  // -0.5: away from zero
  EXPECT_EQ(rdbpot(-3, 1), -2);
  // 0.4999...: the first rounding makes it a half, the second a one.
  EXPECT_EQ(mbqm(1, highest, -1), 1);
  EXPECT_EQ(mbqm(7, 1 << 30, 1), 7);
  EXPECT_EQ(mbqm(highest, 1 << 30, 10), 1 << 30) << "the left shift saturates";
}

TEST(TfliteArithmetic, ScalesKeep31Bits) {
  Scale scale{};
  ASSERT_TRUE(derive_scale(0.75, scale));
  EXPECT_EQ(scale.multiplier, 3 << 29);
  EXPECT_EQ(scale.shift, 0);
  ASSERT_TRUE(derive_scale(std::nextafter(1.0, 0.0), scale));  // rounds up to the next power of two
  EXPECT_EQ(scale.multiplier, 1 << 30);
  EXPECT_EQ(scale.shift, 1);
  ASSERT_TRUE(derive_scale(0x1p-33, scale));
  EXPECT_EQ(scale.multiplier, 0);
  ASSERT_TRUE(derive_scale(0x1p40, scale));
  EXPECT_EQ(scale.multiplier, highest);
  EXPECT_EQ(scale.shift, 30);
  for (const double wrong : {-1.0, HUGE_VAL, std::nan("")}) EXPECT_FALSE(derive_scale(wrong, scale));
}

// The processor's own binary64, which the rule reproduces.
std::int32_t in_binary64(std::int32_t acc, double ratio) {
  const double rounded = std::round(static_cast<double>(acc) * ratio);
  if (rounded >= 2147483647.0) return highest;
  return rounded <= -2147483648.0 ? lowest : static_cast<std::int32_t>(rounded);
}

TEST(TfliteDoubleRule, IsBinary64WithoutFloatingPoint) {
  Random random(2);
  for (int i = 0; i < 50000; ++i) {
    double ratio = std::ldexp(0.5 + random.unit() / 2, static_cast<int>(random.between(-40, 8)));
    if (i % 3 == 0) ratio = std::ldexp(static_cast<double>(random.between(1, 1023)), -10);  // many exact halves
    if (i % 1000 == 0) ratio = std::ldexp(ratio, static_cast<int>(random.between(-900, 900)));
    DoubleScale scale{};
    ASSERT_TRUE(derive_double_scale(ratio, scale));
    ASSERT_EQ(real_ratio(scale), ratio);
    const auto acc = i % 5 == 0 ? numbers[static_cast<std::size_t>(i) % numbers.size()]
                                : static_cast<std::int32_t>(random.between(lowest, highest));
    ASSERT_EQ(double_rule(acc, scale.mantissa, scale.shift), in_binary64(acc, ratio)) << acc << " * " << ratio;
  }
}

}  // namespace
}  // namespace algean::kernels::tflite
