#include "kernels/weighted/weighted.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/family/checks.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using testing::dense;
using testing::elements;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::int8;
using testing::real;

const TensorType input = int8({2}, 0.5, 3);
const TensorType output = int8({2}, 0.25, -10);

LayerSpec with_weight(ElementType type, const std::vector<std::int8_t>& values) {
  LayerSpec layer{"layer", "dense", {}, {{"weight", constant<std::int8_t>({std::move(type), {2, 2}}, values)}}};
  return layer;
}
ElementType per_channel(std::vector<double> scales, std::vector<std::int32_t> zeros) {
  return ElementType::int8(Quantisation{std::move(scales), std::move(zeros), 0});
}

TEST(QuantiseWeighted, WeightsTakeTheBitsAskedFor) {
  LayerSpec layer = dense(2, 2, {1, -0.5F, 0.1F, 0.3F}, {1, 2});
  for (int bits = 2; bits <= 8; ++bits) {
    layer.attributes.set("weight_bits", std::int64_t{bits});
    const auto made = quantise_weighted(layer, {}, input, output);
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(verify_weighted(*made, {}, input, output));
    const Tensor& weight = made->required("weight");
    EXPECT_EQ(weight.type().element.name(), fmt::format("int{}", bits));
    const int largest = (1 << (bits - 1)) - 1;
    EXPECT_EQ(weight.integer_at(0), largest);
    EXPECT_EQ(weight.integer_at(3), largest);
    EXPECT_NEAR(weight.type().element.quantisation()->scales[1], 0.3 / largest, 1e-7);
  }
  layer.attributes.set("weight_bits", std::int64_t{9});
  EXPECT_EQ(quantise_weighted(layer, {}, input, output).error().message,
            "attribute 'weight_bits' is 9, must be 2 to 8");
}

TEST(QuantiseWeighted, KeepsWeightsThatAreIntegersAlready) {
  LayerSpec layer = with_weight(per_channel({0.1, 0.2}, {0, 5}), {-128, 1, 2, 3});
  layer.constants["bias"] =
      constant<std::int32_t>({ElementType::int32(Quantisation{{0.05, 0.1}, {0, 0}, 0}), {2}}, {1000, -7});
  for (const char* arithmetic : {"scaled", "tflite", "tflite_double"}) {
    layer.attributes.set("arithmetic", std::string(arithmetic));
    const auto made = quantise_weighted(layer, {}, input, output);
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(verify_weighted(*made, {}, input, output));
    EXPECT_EQ(made->constants.at("weight"), layer.constants.at("weight")) << "shared, not copied";
    EXPECT_THAT(elements<std::int32_t>(made->required("bias")), ElementsAre(1000, -7));
    EXPECT_THAT(weight_zero_points(*made), ElementsAre(0, 5));
  }
}

TEST(QuantiseWeighted, CountsAnotherBiasInAccumulatorSteps) {
  LayerSpec layer = with_weight(ElementType::int8(Quantisation::per_tensor(0.1, 0)), {1, 1, 2, 3});
  layer.constants["bias"] = constant<float>(real({2}), {1, -0.26F});
  auto made = quantise_weighted(layer, {}, input, output);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(elements<std::int32_t>(made->required("bias")), ElementsAre(20, -5));  // steps of 0.5 * 0.1
  layer.constants["bias"] = constant<std::int32_t>({ElementType::int32(Quantisation::per_tensor(1, 0)), {2}}, {3, -1});
  made = quantise_weighted(layer, {}, input, output);
  ASSERT_TRUE(made);
  EXPECT_THAT(elements<std::int32_t>(made->required("bias")), ElementsAre(60, -20));
  layer.constants.erase("bias");
  made = quantise_weighted(layer, {}, input, output);
  ASSERT_TRUE(made);
  EXPECT_THAT(elements<std::int32_t>(made->required("bias")), ElementsAre(0, 0));
}

TEST(VerifyWeighted, AccumulatorsCountWeightZeroPoints) {
  // (x - 3) in -131..124, (w - 5) = -133 and 122: the widest sum is 131 * 133 + 124 * 122 = 32551, 16 bits.
  const LayerSpec layer = with_weight(ElementType::int8(Quantisation::per_tensor(0.1, 5)), {-128, 127, 5, 5});
  const auto made = quantise_weighted(layer, {}, input, output);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->attributes.integer("accumulator_bits").value(), 16);
}

TEST(VerifyWeighted, NamesWhatIsWrongWithAFloatForm) {
  const TensorType in = real({2});
  const auto message = [&](const LayerSpec& layer) {
    const auto result = verify_weighted(layer, {"strides"}, in, in);
    return result ? "accepted" : result.error().message;
  };
  LayerSpec layer = with_weight(per_channel({0.1, 0.2}, {0, 0}), {1, 2, 3, 4});
  layer.attributes.set("strides", std::vector<std::int64_t>{1});
  EXPECT_EQ(message(layer), "accepted");
  layer.constants["bias"] = constant<std::int32_t>({ElementType::int32(), {2}}, {1, 2});
  EXPECT_EQ(message(layer), "constant 'bias' of int32 must be quantised per tensor or along axis 0");
  layer.attributes.set("padding", std::int64_t{1});
  EXPECT_THAT(message(layer),
              HasSubstr("attribute 'padding' is unknown to 'dense', which takes [strides, activation]"));
  EXPECT_THAT(message(with_weight(per_channel({0.1}, {0}), {1, 2, 3, 4})),
              HasSubstr("or along axis 0 with one a channel"));
  EXPECT_THAT(message({"layer", "dense", {}, {}}), HasSubstr("constant 'weight' is missing"));
}

TEST(RealElements, StandForFloatsAndIntegers) {
  EXPECT_THAT(real_elements(*constant<float>(real({2}), {1, -2})), ElementsAre(1.0F, -2.0F));
  EXPECT_THAT(real_elements(*constant<std::int8_t>({per_channel({0.5, 2}, {1, -1}), {2, 1}}, {3, 4})),
              ElementsAre(1.0F, 10.0F));
}

}  // namespace
}  // namespace algean::kernels
