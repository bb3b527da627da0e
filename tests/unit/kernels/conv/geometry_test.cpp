// Shapes of convolutions, and broken twins of good ones: each names the rule.
#include "kernels/conv/geometry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/kernels/conv/problems.hpp"

namespace algean::kernels::conv {
namespace {

using ::testing::HasSubstr;
using testing::real;
using List = std::vector<std::int64_t>;

// A ResNet's first layer: [224,224,3] -> [112,112,64].
struct Case {
  LayerSpec layer;
  Shape input{224, 224, 3};
  Direction direction = Direction::forward;
};

Case good() {
  testing::ConvProblem p;
  p.c_in = 3;
  p.c_out = 64;
  p.k_h = p.k_w = 7;
  p.stride_h = p.stride_w = 2;
  p.top = p.left = p.bottom = p.right = 3;
  return {testing::float_conv(p, std::vector<float>(64 * 7 * 7 * 3, 0))};
}

std::string message(Case twin, const std::function<void(Case&)>& break_it) {
  EXPECT_EQ(infer(twin.layer, 2, twin.direction, twin.input).value(), (Shape{112, 112, 64}));
  break_it(twin);
  const auto result = infer(twin.layer, 2, twin.direction, twin.input);
  return result ? "accepted: " + result->text() : result.error().message;
}

void rejects(const std::function<void(Case&)>& break_it, const char* text) {
  EXPECT_THAT(message(good(), break_it), HasSubstr(text));
}

TEST(ConvGeometry, RejectsWrongWeightsAndInputs) {
  rejects([](Case& c) { c.layer.constants.erase("weight"); }, "constant 'weight' is missing");
  rejects([](Case& c) { c.layer.constants["weight"] = testing::constant<float>(real({2}), {1, 2}); },
          "constant 'weight' is float32[2], must have 4 axes [C_out,kernel,C_in/groups]");
  rejects([](Case& c) { c.input = Shape{224, 3}; }, "input is [224,3], must have 3 axes, the last of channels");
  rejects([](Case& c) { c.input = Shape{224, 224, 4}; },
          "input [224,224,4] has 4 channels in 1 groups, constant 'weight' [64,7,7,3] takes 3 a group");
  rejects([](Case& c) { c.input = Shape{224, 2, 3}; }, "accepted: [112,1,64]");
  rejects(
      [](Case& c) {
        c.input = Shape{224, 224, 6};
        c.layer.attributes.set("groups", std::int64_t{2});
      },
      "accepted: [112,112,64]");
}

TEST(ConvGeometry, RejectsWrongAttributes) {
  rejects([](Case& c) { c.layer.attributes.set("groups", std::int64_t{0}); },
          "attribute 'groups' is 0, must divide the 3 input and 64 output channels");
  rejects([](Case& c) { c.layer.attributes.set("groups", std::int64_t{3}); }, "attribute 'groups' is 3, must divide");
  rejects([](Case& c) { c.layer.attributes.set("groups", std::string("1")); }, "attribute 'groups' must be an integer");
  rejects([](Case& c) { c.layer.attributes.set("strides", List{2}); },
          "attribute 'strides' has 1 numbers, must have 2");
  rejects([](Case& c) { c.layer.attributes.set("strides", List{2, 0}); },
          "attribute 'strides': 0 must be in 1..268435456");
  rejects([](Case& c) { c.layer.attributes.set("strides", 2.5); }, "attribute 'strides' must be a list of integers");
  rejects([](Case& c) { c.layer.attributes.set("dilations", List{1, 268435457}); },
          "attribute 'dilations': 268435457 must be in 1..268435456");
  rejects([](Case& c) { c.layer.attributes.set("padding", List{1, 1}); },
          "attribute 'padding' has 2 numbers, must have 4");
  rejects([](Case& c) { c.layer.attributes.set("padding", List{3, 3, -1, 3}); },
          "attribute 'padding': -1 must be in 0..268435456");
  rejects([](Case& c) { c.layer.attributes.set("dilations", List{1, 40}); },
          "axis 1: kernel 7 with dilation 40 and padding 3+3 leaves no output of input 224");
}

TEST(ConvGeometry, RejectsWhatHasTooManyElements) {
  rejects([](Case& c) { c.layer.attributes.set("padding", List{200000, 3, 3, 200000}); }, "input with its padding: ");
  rejects(
      [](Case& c) {
        c.layer.attributes.set("strides", List{100000, 1000});
        c.layer.attributes.set("padding", List{200000, 200000, 3, 3});
      },
      "input with its padding: ");
  rejects(
      [](Case& c) {
        c.layer.attributes.set("strides", List{1000, 1000});
        c.layer.attributes.set("padding", List{5000, 5000, 3, 3});
      },
      "input with its padding is [5224,5224,3], more than 64 times input [224,224,3] and output [6,6,64]");
  rejects(
      [](Case& c) {
        c.direction = Direction::transposed;
        c.input = Shape{10000, 10000, 3};
      },
      "elements");
}

TEST(ConvGeometry, RejectsWrongTransposedAttributes) {
  const auto transposed = [](List padding) {
    Case twin = good();
    twin.direction = Direction::transposed;
    twin.input = Shape{4, 4, 3};
    twin.layer.attributes.set("padding", std::move(padding));
    const auto result = infer(twin.layer, 2, twin.direction, twin.input);
    return result ? result->text() : result.error().message;
  };
  EXPECT_EQ(transposed({0, 0, 0, 0}), "[13,13,64]");
  EXPECT_EQ(transposed({1, 2, -1, 3}), "[13,8,64]");
  EXPECT_EQ(transposed({-1, 0, 0, 0}), "attribute 'padding': -1 before axis 0 must not be negative");
  Case fast = good();
  fast.layer.attributes.set("strides", List{1, 257});
  EXPECT_EQ(infer(fast.layer, 2, Direction::transposed, fast.input).error().message,
            "attribute 'strides': 257 must be in 1..256");
  EXPECT_EQ(transposed({13, 0, 0, 0}), "axis 0: kernel 7 with dilation 1 and padding 13+0 leaves no output of input 4");
}

TEST(ConvGeometry, SplitsATransposedConvolutionByRemainders) {
  Case twin = good();
  twin.layer.attributes.set("padding", List{1, 1, 1, 1});
  const Geometry g = geometry(twin.layer, Direction::transposed, Shape{4, 4, 3});
  ASSERT_EQ(g.out_h, 11);
  ASSERT_EQ(g.rows.size(), 2U);
  // Output 0 stands at 1 of the full result: taps 1, 3, 5 of the inputs 0, -1, -2.
  EXPECT_EQ(g.rows[0].count, 6);
  ASSERT_EQ(g.rows[0].taps.size(), 3U);
  EXPECT_EQ(g.rows[0].taps[0].kernel, 1);
  EXPECT_EQ(g.rows[0].taps[0].shift, 0);
  EXPECT_EQ(g.rows[0].taps[2].kernel, 5);
  EXPECT_EQ(g.rows[0].taps[2].shift, -2);
  EXPECT_EQ(g.rows[1].first, 1);
  EXPECT_EQ(g.rows[1].count, 5);
  EXPECT_EQ(g.rows[1].taps.size(), 4U);
  const Border all = border(g.rows, 4);
  EXPECT_EQ(all.before, 2);
  EXPECT_EQ(all.after, 2);
}

}  // namespace
}  // namespace algean::kernels::conv
