#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/conv/conv.hpp"
#include "tests/unit/kernels/conv/problems.hpp"

namespace algean::kernels {
namespace {

using testing::ConvProblem;
using testing::elements;
using ::testing::ElementsAre;
using testing::evaluate;
using testing::float_conv;
using testing::real;
using testing::tensor;

const Conv family;

TEST(ConvFloat, ComputesTwoDimensionsByHand) {
  ConvProblem p;
  p.in_h = p.in_w = 3;
  p.k_h = p.k_w = 2;
  p.c_out = 2;
  const LayerSpec layer = float_conv(p, {1, 2, 3, 4, 0, 1, 0, -1}, {0.5F, 100});
  const Tensor x = tensor<float>(real({3, 3, 1}), {1, 2, 3, 4, 5, 6, 7, 8, 9});
  // 1+4+12+20 = 37 ...; the second kernel: upper right minus lower right
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({2, 2, 2}))),
              ElementsAre(37.5F, 97, 47.5F, 97, 67.5F, 97, 77.5F, 97));
}

TEST(ConvFloat, ComputesOneDimensionByHand) {
  LayerSpec layer{"layer", "conv1d", {}, {}};
  layer.attributes.set("strides", std::vector<std::int64_t>{2});
  layer.attributes.set("dilations", std::vector<std::int64_t>{2});
  layer.attributes.set("padding", std::vector<std::int64_t>{1, 2});
  layer.constants["weight"] = testing::constant<float>(real({1, 2, 2}), {1, 10, 100, 1000});
  const Tensor x = tensor<float>(real({4, 2}), {1, 2, 3, 4, 5, 6, 7, 8});
  const TensorType in = real({4, 2});
  ASSERT_EQ(family.infer(layer, {&in, 1}).value(), std::vector<Shape>{(Shape{3, 1})});
  // Taps at -1 and 1, at 1 and 3, at 3 and 5; -1 and 5 are padding.
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({3, 1}))), ElementsAre(4300, 43 + 8700, 87));
}

TEST(ConvFloat, ComputesDepthwiseByHand) {
  ConvProblem p;
  p.in_w = 2;
  p.k_w = 2;
  p.c_in = p.groups = 2;
  p.c_out = 4;
  const LayerSpec layer = float_conv(p, {1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor x = tensor<float>(real({1, 2, 2}), {1, 10, 2, 20});
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({1, 1, 4}))),
              ElementsAre(1 + 4, 3 + 8, 50 + 120, 70 + 160));
}

TEST(ConvFloat, CutsAtTheActivationsBounds) {
  ConvProblem p;
  p.in_w = 4;
  LayerSpec layer = float_conv(p, {2});
  const Tensor x = tensor<float>(real({1, 4, 1}), {-3, -0.25F, 0.75F, 5});
  const auto with = [&](const char* activation) {
    layer.attributes.set("activation", std::string(activation));
    return elements<float>(evaluate(family, layer, x, real({1, 4, 1})));
  };
  EXPECT_THAT(with("linear"), ElementsAre(-6, -0.5F, 1.5F, 10));
  EXPECT_THAT(with("relu"), ElementsAre(0, 0, 1.5F, 10));
  EXPECT_THAT(with("relu6"), ElementsAre(0, 0, 1.5F, 6));
  EXPECT_THAT(with("relu_n1_to_1"), ElementsAre(-1, -0.5F, 1, 1));
}

TEST(ConvFloat, AccumulatesInBinary64) {
  ConvProblem p;
  p.c_in = 3;
  const LayerSpec layer = float_conv(p, {1, 1, 1});
  const Tensor x = tensor<float>(real({1, 1, 3}), {16777216.0F, 1.0F, -16777216.0F});
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({1, 1, 1}))), ElementsAre(1.0F));
}

TEST(ConvFloat, GivesTheDefinitionsSumsForRandomProblems) {
  for (std::uint64_t seed = 0; seed < testing::problem_count(); ++seed) {
    ASSERT_EQ(testing::float_difference(family, false, seed), "") << "seed " << seed;
  }
}

TEST(ConvWork, CountsProducts) {
  ConvProblem p;
  p.in_h = p.in_w = 5;
  p.k_h = p.k_w = 3;
  p.c_in = 4;
  p.c_out = 6;
  p.groups = 2;
  const LayerSpec layer = float_conv(p, std::vector<float>(6 * 9 * 2, 1));
  const TensorType in = real(p.input());
  const TensorType out = real(p.output());
  EXPECT_EQ(family.work(layer, {&in, 1}, {&out, 1}), 9 * 6 * 9 * 2);
}

}  // namespace
}  // namespace algean::kernels
