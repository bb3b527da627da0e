#include "kernels/pool/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/kernels/support/programs.hpp"

namespace algean::kernels {
namespace {

using ::testing::ElementsAre;
using testing::int8;
using testing::real;
using testing::tensor;
using List = std::vector<std::int64_t>;

const Pool family;

LayerSpec layer(std::string operation, Attributes attributes) {
  return {"layer", std::move(operation), std::move(attributes), {}};
}

std::vector<float> compute(const LayerSpec& spec, const Shape& shape, const std::vector<float>& x) {
  const TensorType in = real(shape);
  const auto shapes = family.infer(spec, {&in, 1});
  EXPECT_TRUE(shapes) << shapes.error().message;
  const TensorType out = real((*shapes)[0]);
  EXPECT_EQ(testing::verdict(family, spec, {in}, {out}), "accepted");
  return testing::elements<float>(testing::evaluate(family, spec, {tensor(in, x)}, std::vector{out})[0]);
}

TEST(PoolFloat, MaximumByHand) {
  const std::vector<float> x{1, 2, 3, 4, 5, 6, 7, 8, -9};
  EXPECT_THAT(compute(layer("max_pool2d", {{"window", List{2, 2}}}), {3, 3, 1}, x), ElementsAre(5, 6, 8, 8));
  // Padding never wins, not even over numbers below 0.
  EXPECT_THAT(compute(layer("max_pool1d", {{"window", List{2}}, {"padding", List{1, 1}}}), {2, 1}, {-3, -5}),
              ElementsAre(-3, -3, -5));
  EXPECT_THAT(compute(layer("max_pool1d", {{"window", List{2}}, {"dilations", List{2}}, {"strides", List{2}}}), {6, 1},
                      {1, 5, 2, 6, 0, 7}),
              ElementsAre(2, 2));
}

TEST(PoolFloat, AverageByHand) {
  const Attributes window{{"window", List{2}}, {"padding", List{1, 1}}};
  EXPECT_THAT(compute(layer("average_pool1d", window), {2, 2}, {2, 20, 4, 40}), ElementsAre(2, 20, 3, 30, 4, 40));
  Attributes counted = window;
  counted.set("count_padding", std::int64_t{1});
  EXPECT_THAT(compute(layer("average_pool1d", counted), {2, 2}, {2, 20, 4, 40}), ElementsAre(1, 10, 3, 30, 2, 20));
  counted.set("uncounted", List{1});
  EXPECT_THAT(compute(layer("average_pool1d", counted), {2, 2}, {2, 20, 4, 40}), ElementsAre(1, 10, 3, 30, 4, 40));
  counted.set("activation", std::string("relu6"));
  EXPECT_THAT(compute(layer("average_pool1d", counted), {2, 2}, {2, 20, 4, 40}), ElementsAre(1, 6, 3, 6, 4, 6));
}

struct Problem {
  LayerSpec spec;
  Shape input;
  List window, strides, dilations, padding, uncounted;
  bool is_max = false, count_padding = false;
};

Problem random_problem(Random& random) {
  const auto n = static_cast<std::size_t>(random.between(1, 2));
  Problem p;
  p.is_max = random.below(2) == 0;
  p.count_padding = !p.is_max && random.below(2) == 0;
  List extents, after;
  for (std::size_t i = 0; i < n; ++i) {
    extents.push_back(random.between(3, 9));
    p.window.push_back(random.between(1, 4));
    p.strides.push_back(random.between(1, 3));
    p.dilations.push_back(random.below(3) == 0 ? 2 : 1);
    const std::int64_t reach = (p.window[i] - 1) * p.dilations[i] + 1;
    p.padding.push_back(random.between(0, std::min<std::int64_t>(reach - 1, 2)));
    after.push_back(random.between(std::max<std::int64_t>(0, reach - extents[i] - p.padding[i]), reach - 1));
    p.uncounted.push_back(p.count_padding ? random.between(0, after[i]) : 0);
  }
  p.padding.insert(p.padding.end(), after.begin(), after.end());
  extents.push_back(random.between(1, 70));
  p.input = Shape::make(extents).value();
  p.spec = layer(fmt::format("{}_pool{}d", p.is_max ? "max" : "average", n),
                 {{"window", p.window}, {"strides", p.strides}, {"dilations", p.dilations}, {"padding", p.padding}});
  if (p.count_padding) {
    p.spec.attributes.set("count_padding", std::int64_t{1});
    p.spec.attributes.set("uncounted", p.uncounted);
  }
  return p;
}

// What one output element is, tap by tap: the largest or the sum of value(i) over the taps inside, and what to divide
// by.
struct Naive {
  double value = 0;
  std::int64_t taps = 0, counted = 0;
};
template <class Value>
Naive naive(const Problem& p, const testing::Index& out, const Value& value) {
  const std::size_t n = p.window.size();
  Naive result{p.is_max ? -std::numeric_limits<double>::infinity() : 0.0};
  std::int64_t total = 1;
  for (const std::int64_t extent : p.window) total *= extent;
  for (std::int64_t tap = 0; tap < total; ++tap) {
    testing::Index at(out);
    bool inside = true, counts = p.count_padding;
    std::int64_t rest = tap;
    for (std::size_t axis = n; axis-- > 0;) {
      at[axis] = out[axis] * p.strides[axis] + rest % p.window[axis] * p.dilations[axis] - p.padding[axis];
      rest /= p.window[axis];
      inside = inside && at[axis] >= 0 && at[axis] < p.input[axis];
      counts = counts && at[axis] < p.input[axis] + p.padding[n + axis] - p.uncounted[axis];
    }
    result.counted += counts || inside ? 1 : 0;
    if (!inside) continue;
    ++result.taps;
    const double x = value(testing::flat(p.input, at));
    result.value = p.is_max ? std::max(result.value, x) : result.value + x;
  }
  return result;
}

TEST(PoolFloat, RandomWindowsAgainstTapByTap) {
  Random random(1);
  for (int round = 0; round < 400; ++round) {
    const Problem p = random_problem(random);
    const auto elements = static_cast<std::size_t>(p.input.elements());
    const std::vector<float> x = testing::random_reals(random, elements, -2, 2);
    const std::vector<float> y = compute(p.spec, p.input, x);
    const TensorType in = real(p.input);
    const Shape out = family.infer(p.spec, {&in, 1}).value()[0];
    for (std::size_t i = 0; i < y.size(); ++i) {
      const Naive wanted =
          naive(p, testing::index_of(out, i), [&](std::size_t at) { return static_cast<double>(x[at]); });
      ASSERT_GT(wanted.taps, 0);
      const double value = p.is_max ? wanted.value : wanted.value / static_cast<double>(wanted.counted);
      ASSERT_NEAR(static_cast<double>(y[i]), value, 1e-6);
    }
  }
}

TEST(PoolInteger, RandomWindowsAgainstTapByTap) {
  Random random(2);
  for (int round = 0; round < 600; ++round) {
    Problem p = random_problem(random);
    const TensorType in = int8(p.input, 0.05, static_cast<std::int32_t>(random.between(-128, 127)));
    const Shape shape = family.infer(p.spec, {&in, 1}).value()[0];
    const TensorType out = p.is_max ? TensorType{in.element, shape} : int8(shape, 0.04, -20);
    const LayerSpec integer = testing::quantised(family, p.spec, {in}, out);
    const Tensor x = testing::extreme_int8(random, in, round % 4);
    const Tensor y = testing::evaluate(family, integer, {x}, std::vector{out})[0];
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape.elements()); ++i) {
      const Naive wanted =
          naive(p, testing::index_of(shape, i), [&](std::size_t at) { return testing::real_of(x.integer_at(at), in); });
      const double value = p.is_max ? wanted.value : wanted.value / static_cast<double>(wanted.counted);
      const double code = value / out.element.quantisation()->scale() + out.element.quantisation()->zero_point();
      ASSERT_NEAR(static_cast<double>(y.integer_at(i)), std::clamp(code, -128.0, 127.0), 0.51);
    }
    ASSERT_EQ(testing::difference(family, integer, {x}, out), "") << p.input.text();
  }
}

// TensorFlow Lite's average: the sum of the codes over their number, halves away from zero.
TEST(PoolInteger, TfliteRandomWindowsAgainstTapByTap) {
  Random random(3);
  for (int round = 0; round < 400; ++round) {
    Problem p = random_problem(random);
    if (p.count_padding) continue;
    const bool half_up = !p.is_max && round % 3 == 0;
    p.spec.attributes.set("arithmetic", std::string("tflite"));
    p.spec.attributes.set("activation", std::string(round % 2 == 0 ? "relu" : "linear"));
    if (half_up) p.spec.attributes.set("rounding", std::string("half_up"));
    const TensorType in = int8(p.input, 0.05, -30);
    const TensorType out{in.element, family.infer(p.spec, {&in, 1}).value()[0]};
    const LayerSpec integer = testing::quantised(family, p.spec, {in}, out);
    const Tensor x = testing::extreme_int8(random, in, round % 4);
    const Tensor y = testing::evaluate(family, integer, {x}, std::vector{out})[0];
    for (std::size_t i = 0; i < static_cast<std::size_t>(out.shape.elements()); ++i) {
      const Naive wanted = naive(p, testing::index_of(out.shape, i),
                                 [&](std::size_t at) { return static_cast<double>(x.integer_at(at)); });
      const double mean = wanted.value / static_cast<double>(wanted.taps);
      double code = p.is_max ? wanted.value : half_up ? std::floor(mean + 0.5) : std::round(mean);
      if (round % 2 == 0) code = std::max(code, -30.0);
      ASSERT_EQ(static_cast<double>(y.integer_at(i)), code) << mean;
    }
    ASSERT_EQ(testing::difference(family, integer, {x}, out), "");
  }
}

TEST(PoolInteger, AverageByHand) {
  // Scale 1 to 1/2, zero point 1 to -3: mean of (3, 4) minus 1 is 2.5, 5 steps.
  const TensorType in = int8({2, 1}, 1, 1);
  const TensorType out = int8({1, 1}, 0.5, -3);
  const LayerSpec integer = testing::quantised(family, layer("average_pool1d", {{"window", List{2}}}), {in}, out);
  const Tensor y = testing::evaluate(family, integer, {tensor<std::int8_t>(in, {3, 4})}, std::vector{out})[0];
  EXPECT_EQ(y.integer_at(0), 2);
  EXPECT_EQ(integer.required("multiplier").shape(), Shape{1});
}

TEST(PoolRejects, Geometry) {
  const auto of = [](Attributes attributes, const Shape& shape, const char* operation = "average_pool1d") {
    const TensorType in = real(shape);
    const auto result = family.infer(layer(operation, std::move(attributes)), {&in, 1});
    return result ? (*result)[0].text() : result.error().message;
  };
  EXPECT_EQ(of({{"window", List{2}}}, {4, 1}), "[3,1]");
  EXPECT_EQ(of({{"window", List{2}}}, {4}), "input is [4], must be [L,C]");
  EXPECT_EQ(of({{"window", List{2, 2}}}, {4, 4}, "max_pool2d"), "input is [4,4], must be [H,W,C]");
  EXPECT_EQ(of({}, {4, 1}), "attribute 'window' is missing");
  EXPECT_EQ(of({{"window", List{0}}}, {4, 1}), "attribute 'window' [0]: 0 must lie in 1..4294967296");
  EXPECT_EQ(of({{"window", List{2, 2}}}, {4, 1}), "attribute 'window' [2,2] has 2 numbers, must have 1");
  EXPECT_EQ(of({{"window", List{5}}}, {4, 1}), "axis 0: the window's extent 5 must be at most the padded input's 4");
  EXPECT_EQ(of({{"window", List{2}}, {"padding", List{2, 0}}}, {4, 1}),
            "axis 0: padding 2 before and 0 after must be below the window's extent 2");
  EXPECT_EQ(of({{"window", List{2}}, {"padding", List{0, 1}}, {"uncounted", List{2}}}, {4, 1}),
            "axis 0: attribute 'uncounted' is 2, more than the padding 1 after");
  EXPECT_EQ(of({{"window", List{2}}, {"dilations", List{3}}, {"padding", List{2, 2}}}, {2, 1}),
            "axis 0: dilation 3 of a padded axis must be at most its extent 2");
  EXPECT_EQ(of({{"window", List{1LL << 32}}, {"dilations", List{2}}}, {4, 1}),
            "window 4294967296 with dilation 2 reaches further than 4294967296 elements");
  EXPECT_EQ(of({{"window", List{2}}, {"count_padding", std::int64_t{3}}}, {4, 1}),
            "attribute 'count_padding' is 3, must be 0 or 1");
  EXPECT_EQ(of({{"window", List{1 << 20, 1 << 20}}, {"padding", List{(1 << 20) - 1, (1 << 20) - 1, 0, 0}}}, {4, 4, 1},
               "average_pool2d"),
            "the window has more than 4294967296 taps");
}

TEST(PoolRejects, TypesAndAttributes) {
  const TensorType in = int8({4, 1}, 1, 0);
  const TensorType out = int8({3, 1}, 1, 0);
  const TensorType other = int8({3, 1}, 0.5, 0);
  const LayerSpec max = layer("max_pool1d", {{"window", List{2}}});
  EXPECT_EQ(testing::verdict(family, max, {in}, {out}), "accepted");
  EXPECT_EQ(testing::verdict(family, max, {in}, {in}), "must have one output of shape [3,1]");
  EXPECT_EQ(testing::verdict(family, max, {in}, {other}),
            "output must have the input's quantisation: scale 1 and zero point 0, is 0.5 and 0");
  EXPECT_EQ(*family.fixed_output(max, {&in, 1}), in.element);
  LayerSpec twin = max;
  twin.attributes.set("rounding", std::string("half_up"));
  EXPECT_EQ(testing::verdict(family, twin, {in}, {out}),
            "attribute 'rounding' is unknown to 'max_pool1d', which takes [window, strides, dilations, padding, "
            "activation, arithmetic]");
  LayerSpec average = layer("average_pool1d", {{"window", List{2}}, {"rounding", std::string("up")}});
  EXPECT_EQ(testing::verdict(family, average, {in}, {out}),
            "attribute 'rounding' is 'up', must be one of [half_away, half_up]");
  average.attributes.erase("rounding");
  EXPECT_EQ(testing::verdict(family, average, {in}, {out}), "constant 'multiplier' is missing");
  average.attributes.set("arithmetic", std::string("tflite"));
  EXPECT_EQ(testing::verdict(family, average, {in}, {out}), "accepted");
  average.attributes.set("padding", List{1, 0});
  average.attributes.set("count_padding", std::int64_t{1});
  EXPECT_EQ(testing::verdict(family, average, {in}, {int8({4, 1}, 1, 0)}),
            "arithmetic 'tflite' does not count padding");
  const LayerSpec huge = layer("average_pool1d", {{"window", List{(1 << 23) + 1}}});
  EXPECT_EQ(family.quantise(huge, std::vector{int8({1 << 24, 1}, 1, 0)}, std::vector{int8({1 << 23, 1}, 1, 0)})
                .error()
                .message,
            "the window has 8388609 taps, at most 8388608 are summed up");
}

}  // namespace
}  // namespace algean::kernels
