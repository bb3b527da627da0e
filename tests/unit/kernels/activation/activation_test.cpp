#include "kernels/activation/activation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numbers>

#include "kernels/activation/softmax.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using testing::elements;
using ::testing::ElementsAre;
using testing::evaluate;
using ::testing::FloatEq;
using testing::int8;
using testing::real;
using testing::tensor;

const Activation family;

LayerSpec layer(std::string operation, Attributes attributes = {}) {
  return {"layer", std::move(operation), std::move(attributes), {}};
}

std::vector<float> compute(const LayerSpec& spec, const std::vector<float>& x, const Shape& shape) {
  EXPECT_TRUE(family.verify(spec, std::vector{real(shape)}, std::vector{real(shape)}));
  return elements<float>(evaluate(family, spec, tensor<float>(real(shape), x), real(shape)));
}

TEST(ActivationFloat, ReluHasTheParametersOfKeras) {
  const std::vector<float> x{-2, -0.5, 0, 0.5, 1, 2, 7};
  EXPECT_THAT(compute(layer("relu"), x, {7}), ElementsAre(0, 0, 0, 0.5, 1, 2, 7));
  EXPECT_THAT(compute(layer("relu", {{"max_value", 6.0}}), x, {7}), ElementsAre(0, 0, 0, 0.5, 1, 2, 6));
  EXPECT_THAT(compute(layer("relu", {{"threshold", std::int64_t{1}}}), x, {7}), ElementsAre(0, 0, 0, 0, 1, 2, 7));
  EXPECT_THAT(compute(layer("relu"), {-HUGE_VALF, HUGE_VALF}, {2}),
              ElementsAre(0, HUGE_VALF));  // slope 0 times infinity
  EXPECT_THAT(compute(layer("relu", {{"threshold", 1.0}, {"negative_slope", 0.5}, {"max_value", 2.0}}), x, {7}),
              ElementsAre(-1.5, -0.75, -0.5, -0.25, 1, 2, 2));
}

TEST(ActivationFloat, OtherElementFunctions) {
  EXPECT_THAT(compute(layer("leaky_relu", {{"slope", 0.25}}), {-4, 0, 4}, {3}), ElementsAre(-1, 0, 4));
  EXPECT_THAT(compute(layer("sigmoid"), {-1000, 0, 1000}, {3}), ElementsAre(0, 0.5, 1));
  EXPECT_THAT(compute(layer("sigmoid"), {1}, {1}), ElementsAre(FloatEq(0.73105857863F)));
  EXPECT_THAT(compute(layer("tanh"), {-1000, 0, 1}, {3}), ElementsAre(-1, 0, FloatEq(0.76159415596F)));
}

TEST(ActivationFloat, SoftmaxIsOverTheLastAxisAndDoesNotOverflow) {
  const auto y = compute(layer("softmax", {{"axis", std::int64_t{-1}}}), {1000, 1000, 0, std::log(3.0F)}, {2, 2});
  EXPECT_THAT(y, ElementsAre(0.5, 0.5, FloatEq(0.25F), FloatEq(0.75F)));
}

// Every element function, on all 256 integers, within half an output step (or at the end of the output's range).
TEST(ActivationInteger, TablesAreTheFunctionRounded) {
  const std::vector<LayerSpec> layers{layer("relu", {{"max_value", 6.0}, {"negative_slope", 0.1}}),
                                      layer("leaky_relu", {{"slope", 0.3}}), layer("sigmoid"), layer("tanh")};
  const TensorType in = int8({256}, 0.07, 13);
  const TensorType out = int8({256}, 1.0 / 50, -20);
  Tensor x(in);
  for (int i = 0; i < 256; ++i)
    x.elements<std::int8_t>()[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
  for (const LayerSpec& spec : layers) {
    const LayerSpec integer = family.quantise(spec, {&in, 1}, {&out, 1}).value();
    ASSERT_TRUE(family.verify(integer, {&in, 1}, {&out, 1}));
    const Tensor y = evaluate(family, integer, x, out);
    const Tensor expected = evaluate(family, spec, dequantise(x), real({256}));
    for (std::size_t i = 0; i < 256; ++i) {
      const double limited = std::clamp(static_cast<double>(expected.elements<float>()[i]), -108.0 / 50, 147.0 / 50);
      ASSERT_NEAR(static_cast<double>(dequantise(y).elements<float>()[i]), limited, 0.5 / 50 + 1e-6)
          << spec.operation << " " << i;
    }
    const auto step = family.compile(integer, {&in, 1}, {&out, 1}, InstructionSet::portable).value();
    EXPECT_EQ(testing::run(*step, x, out), y) << spec.operation;
  }
}

TEST(ActivationInteger, SoftmaxByHand) {
  // Scale ln 2: exponentials 2^20, 2^19, 2^18 ... Row 5, 4, 4: S = 2^21, 128 and 64 and 64 of 256.
  const auto exponentials = activation::make_exponentials(std::numbers::ln2);
  EXPECT_EQ(exponentials[0], 1U << 20U);
  EXPECT_EQ(exponentials[3], 1U << 17U);
  EXPECT_EQ(exponentials[255], 0U);
  const std::vector<std::int8_t> x{5, 4, 4};
  std::vector<std::int8_t> y(3);
  activation::softmax_integer(x, exponentials, y);
  EXPECT_THAT(y, ElementsAre(0, -64, -64));
  const std::vector<std::int8_t> sure{127, -128, -128};
  activation::softmax_integer(sure, exponentials, y);
  EXPECT_THAT(y, ElementsAre(127, -128, -128));  // 256 of 256 saturates
}

TEST(ActivationInteger, SoftmaxIsAccurateToOneStep) {
  Random random(3);
  for (const std::int64_t channels : {1, 2, 5, 10, 100, 1000, 4000}) {
    for (const double scale : {0.001, 0.05, 0.1, 1.0}) {
      const TensorType in = int8({3, channels}, scale, 11);
      const TensorType out{*family.fixed_output(layer("softmax"), {&in, 1}), in.shape};
      const LayerSpec integer = family.quantise(layer("softmax"), {&in, 1}, {&out, 1}).value();
      ASSERT_TRUE(family.verify(integer, {&in, 1}, {&out, 1}));
      const Tensor x = testing::random_int8(random, in);
      const Tensor y = evaluate(family, integer, x, out);
      const Tensor expected = evaluate(family, layer("softmax"), dequantise(x), real(in.shape));
      for (std::size_t i = 0; i < y.bytes().size(); ++i) {
        const double limited = std::min(static_cast<double>(expected.elements<float>()[i]), 255.0 / 256);
        ASSERT_NEAR(static_cast<double>(dequantise(y).elements<float>()[i]), limited, 1.0 / 256) << channels;
      }
      const auto step = family.compile(integer, {&in, 1}, {&out, 1}, InstructionSet::portable).value();
      ASSERT_EQ(testing::run(*step, x, out), y);
    }
  }
}

std::string message(const LayerSpec& spec, const TensorType& input, const TensorType& output) {
  const auto result = family.verify(spec, {&input, 1}, {&output, 1});
  return result ? "accepted" : result.error().message;
}

TEST(ActivationRejects, WrongAttributes) {
  const TensorType type = real({2, 3});
  const auto of = [&](std::string operation, Attributes attributes) {
    return message(layer(std::move(operation), std::move(attributes)), type, type);
  };
  EXPECT_EQ(of("relu", {{"max_value", -1.0}}), "attribute 'max_value' is -1, must be finite and at least 0");
  EXPECT_EQ(of("relu", {{"negative_slope", HUGE_VAL}}),
            "attribute 'negative_slope' is inf, must be finite and at least 0");
  EXPECT_EQ(of("relu", {{"threshold", std::string("x")}}), "attribute 'threshold' must be a number");
  EXPECT_EQ(of("relu", {{"alpha", 1.0}}),
            "attribute 'alpha' is unknown to 'relu', which takes [max_value, negative_slope, threshold]");
  EXPECT_EQ(of("leaky_relu", {}), "attribute 'slope' is missing");
  EXPECT_EQ(of("leaky_relu", {{"slope", std::numeric_limits<double>::quiet_NaN()}}),
            "attribute 'slope' is nan, must be finite");
  EXPECT_EQ(of("tanh", {{"slope", 1.0}}), "attribute 'slope' is unknown to 'tanh', which takes []");
  EXPECT_EQ(of("softmax", {{"axis", std::int64_t{0}}}), "attribute 'axis' is 0, must be the last axis of [2,3] (-1)");
  EXPECT_EQ(of("softmax", {{"axis", 1.0}}), "attribute 'axis' must be an integer");
}

TEST(ActivationRejects, WrongTypesAndConstants) {
  EXPECT_EQ(message(layer("tanh"), real({3}), real({4})), "must have one output of shape [3]");
  EXPECT_EQ(message(layer("softmax"), real({}), real({})), "input is a scalar, must have at least one axis");
  EXPECT_EQ(message(layer("tanh"), real({3}), int8({3}, 1, 0)),
            "inputs and outputs must be all float32 or all integers");
  EXPECT_EQ(message(layer("tanh"), int8({3}, 1, 0), int8({3}, 1, 0)), "constant 'table' is missing");
  LayerSpec table = layer("tanh");
  table.constants["table"] = constant<std::int8_t>({ElementType::int8(), {2}}, {1, 2});
  EXPECT_EQ(message(table, int8({3}, 1, 0), int8({3}, 1, 0)), "constant 'table' is int8[2], must be int8[256]");
  EXPECT_EQ(message(table, real({3}), real({3})), "constant 'table' is unknown to 'tanh', which takes []");

  const TensorType in = int8({3}, 0.1, 0);
  const TensorType out = int8({3}, 1.0 / 256, -128);
  LayerSpec softmax = family.quantise(layer("softmax"), {&in, 1}, {&out, 1}).value();
  EXPECT_EQ(message(softmax, in, out), "accepted");
  EXPECT_EQ(message(softmax, in, int8({3}, 1.0 / 256, 0)),
            "output of softmax must have scale 1/256 and zero point -128");
  auto entries = activation::make_exponentials(0.1);
  std::swap(entries[10], entries[11]);
  softmax.constants["exponentials"] = constant(TensorType{ElementType::integer(32, false), {256}}, entries);
  EXPECT_EQ(message(softmax, in, out), "constant 'exponentials' must start with 1048576 and never rise");
}

TEST(ActivationRejects, QuantisingBadLayers) {
  const TensorType in = int8({3}, 0.1, 0);
  EXPECT_EQ(family.quantise(layer("leaky_relu"), {&in, 1}, {&in, 1}).error().message, "attribute 'slope' is missing");
  const TensorType wrong = real({3});
  EXPECT_EQ(family.quantise(layer("tanh"), {&wrong, 1}, {&in, 1}).error().message, "input is float32[3], must be int8");
}

}  // namespace
}  // namespace algean::kernels
