// Broken twins of good convolutions: each names the rule. Shapes and attributes: geometry_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "kernels/conv/conv.hpp"
#include "tests/unit/kernels/conv/problems.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using ::testing::HasSubstr;
using testing::int8;
using testing::real;

const Conv family;

struct Case {
  LayerSpec layer;
  TensorType input, output;
};

Case good_float() {
  testing::ConvProblem p;
  p.in_w = 3;
  p.c_in = 2;
  p.c_out = 2;
  p.k_w = 2;
  LayerSpec layer = testing::float_conv(p, {1, 2, 3, 4, 5, 6, 7, 8}, {1, 2});
  layer.attributes.set("activation", std::string("relu"));
  return {layer, real({1, 3, 2}), real({1, 2, 2})};
}

Case good_integer(const char* arithmetic) {
  const TensorType in = int8({1, 3, 2}, 0.5, 3);
  const TensorType out = int8({1, 2, 2}, 0.25, -10);
  LayerSpec layer = good_float().layer;
  layer.attributes.set("arithmetic", std::string(arithmetic));
  return {family.quantise(layer, {&in, 1}, {&out, 1}).value(), in, out};
}

std::string message(Case twin, const std::function<void(Case&)>& break_it) {
  EXPECT_TRUE(family.verify(twin.layer, {&twin.input, 1}, {&twin.output, 1}));
  break_it(twin);
  const auto result = family.verify(twin.layer, {&twin.input, 1}, {&twin.output, 1});
  return result ? "accepted" : result.error().message;
}

TEST(ConvRejects, WrongFloatForm) {
  const auto rejects = [](const std::function<void(Case&)>& break_it, const char* text) {
    EXPECT_THAT(message(good_float(), break_it), HasSubstr(text));
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  rejects(
      [&](Case& c) { c.layer.constants["weight"] = constant<float>(real({2, 1, 2, 2}), {1, 2, 3, 4, nan, 6, 7, 8}); },
      "constant 'weight': element 4 is nan, must be finite");
  rejects([&](Case& c) { c.layer.constants["bias"] = constant<float>(real({2}), {HUGE_VALF, 1}); },
          "constant 'bias': element 0 is inf, must be finite");
  rejects([](Case& c) { c.layer.constants["bias"] = constant<float>(real({3}), {1, 2, 3}); },
          "constant 'bias' is float32[3], must be float32[2]");
  rejects([](Case& c) { c.layer.attributes.set("activation", std::string("gelu")); },
          "attribute 'activation' is 'gelu', must be 'linear', 'relu', 'relu6' or 'relu_n1_to_1'");
  rejects([](Case& c) { c.layer.attributes.set("filters", std::int64_t{2}); },
          "attribute 'filters' is unknown to 'conv2d', which takes [strides, dilations, padding, groups, activation]");
  rejects([](Case& c) { c.layer.constants["kernel"] = c.layer.constants["weight"]; },
          "constant 'kernel' is unknown to 'conv2d', which takes [weight, bias]");
  rejects([](Case& c) { c.output = int8({1, 2, 2}, 1, 0); }, "inputs and outputs must be all float32 or all integers");
  rejects([](Case& c) { c.output = real({1, 3, 2}); }, "must have one output of shape [1,2,2]");
  rejects([](Case& c) { c.layer.attributes.set("strides", std::vector<std::int64_t>{1}); },
          "attribute 'strides' has 1 numbers, must have 2");
  const auto both = good_float();
  const std::vector<TensorType> two{both.input, both.input};
  EXPECT_EQ(family.infer(both.layer, two).error().message, "2 inputs, must be 1");
}

TEST(ConvRejects, WrongIntegerForm) {
  const auto rejects = [](const std::function<void(Case&)>& break_it, const char* text) {
    EXPECT_THAT(message(good_integer("scaled"), break_it), HasSubstr(text));
  };
  rejects([](Case& c) { c.input.element = ElementType::integer(8, false); }, "input is uint8[1,3,2], must be int8");
  rejects([](Case& c) { c.output = int8({1, 2, 2}, 0.0, 0); }, "output: scale 0 must be finite and above 0");
  rejects([](Case& c) { c.layer.attributes.erase("arithmetic"); }, "attribute 'arithmetic' is missing");
  rejects([](Case& c) { c.layer.attributes.set("arithmetic", std::string("float")); },
          "attribute 'arithmetic' is 'float', must be 'scaled', 'tflite' or 'tflite_double'");
  rejects([](Case& c) { c.layer.attributes.set("arithmetic", std::string("tflite_double")); },
          "attribute 'arithmetic' is 'tflite_double', must be 'scaled' or 'tflite' in a convolution");
  rejects([](Case& c) { c.layer.attributes.erase("accumulator_bits"); }, "attribute 'accumulator_bits' is missing");
  rejects([](Case& c) { c.layer.attributes.set("accumulator_bits", std::int64_t{8}); },
          "attribute 'accumulator_bits' is 8, the weights give 17");
  rejects([](Case& c) { c.layer.constants.erase("bias"); }, "constant 'bias' is missing");
  rejects([](Case& c) { c.layer.constants.erase("multiplier"); }, "constant 'multiplier' is missing");
  rejects([](Case& c) { c.layer.constants["shift"] = constant<std::int8_t>({ElementType::int8(), {2}}, {22, 22}); },
          "constant 'shift' is int8[2], must be uint8[2]");
  rejects([](Case& c) { c.layer.constants["weight"] = good_float().layer.constants["weight"]; }, "constant 'weight'");
  const ElementType bias = good_integer("scaled").layer.required("bias").type().element;
  rejects([&](Case& c) { c.layer.constants["bias"] = constant<std::int32_t>({bias, {2}}, {0, 2147483647}); },
          "channel 1: the accumulator reaches ");
  const auto multipliers = [](Case& c) {
    c.layer.constants["multiplier"] = constant<std::int32_t>({ElementType::int32(), {2}}, {65535, 65536});
  };
  rejects(multipliers, "constant 'multiplier': 65535 of channel 0 must be 0 or in 65536..131071");
}

TEST(ConvRejects, WrongTfliteForm) {
  const auto rejects = [](const std::function<void(Case&)>& break_it, const char* text) {
    EXPECT_THAT(message(good_integer("tflite"), break_it), HasSubstr(text));
  };
  const auto multipliers = [](Case& c) {
    c.layer.constants["multiplier"] = constant<std::int32_t>({ElementType::int32(), {2}}, {65535, 65536});
  };
  rejects(multipliers, "constant 'multiplier': 65535 of channel 0 must be 0 or in 1073741824..2147483647");
  rejects([](Case& c) { c.layer.attributes.set("arithmetic", std::string("scaled")); }, "constant 'shift' is int8[2]");
}

TEST(ConvQuantiseRejects, WhatItCannotExpress) {
  const Case good = good_float();
  const TensorType in = int8({1, 3, 2}, 0.5, 3);
  const auto quantise = [&](const LayerSpec& layer, const TensorType& output) {
    const auto result = family.quantise(layer, {&in, 1}, {&output, 1});
    return result ? "accepted" : result.error().message;
  };
  EXPECT_EQ(quantise(good.layer, int8({1, 2, 2}, 0.25, 0)), "accepted");
  EXPECT_THAT(quantise(good.layer, int8({1, 2, 2}, 1e-9, 0)), HasSubstr("output channel 0: the ratio"));
  EXPECT_EQ(quantise(good.layer, int8({1, 3, 2}, 0.25, 0)), "must have one output of shape [1,2,2]");
  LayerSpec layer = good.layer;
  layer.attributes.set("weight_bits", std::int64_t{9});
  EXPECT_EQ(quantise(layer, int8({1, 2, 2}, 0.25, 0)), "attribute 'weight_bits' is 9, must be 2 to 8");
  layer = good.layer;
  layer.attributes.set("arithmetic", std::string("tflite_double"));
  EXPECT_THAT(quantise(layer, int8({1, 2, 2}, 0.25, 0)), HasSubstr("must be 'scaled' or 'tflite' in a convolution"));
}

TEST(ConvCompileRejects, WhatKernelsCannotCount) {
  Case good = good_integer("scaled");
  good.layer.attributes.set("padding", std::vector<std::int64_t>{0, 0, 0, 1 << 27});
  good.input = int8({8, 3, 2}, 0.5, 3);
  good.output = int8({8, (1 << 27) + 2, 2}, 0.25, -10);
  ASSERT_TRUE(family.verify(good.layer, {&good.input, 1}, {&good.output, 1}));
  const auto step = family.compile(good.layer, {&good.input, 1}, {&good.output, 1}, InstructionSet::portable);
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().message, "int8[8,134217730,2] is too large to be compiled: at most 2147483647 elements");
}

}  // namespace
}  // namespace algean::kernels
