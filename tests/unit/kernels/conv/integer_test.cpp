#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/conv/conv.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/conv/integers.hpp"

namespace algean::kernels {
namespace {

using testing::ConvProblem;
using testing::elements;
using ::testing::ElementsAre;
using testing::evaluate;
using testing::float_conv;
using testing::int8;
using testing::real;
using testing::tensor;

const Conv family;

TEST(ConvInteger, ComputesByHand) {
  ConvProblem p;
  p.in_w = 3;
  p.k_w = 3;
  p.left = p.right = 1;
  const TensorType in = int8(p.input(), 0.5, 3);
  const TensorType out = int8(p.output(), 0.25, -10);
  const LayerSpec layer = family.quantise(float_conv(p, {1, -0.5, 0.25}, {0.5}), {&in, 1}, {&out, 1}).value();
  ASSERT_TRUE(family.verify(layer, {&in, 1}, {&out, 1}));
  EXPECT_THAT(elements<std::int8_t>(layer.required("weight")), ElementsAre(127, -63, 32));  // -63.5 goes up
  EXPECT_THAT(elements<std::int32_t>(layer.required("bias")), ElementsAre(127));
  // Less the zero point: 10 -4 0, with 0 around. Sums: 127 -630 -128, 127 +1270 +252 +0, 127 -508; ratio 2/127.
  const Tensor x = tensor<std::int8_t>(in, {13, -1, 3});
  EXPECT_THAT(elements<std::int8_t>(evaluate(family, layer, x, out)), ElementsAre(-10 - 10, -10 + 26, -10 - 6));
}

TEST(ConvInteger, GivesTheDefinitionsIntegersForRandomProblems) {
  for (std::uint64_t seed = 0; seed < testing::problem_count(); ++seed) {
    ASSERT_EQ(testing::integer_difference(family, false, seed), "") << "seed " << seed;
  }
}

// Error against the float layer: at most half an output step, plus what rounding weights gives.
TEST(ConvQuantise, StaysCloseToTheFloatLayer) {
  Random random(11);
  ConvProblem p;
  p.in_h = p.in_w = 6;
  p.c_in = 8;
  p.c_out = 20;
  p.k_h = p.k_w = 3;
  p.top = p.left = p.bottom = p.right = 1;
  const LayerSpec layer =
      float_conv(p, testing::random_reals(random, 20 * 9 * 8, -0.5, 0.5), testing::random_reals(random, 20, -1, 1));
  const TensorType in = int8(p.input(), 2.0 / 255, 0);
  const TensorType out = int8(p.output(), 24.0 / 255, 4);
  const LayerSpec integer = family.quantise(layer, {&in, 1}, {&out, 1}).value();
  const Tensor x = testing::random_int8(random, in);
  const Tensor y = dequantise(evaluate(family, integer, x, out));
  const Tensor reference = evaluate(family, layer, dequantise(x), real(p.output()));
  for (std::size_t i = 0; i < y.elements<float>().size(); ++i) {
    // 72 weights, each off by at most 0.5/254, times |x| <= 1, plus half an output step
    EXPECT_NEAR(y.elements<float>()[i], reference.elements<float>()[i], 72 * 0.5 / 254 + 12.0 / 255) << i;
  }
}

// A model's own integers stay what they are, and its float layer computes with what they stand for.
TEST(ConvQuantise, KeepsAModelsIntegers) {
  ConvProblem p;
  p.c_in = 2;
  LayerSpec layer = float_conv(p, {0, 0});
  const ElementType weight = ElementType::int8(Quantisation::per_tensor(0.5, 1));
  const ElementType bias = ElementType::int32(Quantisation::per_tensor(0.125, 0));
  layer.constants["weight"] = testing::constant<std::int8_t>({weight, p.weight()}, {3, -128});
  layer.constants["bias"] = testing::constant<std::int32_t>({bias, {1}}, {8});
  const Tensor real_x = tensor<float>(real(p.input()), {2, 0.5});
  EXPECT_THAT(elements<float>(evaluate(family, layer, real_x, real(p.output()))), ElementsAre(1 + 2 - 32.25F));
  const TensorType in = int8(p.input(), 0.25, 0);
  const TensorType out = int8(p.output(), 0.25, 0);
  const LayerSpec integer = family.quantise(layer, {&in, 1}, {&out, 1}).value();
  EXPECT_THAT(elements<std::int8_t>(integer.required("weight")), ElementsAre(3, -128));
  EXPECT_THAT(elements<std::int32_t>(integer.required("bias")), ElementsAre(8));
  // 8 + 8 * 2 + 2 * -129 = -234, halved
  EXPECT_THAT(elements<std::int8_t>(evaluate(family, integer, tensor<std::int8_t>(in, {8, 2}), out)),
              ElementsAre(-117));
}

}  // namespace
}  // namespace algean::kernels
