#include "kernels/batch_norm/batch_norm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using ::testing::ElementsAre;
using testing::int8;
using testing::real;
using testing::tensor;

const BatchNorm family;

LayerSpec good() {
  return {"layer",
          "batch_norm",
          {{"epsilon", 0.25}},
          {{"gamma", constant<float>(real({2}), {2, 1})},
           {"beta", constant<float>(real({2}), {0.5, -1})},
           {"mean", constant<float>(real({2}), {1, 0})},
           {"variance", constant<float>(real({2}), {3.75, 0})}}};
}

std::string message(const LayerSpec& spec, const TensorType& input, const TensorType& output) {
  const auto result = family.verify(spec, {&input, 1}, {&output, 1});
  return result ? "accepted" : result.error().message;
}

TEST(BatchNorm, ComputesByHandOverTheLastAxis) {
  const TensorType type = real({2, 2});
  ASSERT_EQ(message(good(), type, type), "accepted");
  const Tensor y = testing::evaluate(family, good(), tensor<float>(type, {3, 1, -1, 2}), type);
  EXPECT_THAT(testing::elements<float>(y), ElementsAre(2.5, 1, -1.5, 3));
  EXPECT_TRUE(family.hardware());
}

TEST(BatchNormRejects, BrokenTwins) {
  const TensorType type = real({2, 2});
  LayerSpec twin = good();
  twin.attributes.erase("epsilon");
  EXPECT_EQ(message(twin, type, type), "attribute 'epsilon' is missing");
  twin = good();
  twin.attributes.set("epsilon", -0.5);
  EXPECT_EQ(message(twin, type, type), "attribute 'epsilon' is -0.5, must be finite and at least 0");
  twin = good();
  twin.attributes.set("epsilon", 0.0);
  EXPECT_EQ(message(twin, type, type), "constant 'variance': 0 of channel 1, plus epsilon 0, must be above 0");
  twin = good();
  twin.constants.erase("mean");
  EXPECT_EQ(message(twin, type, type), "constant 'mean' is missing");
  twin = good();
  twin.constants["beta"] = constant<float>(real({3}), {1, 2, 3});
  EXPECT_EQ(message(twin, type, type), "constant 'beta' is float32[3], must be float32[2]");
  twin = good();
  twin.constants["beta"] = constant<float>(real({2}), {1, HUGE_VALF});
  EXPECT_EQ(message(twin, type, type), "constant 'beta': element 1 is inf, must be finite");
  EXPECT_EQ(message(good(), real({}), real({})), "input is a scalar, must have at least one axis");
  EXPECT_EQ(message(good(), real({2}), real({1, 2})), "must have one output of shape [2]");
}

// Every code of every channel, within half an output step (and what 17 bits of multiplier add) of the real function.
TEST(BatchNormInteger, IsTheRealFunctionRounded) {
  const TensorType in = int8({256, 2}, 0.05, -17);
  Tensor x(in);
  for (std::size_t i = 0; i < 512; ++i) x.elements<std::int8_t>()[i] = static_cast<std::int8_t>(i / 2);
  const TensorType out = int8({256, 2}, 0.06, 31);
  const Tensor expected = testing::evaluate(family, good(), dequantise(x), real({256, 2}));
  for (const char* arithmetic : {"scaled", "tflite"}) {
    LayerSpec spec = good();
    spec.attributes.set("arithmetic", std::string(arithmetic));
    const auto integer = family.quantise(spec, {&in, 1}, {&out, 1});
    ASSERT_TRUE(integer) << integer.error().message;
    EXPECT_EQ(message(*integer, in, out), "accepted");
    EXPECT_EQ(integer->required("weight").shape(), (Shape{2, 1}));
    const Tensor y = testing::evaluate(family, *integer, x, out);
    for (std::size_t i = 0; i < 512; ++i) {
      const double limited = std::clamp(static_cast<double>(expected.elements<float>()[i]), -159 * 0.06, 96 * 0.06);
      ASSERT_NEAR(static_cast<double>(dequantise(y).elements<float>()[i]), limited, 0.5 * 0.06 + 0.002) << i;
    }
    const auto step = family.compile(*integer, {&in, 1}, {&out, 1}, InstructionSet::portable).value();
    EXPECT_EQ(testing::run(*step, x, out), y);
  }
}

TEST(BatchNormInteger, ByHand) {
  // Channel 0: y = x + 1, channel 1: y = 2 - x (gamma -1), in scales of 1.
  LayerSpec spec = good();
  spec.attributes.set("epsilon", 0.0);
  spec.constants["gamma"] = constant<float>(real({2}), {1, -1});
  spec.constants["variance"] = constant<float>(real({2}), {1, 1});
  spec.constants["mean"] = constant<float>(real({2}), {0, 0});
  spec.constants["beta"] = constant<float>(real({2}), {1, 2});
  const TensorType in = int8({2, 2}, 1, 10);
  const TensorType out = int8({2, 2}, 1, -5);
  const LayerSpec integer = family.quantise(spec, {&in, 1}, {&out, 1}).value();
  const Tensor y = testing::evaluate(family, integer, tensor<std::int8_t>(in, {10, 10, 127, -128}), out);
  EXPECT_THAT(testing::elements<std::int8_t>(y), ElementsAre(-4, -3, 113, 127));
}

TEST(BatchNormRejects, Integers) {
  const TensorType type = int8({2}, 1, 0);
  EXPECT_EQ(message(good(), type, type),
            "attribute 'epsilon' is unknown to 'batch_norm', which takes [activation, "
            "arithmetic, accumulator_bits]");
  LayerSpec twin = family.quantise(good(), {&type, 1}, {&type, 1}).value();
  EXPECT_EQ(message(twin, type, type), "accepted");
  const TensorType wide = int8({3}, 1, 0);
  EXPECT_EQ(message(twin, wide, wide), "constant 'weight' is int8[2,1], must be int8[3,1]");
  twin.constants.erase("bias");
  EXPECT_EQ(message(twin, type, type), "constant 'bias' is missing");
  twin = good();
  twin.constants["variance"] = constant<float>(real({2}), {-1, 1});
  EXPECT_EQ(family.quantise(twin, {&type, 1}, {&type, 1}).error().message,
            "constant 'variance': -1 of channel 0, plus epsilon 0.25, must be above 0");
}

}  // namespace
}  // namespace algean::kernels
