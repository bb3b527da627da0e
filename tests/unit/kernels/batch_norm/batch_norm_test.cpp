#include "kernels/batch_norm/batch_norm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_FALSE(family.hardware());
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

TEST(BatchNormRejects, Integers) {
  const TensorType type = int8({2}, 1, 0);
  const char* text = "batch_norm has no integer form; it must be folded into a neighbour first";
  EXPECT_EQ(message(good(), type, type), text);
  EXPECT_EQ(family.quantise(good(), {&type, 1}, {&type, 1}).error().message, text);
  EXPECT_EQ(family.compile(good(), {&type, 1}, {&type, 1}, InstructionSet::portable).error().message,
            "batch_norm has no CPU code; it must be folded into a neighbour first");
}

}  // namespace
}  // namespace algean::kernels
