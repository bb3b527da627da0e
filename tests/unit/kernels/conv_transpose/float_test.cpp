#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/conv_transpose/conv_transpose.hpp"
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

const ConvTranspose family;

TEST(ConvTransposeFloat, SpreadsEachInputByHand) {
  ConvProblem p;
  p.transposed = true;
  p.in_w = 2;
  p.k_w = 3;
  p.stride_w = 2;
  const LayerSpec layer = float_conv(p, {1, 10, 100}, {0.5F});
  const Tensor x = tensor<float>(real({1, 2, 1}), {3, 4});
  // 3 30 300, and 4 40 400 from position 2 on
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({1, 5, 1}))),
              ElementsAre(3.5F, 30.5F, 304.5F, 40.5F, 400.5F));
}

TEST(ConvTransposeFloat, CropsAndExtends) {
  LayerSpec layer{"layer", "conv1d_transpose", {}, {}};
  layer.attributes.set("strides", std::vector<std::int64_t>{3});
  layer.attributes.set("padding", std::vector<std::int64_t>{1, -2});
  layer.constants["weight"] = testing::constant<float>(real({1, 2, 1}), {1, 10});
  layer.constants["bias"] = testing::constant<float>(real({1}), {7});
  const Tensor x = tensor<float>(real({2, 1}), {1, 2});
  const TensorType in = real({2, 1});
  ASSERT_EQ(family.infer(layer, {&in, 1}).value(), std::vector<Shape>{(Shape{6, 1})});
  // Full: 1 10 0 2 20; one off the front, two more behind that hold the bias; so does the gap.
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({6, 1}))), ElementsAre(17, 7, 9, 27, 7, 7));
}

TEST(ConvTransposeFloat, GivesTheDefinitionsSumsForRandomProblems) {
  for (std::uint64_t seed = 0; seed < testing::problem_count(); ++seed) {
    ASSERT_EQ(testing::float_difference(family, true, seed), "") << "seed " << seed;
  }
}

TEST(ConvTransposeWork, CountsTheInputsProducts) {
  ConvProblem p;
  p.transposed = true;
  p.in_h = p.in_w = 5;
  p.k_h = p.k_w = 2;
  p.stride_h = p.stride_w = 2;
  p.c_in = 4;
  p.c_out = 3;
  const LayerSpec layer = float_conv(p, std::vector<float>(3 * 4 * 4, 1));
  const TensorType in = real(p.input());
  const TensorType out = real(p.output());
  EXPECT_EQ(family.work(layer, {&in, 1}, {&out, 1}), 25 * 4 * 3 * 4);
}

}  // namespace
}  // namespace algean::kernels
