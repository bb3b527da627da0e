#include "kernels/resize/resize.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/kernels/support/several.hpp"

namespace algean::kernels {
namespace {

using testing::Index;
using testing::int8;
using testing::real;

const Resize family;

LayerSpec layer(Index size, const std::string& mode, const std::string& coordinates, const std::string& rounding = "") {
  LayerSpec spec{"layer", "resize", {{"size", std::move(size)}, {"mode", mode}, {"coordinates", coordinates}}, {}};
  if (!rounding.empty()) spec.attributes.set("rounding", rounding);
  return spec;
}

std::vector<float> resized(const LayerSpec& spec, const std::vector<float>& x) {
  const TensorType in = real({static_cast<std::int64_t>(x.size()), 1});
  const TensorType out = real({spec.attributes.integers("size").value()[0], 1});
  EXPECT_EQ(testing::verdict(family, spec, {in}, {out}), "accepted");
  return testing::elements<float>(testing::evaluate(family, spec, testing::tensor<float>(in, x), out));
}

TEST(Resize, ByHand) {
  using Reals = std::vector<float>;
  EXPECT_EQ(resized(layer({4}, "nearest", "asymmetric"), {1, 2}), (Reals{1, 1, 2, 2}));
  EXPECT_EQ(resized(layer({3}, "nearest", "half_pixel", "round_down"), {1, 2, 3, 4, 5}), (Reals{1, 3, 5}));
  EXPECT_EQ(resized(layer({2}, "nearest", "half_pixel", "round"), {1, 2, 3, 4}), (Reals{2, 4}));  // 0.5, 2.5
  EXPECT_EQ(resized(layer({2}, "nearest", "half_pixel", "round_down"), {1, 2, 3, 4}), (Reals{1, 3}));
  EXPECT_EQ(resized(layer({2}, "nearest", "half_pixel", "ceil"), {1, 2, 3, 4}), (Reals{2, 4}));
  EXPECT_EQ(resized(layer({2}, "nearest", "tf_half_pixel_for_nn"), {1, 2, 3, 4, 5}), (Reals{2, 4}));    // 1.25, 3.75
  EXPECT_EQ(resized(layer({3}, "nearest", "align_corners", "round"), {1, 2, 3, 4}), (Reals{1, 3, 4}));  // 0, 1.5, 3
  EXPECT_EQ(resized(layer({4}, "bilinear", "half_pixel"), {0, 4}), (Reals{0, 1, 3, 4}));
  EXPECT_EQ(resized(layer({4}, "bilinear", "asymmetric"), {0, 4}), (Reals{0, 2, 4, 4}));
  EXPECT_EQ(resized(layer({3}, "bilinear", "align_corners"), {0, 4}), (Reals{0, 2, 4}));
  EXPECT_EQ(resized(layer({1}, "bilinear", "align_corners"), {7, 9}), (Reals{7}));
  EXPECT_EQ(resized(layer({1}, "bilinear", "pytorch_half_pixel"), {7, 9, 11}), (Reals{7}));
  EXPECT_EQ(resized(layer({1}, "bilinear", "half_pixel"), {7, 9, 11}), (Reals{9}));
}

TEST(Resize, TakesScalesOfTheModel) {
  LayerSpec spec = layer({3}, "nearest", "asymmetric");  // floor(2 * 0.6 * 3) outputs of a model that says 1.8
  spec.attributes.set("scales", std::vector<double>{1.8});
  EXPECT_EQ(resized(spec, {1, 2}), (std::vector<float>{1, 1, 2}));  // 0, 0.56, 1.11
  spec.attributes.set("mode", "bilinear");
  spec.attributes.set("coordinates", "half_pixel_symmetric");
  // share 3 / 3.6 = 5/6; positions 1 * (1 - 5/6) + (x + 0.5) / 1.8 - 0.5 = -1/18, 1/2, 19/18
  const auto y = resized(spec, {0, 1});
  EXPECT_NEAR(y[0], 0, 1e-6);
  EXPECT_NEAR(y[1], 0.5, 1e-6);
  EXPECT_NEAR(y[2], 1, 1e-6);
}

// Random shapes: the integer form within a step of the floats, and the compiled step equal to it.
TEST(Resize, IntegersFollowFloats) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const bool flat = random.below(3) == 0;
    const bool nearest = random.below(2) == 0;
    Index in{random.between(1, 7), random.between(1, 7), random.between(1, 20)};
    Index size{random.between(1, 15), random.between(1, 15)};
    if (flat) in.erase(in.begin()), size.erase(size.begin());
    Index out = size;
    out.push_back(in.back());
    const std::string coordinates =
        std::vector<std::string>{"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"}[random.below(4)];
    const LayerSpec spec = layer(size, nearest ? "nearest" : "bilinear", coordinates);
    const TensorType from = int8(Shape::make(in).value(), 1, 0), to = int8(Shape::make(out).value(), 1, 0);
    const LayerSpec integer = family.quantise(spec, {&from, 1}, {&to, 1}).value();
    const Tensor codes = testing::random_int8(random, from);
    std::vector<float> reals;
    for (const std::int8_t code : codes.elements<std::int8_t>()) reals.push_back(code);
    const auto expected = testing::elements<float>(
        testing::evaluate(family, spec, testing::tensor(real(from.shape), reals), real(to.shape)));
    const Tensor y = testing::evaluate(family, integer, codes, to);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(y.elements<std::int8_t>()[i], expected[i], nearest ? 0 : 0.76) << round;  // shares of 1/1024
    }
    const auto step = family.compile(integer, {&from, 1}, {&to, 1}, InstructionSet::portable).value();
    EXPECT_EQ(testing::run(*step, codes, to), y);
  }
}

// TensorFlow Lite's integer kernel, written from its rule: positions in 1/1024, halves away from zero.
std::int8_t tflite_bilinear(const Tensor& x, const Shape& out, const Index& at, bool corners, bool half_pixel) {
  std::int64_t low[2], high[2], position[2];
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t in = x.shape()[axis], size = out[axis];
    std::int64_t step = (1024 * in + size / 2) / size;
    if (corners && size > 1) step = (1024 * (in - 1) + (size - 1) / 2) / (size - 1);
    position[axis] = at[axis] * step + (half_pixel ? step / 2 - 512 : 0);
    low[axis] = std::max<std::int64_t>(position[axis] / 1024, 0);
    high[axis] = std::min<std::int64_t>((position[axis] + 1023) / 1024, in - 1);
  }
  std::int64_t sum = 0;
  for (const bool lower : {false, true}) {
    for (const bool right : {false, true}) {
      const std::int64_t dy = position[0] - 1024 * low[0], dx = position[1] - 1024 * low[1];
      const Index read{lower ? high[0] : low[0], right ? high[1] : low[1], at[2]};
      sum += x.elements<std::int8_t>()[testing::flat(x.shape(), read)] * (lower ? dy : 1024 - dy) *
             (right ? dx : 1024 - dx);
    }
  }
  return static_cast<std::int8_t>((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}

TEST(Resize, BilinearByTheIntegerRuleOfTfLite) {
  Random random(2);
  for (std::size_t round = 0; round < 300; ++round) {
    const Shape in{random.between(1, 9), random.between(1, 9), random.between(1, 5)};
    const Shape out{random.between(1, 20), random.between(1, 20), in[2]};
    const std::string coordinates = std::vector<std::string>{"half_pixel", "asymmetric", "align_corners"}[round % 3];
    LayerSpec spec = layer({out[0], out[1]}, "bilinear", coordinates);
    spec.attributes.set("arithmetic", std::string("tflite"));
    const TensorType from = int8(in, 0.5, 3), to = int8(out, 0.5, 3);
    const LayerSpec integer = family.quantise(spec, {&from, 1}, {&to, 1}).value();
    const Tensor x = testing::random_int8(random, from);
    const Tensor y = testing::evaluate(family, integer, x, to);
    for (std::size_t i = 0; i < static_cast<std::size_t>(out.elements()); ++i) {
      ASSERT_EQ(y.elements<std::int8_t>()[i],
                tflite_bilinear(x, out, testing::index_of(out, i), coordinates == "align_corners",
                                coordinates == "half_pixel"))
          << coordinates << in.text() << out.text();
    }
    const auto step = family.compile(integer, {&from, 1}, {&to, 1}, InstructionSet::portable).value();
    EXPECT_EQ(testing::run(*step, x, to), y);
  }
}

// All pairs of small extents, where a product with a binary32 scale may fall short of a whole number.
TEST(Resize, NearestInBinary32WhereTfLiteSaysSo) {
  for (std::int64_t in = 1; in <= 40; ++in) {
    for (std::int64_t out = 1; out <= 90; ++out) {
      for (const char* coordinates : {"asymmetric", "tf_half_pixel_for_nn", "align_corners"}) {
        LayerSpec spec =
            layer({out}, "nearest", coordinates, std::string(coordinates) == "align_corners" ? "round" : "floor");
        spec.attributes.set("arithmetic", std::string("tflite"));
        const TensorType from = int8({in, 1}, 1, 0), to = int8({out, 1}, 1, 0);
        std::vector<std::int8_t> codes;
        for (std::int64_t i = 0; i < in; ++i) codes.push_back(static_cast<std::int8_t>(i));
        const LayerSpec integer = family.quantise(spec, {&from, 1}, {&to, 1}).value();
        const Tensor y = testing::evaluate(family, integer, testing::tensor(from, codes), to);
        const bool corners = std::string(coordinates) == "align_corners";
        const float scale = corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                               : static_cast<float>(in) / static_cast<float>(out);
        const float offset = std::string(coordinates) == "tf_half_pixel_for_nn" ? 0.5F : 0.0F;
        for (std::int64_t x = 0; x < out; ++x) {
          const float position = (static_cast<float>(x) + offset) * scale;
          const auto index = static_cast<std::int64_t>(corners ? std::round(position) : std::floor(position));
          ASSERT_EQ(y.elements<std::int8_t>()[static_cast<std::size_t>(x)], std::min(index, in - 1)) << coordinates;
        }
      }
    }
  }
}

std::string refusal(const LayerSpec& spec, const TensorType& in = real({2, 2, 3}),
                    const TensorType& out = real({4, 4, 3})) {
  return testing::verdict(family, spec, {in}, {out});
}

TEST(ResizeRejects, BrokenTwins) {
  EXPECT_EQ(refusal(layer({4, 4}, "nearest", "asymmetric")), "accepted");
  EXPECT_EQ(refusal(layer({4, 4}, "cubic", "asymmetric")), "attribute 'mode' is 'cubic', must be nearest or bilinear");
  EXPECT_EQ(refusal(layer({4, 4}, "nearest", "tf_crop_and_resize")),
            "attribute 'coordinates' is 'tf_crop_and_resize', which is unknown");
  EXPECT_EQ(refusal(layer({4, 4}, "nearest", "asymmetric", "up")),
            "attribute 'rounding' is 'up', must be floor, ceil, round or round_down");
  EXPECT_EQ(refusal(layer({4}, "nearest", "asymmetric")),
            "attribute 'size' has 1 numbers and input [2,2,3], must be 2 and [H,W,C], or 1 and [L,C]");
  EXPECT_EQ(refusal(layer({4, 1 << 25}, "nearest", "asymmetric")),
            "axis 1 goes from 2 to 33554432, must lie in 1..16777216");
  EXPECT_EQ(refusal(layer({16777216, 16777216}, "nearest", "asymmetric")),
            "shape [16777216,16777216,3]: more than 4294967296 elements");
  EXPECT_EQ(refusal(layer({4, 5}, "nearest", "asymmetric")), "must have one output of shape [4,5,3]");
  LayerSpec scales = layer({4, 4}, "nearest", "asymmetric");
  scales.attributes.set("scales", std::vector<double>{2});
  EXPECT_EQ(refusal(scales), "attribute 'scales' must be 2 real numbers");
  scales.attributes.set("scales", std::vector<double>{2, 0});
  EXPECT_EQ(refusal(scales), "attribute 'scales' has 0, must lie in 2^-24..2^24");
  LayerSpec tflite = layer({4, 4}, "bilinear", "pytorch_half_pixel");
  tflite.attributes.set("arithmetic", std::string("tflite"));
  EXPECT_EQ(refusal(tflite), "arithmetic 'tflite' has no bilinear with these coordinates or with 'scales'");
  EXPECT_EQ(refusal(layer({4, 4}, "nearest", "asymmetric"), int8({2, 2, 3}, 1, 0), int8({4, 4, 3}, 2, 0)),
            "output must have the input's element type and quantisation");
}

}  // namespace
}  // namespace algean::kernels
