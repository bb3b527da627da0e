#include "runtime/tensor/quantise.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "runtime/base/random.hpp"

namespace algean {
namespace {

using ::testing::ElementsAre;

// The formula of the header; the library's own rounding.
std::int64_t by_definition(float real, const ElementType& type) {
  const Quantisation& q = *type.quantisation();
  const float steps = std::round(real / static_cast<float>(q.scale()));
  const long double integer = static_cast<long double>(steps) + q.zero_point();
  return static_cast<std::int64_t>(
      std::clamp(integer, static_cast<long double>(type.lowest()), static_cast<long double>(type.highest())));
}

Tensor reals(std::vector<float> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return Tensor({ElementType::float32(), {count}}, std::span<const float>(values));
}

TEST(Quantise, RoundsHalvesAwayFromZero) {
  const auto integers = quantise(reals({0.5F, -0.5F, 1.5F, -1.5F, 2.49F, -2.51F, 0.0F, -0.0F}),
                                 ElementType::int8(Quantisation::per_tensor(1.0, 0)));
  ASSERT_TRUE(integers);
  EXPECT_THAT(integers->elements<std::int8_t>(), ElementsAre(1, -1, 2, -2, 2, -3, 0, 0));
}

TEST(Quantise, SaturatesInfinitiesAndHugeValues) {
  const auto type = ElementType::int8(Quantisation::per_tensor(0.25, -7));
  const auto integers = quantise(reals({HUGE_VALF, -HUGE_VALF, 3e38F, -3e38F, 33.5F, 33.4F, -30.25F, -30.5F}), type);
  ASSERT_TRUE(integers);
  EXPECT_THAT(integers->elements<std::int8_t>(), ElementsAre(127, -128, 127, -128, 127, 127, -128, -128));
}

TEST(Quantise, NamesTheFirstNan) {
  const auto integers = quantise(reals({1, NAN, NAN}), ElementType::int8(Quantisation::per_tensor(1, 0)));
  ASSERT_FALSE(integers);
  EXPECT_EQ(integers.error().message, "element 1 is NaN");
}

TEST(Quantise, MeetsItsDefinitionOnRandomValuesOfEveryType) {
  Random random(21);
  for (const int bits : {1, 3, 8, 12, 16, 24, 32}) {
    for (const bool is_signed : {true, false}) {
      const ElementType bare = ElementType::integer(bits, is_signed);
      for (int round = 0; round < 40; ++round) {
        const double scale = std::ldexp(0.5 + random.unit() / 2, static_cast<int>(random.between(-20, 20)));
        const std::int64_t zero = random.between(std::max<std::int64_t>(bare.lowest(), INT32_MIN),
                                                 std::min<std::int64_t>(bare.highest(), INT32_MAX));
        const auto type = bare.with(Quantisation::per_tensor(scale, static_cast<std::int32_t>(zero)));
        std::vector<float> values;
        for (int i = 0; i < 50; ++i) {
          // Around the type's range and a bit beyond; every second one exactly between two integers.
          const double spread = static_cast<double>(bare.highest() - bare.lowest()) * 1.5;
          const double integer = std::floor((random.unit() - 0.5) * 2 * spread) + (i % 2 == 0 ? 0.5 : random.unit());
          values.push_back(static_cast<float>(integer * scale));
        }
        const auto integers = quantise(reals(values), type);
        ASSERT_TRUE(integers);
        for (std::size_t i = 0; i < values.size(); ++i) {
          ASSERT_EQ(integers->integer_at(i), by_definition(values[i], type))
              << values[i] << " as " << type.name() << ", scale " << scale << ", zero point " << zero;
        }
      }
    }
  }
}

TEST(Dequantise, ComesBackToTheSameInteger) {
  Random random(22);
  for (int round = 0; round < 200; ++round) {
    const double scale = std::ldexp(0.5 + random.unit() / 2, static_cast<int>(random.between(-30, 30)));
    const auto type =
        ElementType::int8(Quantisation::per_tensor(scale, static_cast<std::int32_t>(random.between(-128, 127))));
    Tensor integers({type, {256}});
    for (int i = 0; i < 256; ++i)
      integers.elements<std::int8_t>()[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    const auto back = quantise(dequantise(integers), type);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, integers) << scale;
  }
}

TEST(Dequantise, UsesEachChannelsScale) {
  const std::vector<std::int8_t> elements{1, 2, 3, 4, 5, 6};
  for (const int axis : {0, 1}) {
    Quantisation q;
    q.axis = axis;
    q.scales = axis == 0 ? std::vector<double>{1, 10} : std::vector<double>{1, 10, 100};
    q.zero_points = axis == 0 ? std::vector<std::int32_t>{0, 1} : std::vector<std::int32_t>{0, 1, 2};
    const Tensor real = dequantise(Tensor({ElementType::int8(q), {2, 3}}, std::span<const std::int8_t>(elements)));
    if (axis == 0) {
      EXPECT_THAT(real.elements<float>(), ElementsAre(1, 2, 3, 30, 40, 50));
    } else {
      EXPECT_THAT(real.elements<float>(), ElementsAre(1, 10, 100, 4, 40, 400));
    }
  }
}

}  // namespace
}  // namespace algean
