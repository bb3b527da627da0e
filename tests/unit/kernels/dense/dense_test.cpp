#include "kernels/dense/dense.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::dense;
using testing::elements;
using ::testing::ElementsAre;
using testing::evaluate;
using testing::int8;
using testing::real;
using testing::tensor;

const Dense family;

TEST(DenseInfer, ReplacesTheLastExtent) {
  const LayerSpec layer = dense(2, 3, {1, 2, 3, 4, 5, 6});
  const TensorType input = real({4, 5, 3});
  EXPECT_EQ(family.infer(layer, {&input, 1}).value(), std::vector<Shape>{(Shape{4, 5, 2})});
}

TEST(DenseFloat, ComputesByHand) {
  const LayerSpec layer = dense(2, 3, {1, 2, 3, -4, -5, -6}, {0.5, -0.25});
  const Tensor x = tensor<float>(real({2, 3}), {1, 0, 2, 0, 1, -1});
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({2, 2}))), ElementsAre(7.5F, -16.25F, -0.5F, 0.75F));
}

TEST(DenseFloat, ReluCutsNegatives) {
  LayerSpec layer = dense(2, 1, {1, -1}, {1, 1});
  layer.attributes.set("activation", std::string("relu"));
  const Tensor x = tensor<float>(real({1}), {3});
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({2}))), ElementsAre(4.0F, 0.0F));
}

TEST(DenseFloat, AccumulatesInBinary64) {
  const LayerSpec layer = dense(1, 3, {1, 1, 1});
  const Tensor x = tensor<float>(real({3}), {16777216.0F, 1.0F, -16777216.0F});
  EXPECT_THAT(elements<float>(evaluate(family, layer, x, real({1}))), ElementsAre(1.0F));
}

TEST(DenseQuantise, GivesTheIntegersOfTheRule) {
  // Scales: x 0.5, w 1/127 and 2/127, y 0.25; ratios 2/127 and 4/127.
  const LayerSpec layer = dense(2, 2, {1, -0.5, 2, 0}, {0.5, -1});
  const TensorType in = int8({2}, 0.5, 3);
  const TensorType out = int8({2}, 0.25, -10);
  const LayerSpec integer = family.quantise(layer, {&in, 1}, {&out, 1}).value();
  ASSERT_TRUE(family.verify(integer, {&in, 1}, {&out, 1}));
  EXPECT_THAT(elements<std::int8_t>(integer.required("weight")), ElementsAre(127, -63, 127, 0));  // -63.5 goes up
  EXPECT_THAT(elements<std::int32_t>(integer.required("bias")), ElementsAre(127, -127));
  // 2/127 = 0.50393700... * 2^-5: multiplier floor(66052.03 + 0.5), shift 17 + 5.
  EXPECT_THAT(elements<std::int32_t>(integer.required("multiplier")), ElementsAre(132104 / 2, 132104 / 2));
  EXPECT_THAT(elements<std::uint8_t>(integer.required("shift")), ElementsAre(22, 21));
  // x = 3 + 10: acc = 127 + 10*127 = 1397, 1397 * 2/127 = 22; second: -127 + 10*127 = 1143, * 4/127 = 36
  const Tensor x = tensor<std::int8_t>(in, {13, 3});
  EXPECT_THAT(elements<std::int8_t>(evaluate(family, integer, x, out)), ElementsAre(12, 26));
}

TEST(DenseQuantise, StatesTheAccumulatorsBits) {
  const TensorType in = int8({1}, 1, -128);
  const TensorType out = int8({1}, 1, 0);
  const LayerSpec integer = family.quantise(dense(1, 1, {127}), {&in, 1}, {&out, 1}).value();
  EXPECT_EQ(integer.attributes.integer("accumulator_bits").value(), 16);  // 0 .. 255 * 127
}

TEST(DenseQuantise, KeepsTheBiasOfADeadChannel) {
  LayerSpec layer = dense(3, 2, {0, 0, 0, 0, 1, 1}, {2.6F, 0, 0});
  const TensorType in = int8({2}, 0.1, 7);
  const TensorType out = int8({3}, 0.5, 1);
  const LayerSpec integer = family.quantise(layer, {&in, 1}, {&out, 1}).value();
  ASSERT_TRUE(family.verify(integer, {&in, 1}, {&out, 1}));
  const Tensor x = tensor<std::int8_t>(in, {100, -100});
  const auto y = elements<std::int8_t>(evaluate(family, integer, x, out));
  EXPECT_EQ(y[0], 6);  // 2.6 / 0.5 rounds to 5
  EXPECT_EQ(y[1], 1);
}

TEST(DenseQuantise, CoarsensWeightsBesideAHugeBias) {
  const LayerSpec layer = dense(1, 1, {1e-9F}, {100});
  const TensorType in = int8({1}, 0.1, 0);
  const TensorType out = int8({1}, 1, 0);
  const LayerSpec integer = family.quantise(layer, {&in, 1}, {&out, 1}).value();
  ASSERT_TRUE(family.verify(integer, {&in, 1}, {&out, 1}));
  EXPECT_LE(integer.attributes.integer("accumulator_bits").value(), 26);
  EXPECT_THAT(elements<std::int8_t>(evaluate(family, integer, tensor<std::int8_t>(in, {5}), out)), ElementsAre(100));
}

// Error against the float layer: at most half an output step, plus what rounding weights and activations gives.
TEST(DenseQuantise, StaysCloseToTheFloatLayer) {
  Random random(11);
  const std::size_t n_in = 64;
  const std::size_t n_out = 32;
  const auto weights = testing::random_reals(random, n_in * n_out, -0.5, 0.5);
  LayerSpec layer = dense(n_out, n_in, weights, testing::random_reals(random, n_out, -1, 1));
  const TensorType in = int8({n_in}, 2.0 / 255, 0);
  const TensorType out = int8({n_out}, 16.0 / 255, 4);
  const LayerSpec integer = family.quantise(layer, {&in, 1}, {&out, 1}).value();
  const Tensor x = testing::random_int8(random, in);
  const Tensor y = dequantise(evaluate(family, integer, x, out));
  const Tensor reference = evaluate(family, layer, dequantise(x), real({n_out}));
  for (std::size_t i = 0; i < n_out; ++i) {
    // 64 weights, each off by at most 0.5/254, times |x| <= 1, plus half an output step
    EXPECT_NEAR(y.elements<float>()[i], reference.elements<float>()[i], 64 * 0.5 / 254 + 8.0 / 255) << i;
  }
}

}  // namespace
}  // namespace algean::kernels
