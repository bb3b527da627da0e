// Every function of the table: values worked out by hand, tables in both arithmetics, attributes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

#include "kernels/activation/activation.hpp"
#include "kernels/activation/element.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/programs.hpp"

namespace algean::kernels {
namespace {

using testing::int8;
using testing::real;
using testing::tensor;

const Activation family;

LayerSpec layer(std::string operation, Attributes attributes = {}) {
  return {"layer", std::move(operation), std::move(attributes), {}};
}

double value(const LayerSpec& spec, double x) {
  const TensorType type = real({1});
  EXPECT_EQ(testing::verdict(family, spec, {type}, {type}), "accepted") << spec.operation;
  const Tensor y = testing::evaluate(family, spec, tensor<float>(type, {static_cast<float>(x)}), type);
  return static_cast<double>(y.elements<float>()[0]);
}

TEST(ActivationFunctions, ByHand) {
  const auto near = [](const LayerSpec& spec, double x, double y) {
    EXPECT_NEAR(value(spec, x), y, 2e-6 * std::max(1.0, std::abs(y))) << spec.operation << "(" << x << ")";
  };
  near(layer("thresholded_relu", {{"threshold", 2.0}}), 2, 0);
  near(layer("thresholded_relu", {{"threshold", 2.0}}), 2.5, 2.5);
  near(layer("elu"), -1, -0.6321206);
  near(layer("elu", {{"alpha", 2.0}}), -1, -1.2642411);
  near(layer("elu"), 3, 3);
  near(layer("celu", {{"alpha", 2.0}}), -2, -1.2642411);
  near(layer("selu"), -1, -1.1113307);
  near(layer("selu"), 1, 1.0507010);
  near(layer("log_sigmoid"), 0, -std::numbers::ln2);
  near(layer("log_sigmoid"), -200, -200);
  near(layer("hard_sigmoid"), 1, 0.7);
  near(layer("hard_sigmoid", {{"slope", 1.0 / 6}}), 1, 0.6666667);
  near(layer("hard_sigmoid"), -9, 0);
  near(layer("hard_sigmoid"), 9, 1);
  near(layer("hard_swish"), 1, 0.6666667);
  near(layer("hard_swish"), -1, -0.3333333);
  near(layer("hard_swish"), -5, 0);
  near(layer("hard_swish"), 5, 5);
  near(layer("swish"), 1, 0.7310586);
  near(layer("swish"), -500, 0);
  near(layer("mish"), 1, 0.8650984);
  near(layer("gelu"), 1, 0.8413447);
  near(layer("gelu", {{"approximate", std::string("tanh")}}), 1, 0.8411920);
  near(layer("softplus"), 0, std::numbers::ln2);
  near(layer("softplus"), 500, 500);
  near(layer("softsign"), -3, -0.75);
  near(layer("shrink", {{"bias", 0.5}, {"threshold", 1.0}}), 2, 1.5);
  near(layer("shrink", {{"bias", 0.5}, {"threshold", 1.0}}), -2, -1.5);
  near(layer("shrink", {{"bias", 0.5}, {"threshold", 1.0}}), 1, 0);
  near(layer("exponential"), 1, std::numbers::e);
  near(layer("logarithm"), 2, std::numbers::ln2);
  near(layer("absolute"), -2, 2);
  near(layer("negate"), -2, 2);
  near(layer("sign"), -2, -1);
  near(layer("square"), -3, 9);
  near(layer("square_root"), 9, 3);
  near(layer("reciprocal"), -4, -0.25);
  near(layer("erf"), 0.5, 0.5204999);
  near(layer("power", {{"exponent", 3.0}}), -2, -8);
  near(layer("clip", {{"low", -1.0}}), -2, -1);
  near(layer("clip", {{"high", 1.0}}), 2, 1);
  near(layer("clip", {{"low", -1.0}, {"high", 1.0}}), 0.5, 0.5);
  near(layer("affine", {{"scale", 2.0}, {"offset", -1.0}}), 3, 5);
  near(layer("requantise"), 3.25, 3.25);
  near(layer("floor"), -1.5, -2);
  near(layer("ceil"), -1.5, -1);
  near(layer("round"), 2.5, 2);
  near(layer("round"), -1.5, -2);
  near(layer("sine"), 1, 0.8414710);
  near(layer("cosine"), 1, 0.5403023);
  near(layer("tangent"), 1, 1.5574077);
  near(layer("arc_sine"), 0.5, 0.5235988);
  near(layer("arc_cosine"), 0.5, 1.0471976);
  near(layer("arc_tangent"), 1, 0.7853982);
  near(layer("hyperbolic_sine"), 1, 1.1752012);
  near(layer("hyperbolic_cosine"), 1, 1.5430806);
  near(layer("area_sine"), 1, 0.8813736);
  near(layer("area_cosine"), 2, 1.3169579);
  near(layer("area_tangent"), 0.5, 0.5493061);
}

LayerSpec with_needed_attributes(const activation::Function& function) {
  LayerSpec spec = layer(std::string(function.operation));
  for (std::size_t i = 0; i < function.count(); ++i) {
    if (function.parameters.at(i).is_required) spec.attributes.set(std::string(function.parameters.at(i).name), 0.5);
  }
  return spec;
}

Tensor all_codes(const TensorType& type) {
  Tensor x(type);
  for (std::size_t i = 0; i < 256; ++i) {
    x.bytes()[i] = static_cast<std::byte>(type.element.is_signed() ? i + 128 : i);
  }
  return x;
}

// Every function, on all 256 codes: within half an output step of the float reference, and `tflite` within one more.
TEST(ActivationFunctions, TablesAreTheFunctionRounded) {
  const TensorType in = int8({256}, 0.03, -13);
  const TensorType out = int8({256}, 1.0 / 40, -20);
  const Tensor x = all_codes(in);
  for (const activation::Function& function : activation::functions()) {
    const LayerSpec spec = with_needed_attributes(function);
    const Tensor exact = testing::evaluate(family, spec, dequantise(x), real({256}));
    for (const char* arithmetic : {"scaled", "tflite"}) {
      LayerSpec chosen = spec;
      chosen.attributes.set("arithmetic", std::string(arithmetic));
      const LayerSpec integer = testing::quantised(family, chosen, {in}, out);
      const Tensor y = testing::evaluate(family, integer, x, out);
      for (std::size_t i = 0; i < 256; ++i) {
        const auto wanted = static_cast<double>(exact.elements<float>()[i]);
        const double code = std::isnan(wanted) ? -128 : std::clamp(wanted * 40 - 20, -128.0, 127.0);
        const double allowed = std::string(arithmetic) == "scaled" ? 0.501 : 1.5;
        ASSERT_NEAR(static_cast<double>(y.integer_at(i)), code, allowed) << function.operation << " " << arithmetic;
      }
      ASSERT_EQ(testing::difference(family, integer, {x}, out), "") << function.operation;
    }
  }
}

TEST(ActivationFunctions, RequantiseBetweenSignedAndUnsigned) {
  const auto uint8 = [](double scale, std::int32_t zero) {
    return TensorType{ElementType::integer(8, false, Quantisation::per_tensor(scale, zero)), {256}};
  };
  const LayerSpec spec = layer("requantise");
  for (const auto& [from, to] : std::vector<std::pair<TensorType, TensorType>>{{uint8(0.5, 128), int8({256}, 0.5, 0)},
                                                                               {int8({256}, 0.5, 0), uint8(0.5, 128)},
                                                                               {uint8(0.1, 3), uint8(0.2, 250)}}) {
    const LayerSpec integer = testing::quantised(family, spec, {from}, to);
    const Tensor x = all_codes(from);
    const Tensor y = testing::evaluate(family, integer, {x}, std::vector{to})[0];
    for (std::size_t i = 0; i < 256; ++i) {
      const double code = testing::code_of(testing::real_of(x.integer_at(i), from), to);
      const double wanted =
          std::clamp(code, static_cast<double>(to.element.lowest()), static_cast<double>(to.element.highest()));
      ASSERT_EQ(static_cast<double>(y.integer_at(i)), wanted) << i;
    }
    EXPECT_EQ(testing::difference(family, integer, {x}, to), "");
  }
  const TensorType wrong{ElementType::integer(8, false, Quantisation::per_tensor(0.5, 300)), {256}};
  EXPECT_EQ(family.quantise(spec, {&wrong, 1}, {&wrong, 1}).error().message,
            "input must be quantised with one scale above 0 and one zero point in 0..255");
  const TensorType from = uint8(0.5, 1);
  EXPECT_EQ(family.quantise(layer("tanh"), {&from, 1}, {&from, 1}).error().message,
            "input is uint8[256], must be int8");
}

// tflite by hand: relu with scales 1 to 2 halves, halves away from zero; leaky_relu with slope 1/4.
TEST(ActivationFunctions, TfliteByHand) {
  const TensorType in = int8({5}, 1, 1);
  const TensorType out = int8({5}, 2, -3);
  const auto compute = [&](LayerSpec spec) {
    spec.attributes.set("arithmetic", std::string("tflite"));
    const LayerSpec integer = testing::quantised(family, spec, {in}, out);
    return testing::elements<std::int8_t>(
        testing::evaluate(family, integer, tensor<std::int8_t>(in, {-5, 1, 2, 4, 127}), out));
  };
  EXPECT_THAT(compute(layer("relu")), ::testing::ElementsAre(-3, -3, -2, -1, 60));
  EXPECT_THAT(compute(layer("relu", {{"max_value", 6.0}})), ::testing::ElementsAre(-3, -3, -2, -1, 0));
  EXPECT_THAT(compute(layer("clip", {{"low", -1.0}, {"high", 1.0}})), ::testing::ElementsAre(-4, -3, -2, -2, -2));
  EXPECT_THAT(compute(layer("leaky_relu", {{"slope", 0.25}})), ::testing::ElementsAre(-4, -3, -2, -1, 60));
  EXPECT_THAT(compute(layer("relu", {{"negative_slope", 0.25}})), ::testing::ElementsAre(-4, -3, -2, -1, 60));
  EXPECT_THAT(compute(layer("requantise")), ::testing::ElementsAre(-6, -3, -2, -1, 60));
}

TEST(ActivationRejects, AttributesOfFunctions) {
  const TensorType type = real({2});
  const auto of = [&](const std::string& operation, Attributes attributes) {
    return testing::verdict(family, layer(operation, std::move(attributes)), {type}, {type});
  };
  EXPECT_EQ(of("elu", {{"alpha", HUGE_VAL}}), "attribute 'alpha' is inf, must be finite");
  EXPECT_EQ(of("celu", {{"alpha", 0.0}}), "attribute 'alpha' must be above 0");
  EXPECT_EQ(of("celu", {{"alpha", -1.0}}), "attribute 'alpha' is -1, must be finite and at least 0");
  EXPECT_EQ(of("gelu", {{"approximate", std::string("erf")}}),
            "attribute 'approximate' is 'erf', must be 'none' or 'tanh'");
  EXPECT_EQ(of("gelu", {{"exact", 1.0}}), "attribute 'exact' is unknown to 'gelu', which takes [approximate]");
  EXPECT_EQ(of("clip", {{"low", 2.0}, {"high", 1.0}}), "attribute 'low' 2 must be at most attribute 'high' 1");
  EXPECT_EQ(of("power", {}), "attribute 'exponent' is missing");
  EXPECT_EQ(of("tanh", {{"arithmetic", std::string("scaled")}}), "attribute 'arithmetic' has no meaning in floats");
  EXPECT_EQ(of("softmax", {{"beta", 0.0}}), "attribute 'beta' is 0, must be finite and above 0");
  EXPECT_EQ(of("log_softmax", {{"beta", 1.0}}),
            "attribute 'beta' is unknown to 'log_softmax', which takes [axis, arithmetic]");
  const TensorType coarse = int8({2}, 300, 0);
  const TensorType fine = int8({2}, 1, 0);
  EXPECT_EQ(family.quantise(layer("hard_swish", {{"arithmetic", std::string("tflite")}}), {&coarse, 1}, {&fine, 1})
                .error()
                .message,
            "hard_swish: the output's scale 1 must be at least 1/128 of the input's 300");
}

}  // namespace
}  // namespace algean::kernels
