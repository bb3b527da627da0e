// prelu, softmax in both arithmetics, and log_softmax.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "kernels/activation/activation.hpp"
#include "kernels/activation/prelu.hpp"
#include "kernels/activation/tflite_softmax.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/programs.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using ::testing::ElementsAre;
using testing::int8;
using testing::real;
using testing::tensor;

const Activation family;

LayerSpec layer(std::string operation, Attributes attributes = {}) {
  return {"layer", std::move(operation), std::move(attributes), {}};
}

LayerSpec prelu(Shape shape, const std::vector<float>& slopes, const char* arithmetic = nullptr) {
  LayerSpec spec = layer("prelu");
  spec.constants["slope"] = constant<float>(real(std::move(shape)), slopes);
  if (arithmetic != nullptr) spec.attributes.set("arithmetic", std::string(arithmetic));
  return spec;
}

TEST(Prelu, FloatByHand) {
  const TensorType type = real({2, 2});
  const Tensor x = tensor<float>(type, {-1, -1, 2, -4});
  EXPECT_THAT(testing::elements<float>(testing::evaluate(family, prelu({2}, {0.5, 2}), x, type)),
              ElementsAre(-0.5, -2, 2, -8));
  EXPECT_THAT(testing::elements<float>(testing::evaluate(family, prelu({2, 1}, {0.5, 2}), x, type)),
              ElementsAre(-0.5, -0.5, 2, -8));
}

TEST(Prelu, IntegersAreTheRealFunctionRounded) {
  Random random(1);
  for (const Shape& shape : std::vector<Shape>{{}, {7}, {5, 1}, {1, 7}, {4, 5, 7}}) {
    const auto count = static_cast<std::size_t>(shape.elements());
    const std::vector<float> slopes = testing::random_reals(random, count, -0.5, 1.5);
    const TensorType in = int8({4, 5, 7}, 0.04, 9);
    const TensorType out = int8({4, 5, 7}, 0.05, -4);
    const Tensor x = testing::random_int8(random, in);
    const Tensor exact = testing::evaluate(family, prelu(shape, slopes), dequantise(x), real(in.shape));
    for (const char* arithmetic : {"scaled", "tflite"}) {
      const LayerSpec integer = testing::quantised(family, prelu(shape, slopes, arithmetic), {in}, out);
      const Tensor y = testing::evaluate(family, integer, x, out);
      // tflite has slopes of 8 bits: off by 1.5 / 254 of inputs up to 5.5.
      const double allowed = std::string(arithmetic) == "scaled" ? 0.501 : 0.501 + 5.5 * 1.5 / 254 / 0.05;
      for (std::size_t i = 0; i < 140; ++i) {
        const double code = static_cast<double>(exact.elements<float>()[i]) / 0.05 - 4;
        ASSERT_NEAR(static_cast<double>(y.integer_at(i)), std::clamp(code, -128.0, 127.0), allowed) << shape.text();
      }
      ASSERT_EQ(testing::difference(family, integer, {x}, out), "");
    }
  }
}

TEST(Prelu, ManySlopesAreRoundedToFewerTables) {
  Random random(2);
  const TensorType in = int8({10000}, 0.04, 0);
  const TensorType out = int8({10000}, 0.05, 0);
  const std::vector<float> slopes = testing::random_reals(random, 10000, 0, 1);
  const LayerSpec integer = testing::quantised(family, prelu({10000}, slopes), {in}, out);
  EXPECT_LE(integer.required("table").shape()[0], static_cast<std::int64_t>(activation::max_slopes));
  const Tensor x = testing::random_int8(random, in);
  const Tensor exact = testing::evaluate(family, prelu({10000}, slopes), dequantise(x), real(in.shape));
  const Tensor y = testing::evaluate(family, integer, x, out);
  for (std::size_t i = 0; i < 10000; ++i) {
    ASSERT_NEAR(static_cast<double>(y.integer_at(i)), static_cast<double>(exact.elements<float>()[i]) / 0.05, 0.52);
  }
}

TEST(Prelu, RejectsBrokenTwins) {
  const TensorType type = real({2, 3});
  const auto of = [&](const LayerSpec& spec) { return testing::verdict(family, spec, {type}, {type}); };
  EXPECT_EQ(of(prelu({3}, {1, 2, 3})), "accepted");
  EXPECT_EQ(of(layer("prelu")), "constant 'slope' is missing");
  EXPECT_EQ(of(prelu({2}, {1, 2})), "constant 'slope' [2] must broadcast to the input [2,3]");
  EXPECT_EQ(of(prelu({2, 2, 3}, std::vector<float>(12, 1))),
            "constant 'slope' [2,2,3] must broadcast to the input [2,3]");
  EXPECT_EQ(of(prelu({1}, {HUGE_VALF})), "constant 'slope': element 0 is inf, must be finite");
  const TensorType code = int8({2, 3}, 1, 0);
  const LayerSpec integer = testing::quantised(family, prelu({3}, {1, 2, 1}), {code}, code);
  EXPECT_EQ(integer.required("table").shape(), (Shape{2, 256}));
  LayerSpec twin = integer;
  twin.constants["index"] = constant<std::uint16_t>({ElementType::integer(16, false), {3}}, {0, 2, 0});
  EXPECT_EQ(testing::verdict(family, twin, {code}, {code}), "constant 'index': element 1 is 2, there are 2 tables");
  twin.constants["index"] = constant<std::int8_t>({ElementType::int8(), {3}}, {0, 1, 0});
  EXPECT_EQ(testing::verdict(family, twin, {code}, {code}), "constant 'index' is int8[3], must be of uint16");
  twin = integer;
  twin.constants["table"] = constant<std::int8_t>({ElementType::int8(), {3}}, {0, 1, 0});
  EXPECT_EQ(testing::verdict(family, twin, {code}, {code}), "constant 'table' is int8[3], must be int8[T,256]");
  twin.constants.erase("table");
  EXPECT_EQ(testing::verdict(family, twin, {code}, {code}), "constants 'table' and 'index' must both be there");
}

TEST(Softmax, BetaSharpens) {
  const TensorType type = real({2});
  const Tensor x = tensor<float>(type, {0, std::log(3.0F)});
  const Tensor y = testing::evaluate(family, layer("softmax", {{"beta", 2.0}}), x, type);
  EXPECT_THAT(testing::elements<float>(y), ElementsAre(::testing::FloatEq(0.1F), ::testing::FloatEq(0.9F)));
}

TEST(Softmax, TfliteIsAccurateToTwoSteps) {
  Random random(3);
  for (const std::int64_t channels : {1, 2, 5, 10, 100, 1000, 4095}) {
    for (const double scale : {0.001, 0.05, 0.1, 1.0, 20.0}) {
      const TensorType in = int8({3, channels}, scale, 11);
      const LayerSpec spec = layer("softmax", {{"beta", 1.3}, {"arithmetic", std::string("tflite")}});
      const TensorType out{*family.fixed_output(spec, {&in, 1}), in.shape};
      const LayerSpec integer = testing::quantised(family, spec, {in}, out);
      const Tensor x = testing::random_int8(random, in);
      const Tensor y = testing::evaluate(family, integer, x, out);
      const Tensor exact = testing::evaluate(family, layer("softmax", {{"beta", 1.3}}), dequantise(x), real(in.shape));
      for (std::size_t i = 0; i < y.bytes().size(); ++i) {
        const double wanted = std::min(static_cast<double>(exact.elements<float>()[i]) * 256 - 128, 127.0);
        ASSERT_NEAR(static_cast<double>(y.integer_at(i)), wanted, 1) << channels << " " << scale;
      }
      ASSERT_EQ(testing::difference(family, integer, {x}, out), "");
    }
  }
}

// The expansion leaves out (1/8)^5 / 120 = 2.5e-7.
TEST(Softmax, TfliteExponentials) {
  for (const double scale : {0.001, 0.05, 0.5, 3.0}) {
    const auto exponentials = activation::make_tflite_exponentials(1, scale).value();
    EXPECT_EQ(exponentials[0], std::numeric_limits<std::int32_t>::max());
    for (std::size_t d = 0; d < 256; ++d) {
      ASSERT_NEAR(std::ldexp(exponentials[d], -31), std::exp(-scale * static_cast<double>(d)), 3e-7) << d;
    }
  }
  EXPECT_EQ(activation::make_tflite_exponentials(1, 1e-9).error().message,
            "beta * scale is 1e-09, must be above 2^-26");
}

TEST(LogSoftmax, ByHandAndAccurateToOneStep) {
  const TensorType type = real({2});
  const Tensor two = testing::evaluate(family, layer("log_softmax"), tensor<float>(type, {0, std::log(3.0F)}), type);
  EXPECT_THAT(testing::elements<float>(two),
              ElementsAre(::testing::FloatEq(-1.3862944F), ::testing::FloatEq(-0.2876821F)));
  Random random(4);
  for (const std::int64_t channels : {1, 2, 7, 100, 5000}) {
    for (const double scale : {0.001, 0.05, 1.0}) {
      const TensorType in = int8({3, channels}, scale, 11);
      const TensorType out = int8({3, channels}, 16.0 / 256, 127);
      const LayerSpec integer = testing::quantised(family, layer("log_softmax"), {in}, out);
      const Tensor x = testing::random_int8(random, in);
      const Tensor y = testing::evaluate(family, integer, x, out);
      const Tensor exact = testing::evaluate(family, layer("log_softmax"), dequantise(x), real(in.shape));
      for (std::size_t i = 0; i < y.bytes().size(); ++i) {
        const double code = static_cast<double>(exact.elements<float>()[i]) * 16 + 127;
        ASSERT_NEAR(static_cast<double>(y.integer_at(i)), std::clamp(code, -128.0, 127.0), 0.6) << channels;
      }
      ASSERT_EQ(testing::difference(family, integer, {x}, out), "");
    }
  }
}

TEST(SoftmaxRejects, BrokenTwins) {
  const TensorType in = int8({3}, 0.1, 0);
  const TensorType out = int8({3}, 1.0 / 256, -128);
  const LayerSpec fixed =
      testing::quantised(family, layer("softmax", {{"arithmetic", std::string("tflite")}}), {in}, out);
  EXPECT_EQ(testing::verdict(family, fixed, {in}, {out}), "accepted");
  LayerSpec twin = fixed;
  twin.attributes.set("arithmetic", std::string("scaled"));
  EXPECT_EQ(testing::verdict(family, twin, {in}, {out}), "constant 'exponentials' is int32[256], must be uint32[256]");
  twin = fixed;
  auto entries = testing::elements<std::int32_t>(fixed.required("exponentials"));
  entries[255] = -1;
  twin.constants["exponentials"] = constant(TensorType{ElementType::int32(), {256}}, entries);
  EXPECT_EQ(testing::verdict(family, twin, {in}, {out}),
            "constant 'exponentials' must start with 2147483647 and never rise");
  const TensorType wide = int8({4096}, 0.1, 0);
  EXPECT_EQ(testing::verdict(family, fixed, {wide}, {int8({4096}, 1.0 / 256, -128)}),
            "softmax over 4096 channels: arithmetic 'tflite' has at most 4095");
  EXPECT_EQ(family.quantise(layer("log_softmax", {{"arithmetic", std::string("tflite")}}), {&in, 1}, {&out, 1})
                .error()
                .message,
            "log_softmax has no arithmetic 'tflite'");
  const TensorType tiny = int8({3}, 1e-6, 0);
  EXPECT_EQ(family.quantise(layer("log_softmax"), {&in, 1}, {&tiny, 1}).error().message,
            "scales 0.1 and 1e-06: log_softmax needs more than 32 bits for them");
  twin = testing::quantised(family, layer("log_softmax"), {in}, out);
  twin.constants.erase("octaves");
  EXPECT_EQ(testing::verdict(family, twin, {in}, {out}), "constant 'octaves' is missing");
}

}  // namespace
}  // namespace algean::kernels
