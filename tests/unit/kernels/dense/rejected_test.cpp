// Broken twins of good dense layers: each names the rule.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "kernels/dense/dense.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using testing::dense;
using ::testing::HasSubstr;
using testing::int8;
using testing::real;

const Dense family;

struct Case {
  LayerSpec layer;
  TensorType input, output;
};

Case good_float() {
  LayerSpec layer = dense(2, 3, {1, 2, 3, 4, 5, 6}, {1, 2});
  layer.attributes.set("activation", std::string("relu"));
  return {layer, real({3}), real({2})};
}

Case good_integer() {
  const TensorType in = int8({3}, 0.5, 3);
  const TensorType out = int8({2}, 0.25, -10);
  return {family.quantise(good_float().layer, {&in, 1}, {&out, 1}).value(), in, out};
}

std::string message(Case twin, const std::function<void(Case&)>& break_it) {
  EXPECT_TRUE(family.verify(twin.layer, {&twin.input, 1}, {&twin.output, 1}));
  break_it(twin);
  const auto result = family.verify(twin.layer, {&twin.input, 1}, {&twin.output, 1});
  return result ? "accepted" : result.error().message;
}

ElementType channel_int8(std::vector<double> scales, std::vector<std::int32_t> zeros, int axis = 0) {
  return ElementType::int8(Quantisation{std::move(scales), std::move(zeros), axis});
}

TEST(DenseRejects, WrongShapes) {
  const auto rejects = [](const std::function<void(Case&)>& break_it, const char* text) {
    EXPECT_THAT(message(good_float(), break_it), HasSubstr(text));
  };
  rejects([](Case& c) { c.layer.constants.erase("weight"); }, "constant 'weight' is missing");
  rejects([](Case& c) { c.layer.constants["weight"] = constant<float>(real({6}), {1, 2, 3, 4, 5, 6}); },
          "constant 'weight' is float32[6], must have two axes [n_out,n_in]");
  rejects([](Case& c) { c.input = real({4}); }, "input [4] has 4 channels, constant 'weight' [2,3] takes 3");
  rejects([](Case& c) { c.input = real({}); }, "input is a scalar");
  rejects([](Case& c) { c.output = real({3}); }, "must have one output of shape [2]");
  rejects([](Case& c) { c.layer.constants["bias"] = constant<float>(real({3}), {1, 2, 3}); },
          "constant 'bias' is float32[3], must be float32[2]");
  const auto both = good_float();
  const std::vector<TensorType> two{both.input, both.input};
  EXPECT_EQ(family.infer(both.layer, two).error().message, "2 inputs, must be 1");
}

TEST(DenseRejects, WrongFloatForm) {
  const auto rejects = [](const std::function<void(Case&)>& break_it, const char* text) {
    EXPECT_THAT(message(good_float(), break_it), HasSubstr(text));
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  rejects([&](Case& c) { c.layer.constants["weight"] = constant<float>(real({2, 3}), {1, 2, 3, 4, nan, 6}); },
          "constant 'weight': element 4 is nan, must be finite");
  rejects([&](Case& c) { c.layer.constants["bias"] = constant<float>(real({2}), {HUGE_VALF, 1}); },
          "constant 'bias': element 0 is inf, must be finite");
  rejects([](Case& c) { c.layer.attributes.set("activation", std::string("gelu")); },
          "attribute 'activation' is 'gelu', must be 'linear', 'relu', 'relu6' or 'relu_n1_to_1'");
  rejects([](Case& c) { c.layer.attributes.set("activation", std::int64_t{1}); },
          "attribute 'activation' must be a string");
  rejects([](Case& c) { c.layer.attributes.set("units", std::int64_t{2}); },
          "attribute 'units' is unknown to 'dense', which takes [activation]");
  rejects([](Case& c) { c.layer.constants["kernel"] = c.layer.constants["weight"]; },
          "constant 'kernel' is unknown to 'dense', which takes [weight, bias]");
  rejects([](Case& c) { c.output = int8({2}, 1, 0); }, "inputs and outputs must be all float32 or all integers");
}

TEST(DenseRejects, WrongIntegerTypes) {
  const auto rejects = [](const std::function<void(Case&)>& break_it, const char* text) {
    EXPECT_THAT(message(good_integer(), break_it), HasSubstr(text));
  };
  rejects([](Case& c) { c.input.element = ElementType::integer(8, false); }, "input is uint8[3], must be int8");
  rejects([](Case& c) { c.input.element = ElementType::int8(); }, "input must be quantised with one scale");
  rejects([](Case& c) { c.output = int8({2}, 0.0, 0); }, "output: scale 0 must be finite and above 0");
  rejects([](Case& c) { c.output = int8({2}, 0.25, 128); }, "output: zero point 128 must lie in -128..127");
  rejects([](Case& c) { c.layer.attributes.erase("arithmetic"); }, "attribute 'arithmetic' is missing");
  rejects([](Case& c) { c.layer.attributes.set("arithmetic", std::string("float")); },
          "attribute 'arithmetic' is 'float', must be 'scaled', 'tflite' or 'tflite_double'");
  rejects([](Case& c) { c.layer.attributes.erase("accumulator_bits"); }, "attribute 'accumulator_bits' is missing");
  rejects([](Case& c) { c.layer.attributes.set("accumulator_bits", std::int64_t{8}); },
          "attribute 'accumulator_bits' is 8, the weights give 17");
  rejects([](Case& c) { c.layer.constants.erase("bias"); }, "constant 'bias' is missing");
  rejects([](Case& c) { c.layer.constants.erase("multiplier"); }, "constant 'multiplier' is missing");
  rejects([](Case& c) { c.layer.constants["shift"] = constant<std::int8_t>({ElementType::int8(), {2}}, {22, 22}); },
          "constant 'shift' is int8[2], must be uint8[2]");
}

TEST(DenseRejects, WrongIntegerConstants) {
  const auto rejects = [](const std::function<void(Case&)>& break_it, const char* text) {
    EXPECT_THAT(message(good_integer(), break_it), HasSubstr(text));
  };
  const auto weight = [](ElementType type) {
    auto tensor = std::make_shared<Tensor>(TensorType{std::move(type), {2, 3}});
    std::ranges::fill(tensor->bytes(), std::byte{3});
    return tensor;
  };
  rejects([&](Case& c) { c.layer.constants["weight"] = weight(ElementType::int8()); },
          "constant 'weight' must be quantised with one scale and zero point, or along axis 0 with one a channel");
  rejects([&](Case& c) { c.layer.constants["weight"] = weight(channel_int8({1, 1, 1}, {0, 0, 0}, 1)); },
          "constant 'weight' must be quantised with one scale and zero point, or along axis 0 with one a channel");
  rejects([&](Case& c) { c.layer.constants["weight"] = weight(channel_int8({1, HUGE_VAL}, {0, 0})); },
          "constant 'weight': scale inf of channel 1 must be finite and above 0");
  rejects([&](Case& c) { c.layer.constants["weight"] = weight(ElementType::integer(8, false)); },
          "constant 'weight' is uint8[2,3], must be int2 to int8");
  const auto int32s = [](const std::vector<std::int32_t>& values) {
    return constant<std::int32_t>({ElementType::int32(), {2}}, values);
  };
  rejects([&](Case& c) { c.layer.constants["multiplier"] = int32s({65535, 65536}); },
          "constant 'multiplier': 65535 of channel 0 must be 0 or in 65536..131071");
  rejects([&](Case& c) { c.layer.constants["multiplier"] = int32s({131072, 65536}); },
          "constant 'multiplier': 131072 of channel 0 must be 0 or in 65536..131071");
  rejects([&](Case& c) { c.layer.constants["multiplier"] = int32s({65536, 65536}); },
          "channel 0: multiplier 65536 and shift");
  const auto shifts = [](const std::vector<std::uint8_t>& values) {
    return constant<std::uint8_t>({ElementType::integer(8, false), {2}}, values);
  };
  rejects([&](Case& c) { c.layer.constants["shift"] = shifts({0, 20}); },
          "constant 'shift': 0 of channel 0 must be in 1..47");
  rejects([&](Case& c) { c.layer.constants["shift"] = shifts({48, 20}); },
          "constant 'shift': 48 of channel 0 must be in 1..47");
}

TEST(DenseRejects, AccumulatorsBeyond32Bits) {
  EXPECT_THAT(message(good_integer(),
                      [](Case& c) {
                        const ElementType type = c.layer.required("bias").type().element;
                        c.layer.constants["bias"] = constant<std::int32_t>({type, {2}}, {0, 2147483647});
                      }),
              HasSubstr("channel 1: the accumulator reaches "));
}

TEST(DenseQuantiseRejects, WhatItCannotExpress) {
  const TensorType in = int8({3}, 0.5, 3);
  const TensorType out = int8({2}, 1e-9, 0);
  const auto too_narrow = family.quantise(good_float().layer, {&in, 1}, {&out, 1});
  ASSERT_FALSE(too_narrow);
  EXPECT_THAT(too_narrow.error().message, HasSubstr("output channel 0: the ratio"));
  EXPECT_THAT(too_narrow.error().message, HasSubstr("must lie in [2^-31, 2^16)"));
  LayerSpec bad = good_float().layer;
  bad.constants["bias"] = constant<float>(real({2}), {1, std::numeric_limits<float>::quiet_NaN()});
  const TensorType fine = int8({2}, 0.25, 0);
  EXPECT_EQ(family.quantise(bad, {&in, 1}, {&fine, 1}).error().message,
            "constant 'bias': element 1 is nan, must be finite");
  const TensorType wrong = int8({3}, 0.25, 0);
  EXPECT_EQ(family.quantise(good_float().layer, {&in, 1}, {&wrong, 1}).error().message,
            "must have one output of shape [2]");
}

}  // namespace
}  // namespace algean::kernels
