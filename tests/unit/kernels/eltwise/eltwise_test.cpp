#include "kernels/eltwise/eltwise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kernels/support/programs.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using ::testing::ElementsAre;
using testing::Index;
using testing::int8;
using testing::real;
using testing::tensor;

const Eltwise family;

LayerSpec layer(std::string operation, Attributes attributes = {}) {
  return {"layer", std::move(operation), std::move(attributes), {}};
}

std::vector<float> compute(const LayerSpec& spec, const std::vector<float>& a, const std::vector<float>& b) {
  const TensorType type = real({static_cast<std::int64_t>(a.size())});
  EXPECT_EQ(testing::verdict(family, spec, {type, type}, {type}), "accepted");
  return testing::elements<float>(
      testing::evaluate(family, spec, {tensor(type, a), tensor(type, b)}, std::vector{type})[0]);
}

TEST(EltwiseFloat, ByHand) {
  const std::vector<float> a{1, -2, 7.5};
  const std::vector<float> b{3, 5, -0.5};
  EXPECT_THAT(compute(layer("add"), a, b), ElementsAre(4, 3, 7));
  EXPECT_THAT(compute(layer("subtract"), a, b), ElementsAre(-2, -7, 8));
  EXPECT_THAT(compute(layer("multiply"), a, b), ElementsAre(3, -10, -3.75));
  EXPECT_THAT(compute(layer("average"), a, b), ElementsAre(2, 1.5, 3.5));
  EXPECT_THAT(compute(layer("maximum"), a, b), ElementsAre(3, 5, 7.5));
  EXPECT_THAT(compute(layer("minimum"), a, b), ElementsAre(1, -2, -0.5));
  EXPECT_THAT(compute(layer("subtract", {{"activation", std::string("relu")}}), a, b), ElementsAre(0, 0, 8));
  EXPECT_THAT(compute(layer("add", {{"activation", std::string("relu6")}}), a, b), ElementsAre(4, 3, 6));
  EXPECT_THAT(compute(layer("add", {{"activation", std::string("relu_n1_to_1")}}), a, b), ElementsAre(1, 1, 1));
}

TEST(EltwiseFloat, ConstantsAndTheirSide) {
  LayerSpec spec = layer("subtract");
  spec.constants["operand"] = constant<float>(real({2}), {10, 20});
  const TensorType type = real({2, 2});
  const std::vector<Tensor> x{tensor<float>(type, {1, 2, 3, 4})};
  EXPECT_THAT(testing::elements<float>(testing::evaluate(family, spec, x, std::vector{type})[0]),
              ElementsAre(-9, -18, -7, -16));
  spec.attributes.set("reversed", std::int64_t{1});
  EXPECT_THAT(testing::elements<float>(testing::evaluate(family, spec, x, std::vector{type})[0]),
              ElementsAre(9, 18, 7, 16));
  spec.constants["operand"] = constant<std::int8_t>(int8({1}, 0.5, 3), {7});  // stands for 2
  EXPECT_EQ(testing::verdict(family, spec, {type}, {type}), "accepted");
  EXPECT_THAT(testing::elements<float>(testing::evaluate(family, spec, x, std::vector{type})[0]),
              ElementsAre(1, 0, -1, -2));
}

// Of one or two shapes that broadcast together.
std::pair<Shape, Shape> random_shapes(Random& random) {
  Index a(static_cast<std::size_t>(random.between(1, 4)));
  for (std::int64_t& extent : a) extent = random.between(1, 6);
  Index b(a.begin() + static_cast<std::ptrdiff_t>(random.below(a.size())), a.end());
  const auto kind = random.below(4);
  for (std::int64_t& extent : b) {
    if (kind == 1 && random.below(2) == 0) extent = 1;
  }
  if (kind == 2) b.assign(1, 1);
  if (kind == 3) b = a;
  if (kind == 1 && random.below(2) == 0) a.back() = 1;
  if (random.below(2) == 0) std::swap(a, b);
  return {Shape::make(a).value(), Shape::make(b).value()};
}

double function(const std::string& operation, double a, double b) {
  if (operation == "add") return a + b;
  if (operation == "subtract") return a - b;
  if (operation == "multiply") return a * b;
  if (operation == "average") return (a + b) / 2;
  return operation == "maximum" ? std::max(a, b) : std::min(a, b);
}

// The element of an operand beside element `i` of the whole.
std::size_t beside(const Shape& whole, const Shape& operand, std::size_t i) {
  const Index index = testing::index_of(whole, i);
  Index own(index.end() - static_cast<std::ptrdiff_t>(operand.rank()), index.end());
  for (std::size_t axis = 0; axis < own.size(); ++axis) own[axis] = operand[axis] == 1 ? 0 : own[axis];
  return testing::flat(operand, own);
}

constexpr const char* tflite_operations[] = {"add", "subtract", "multiply", "maximum", "minimum"};
constexpr const char* operations[] = {"add", "subtract", "multiply", "average", "maximum", "minimum"};

// Integers against the real function of what they stand for, and the compiled layers against the integers.
TEST(EltwiseInteger, IsTheRealFunctionRounded) {
  Random random(2);
  for (int round = 0; round < 600; ++round) {
    const std::string operation = operations[round % 6];
    const auto [shape_a, shape_b] = random_shapes(random);
    const auto zero = [&] { return static_cast<std::int32_t>(random.between(-128, 127)); };
    const TensorType a = int8(shape_a, 0.01 + 0.1 * random.unit(), zero());
    const TensorType b =
        round % 4 == 0 ? TensorType{a.element, shape_b} : int8(shape_b, 0.01 + 0.1 * random.unit(), zero());
    const Shape whole = family.infer(layer(operation), std::vector{a, b}).value()[0];
    const TensorType y = int8(whole, 0.02 + 0.2 * random.unit(), zero());
    const bool relu = round % 5 == 0;
    LayerSpec spec = layer(operation, {{"activation", std::string(relu ? "relu" : "linear")}});
    const LayerSpec integer = testing::quantised(family, spec, {a, b}, y);
    const int kind = round / 6 % 4;
    const std::vector<Tensor> x{testing::extreme_int8(random, a, kind), testing::extreme_int8(random, b, 3 - kind)};
    const Tensor result = testing::evaluate(family, integer, x, std::vector{y})[0];
    for (std::size_t i = 0; i < static_cast<std::size_t>(whole.elements()); ++i) {
      const double left = testing::real_of(x[0].integer_at(beside(whole, shape_a, i)), a);
      const double right = testing::real_of(x[1].integer_at(beside(whole, shape_b, i)), b);
      const double exact = function(operation, left, right);
      const double low = relu ? y.element.quantisation()->zero_point() : -128;
      const double wanted =
          std::clamp(exact / y.element.quantisation()->scale() + y.element.quantisation()->zero_point(), low, 127.0);
      ASSERT_NEAR(static_cast<double>(result.integer_at(i)), wanted, 0.6) << operation;
    }
    ASSERT_EQ(testing::difference(family, integer, x, y), "") << operation << shape_a.text() << shape_b.text();
  }
}

// The lengths at which vector code changes hands.
TEST(EltwiseInteger, CompiledLayersOfEveryLength) {
  Random random(3);
  for (const char* operation : operations) {
    for (std::int64_t n = 1; n <= 200; ++n) {
      const TensorType type = int8({n}, 0.05, -3);
      const LayerSpec integer = testing::quantised(family, layer(operation), {type, type}, type);
      const std::vector<Tensor> x{testing::random_int8(random, type), testing::random_int8(random, type)};
      ASSERT_EQ(testing::difference(family, integer, x, type), "") << operation << " " << n;
    }
  }
}

TEST(EltwiseInteger, SumByHand) {
  // Scales 1/2 and 1/4 into 1/4: y = 2 a + b.
  const TensorType a = int8({4}, 0.5, 1);
  const TensorType b = int8({4}, 0.25, -2);
  const TensorType y = int8({4}, 0.25, 3);
  const LayerSpec integer = testing::quantised(family, layer("add"), {a, b}, y);
  EXPECT_THAT(testing::elements<std::int32_t>(integer.required("multiplier")), ElementsAre(1 << 14, 1 << 13));
  EXPECT_EQ(integer.required("shift").integer_at(0), 13);
  const std::vector<Tensor> x{tensor<std::int8_t>(a, {1, 2, 127, -128}), tensor<std::int8_t>(b, {-2, 5, 127, -128})};
  EXPECT_THAT(testing::elements<std::int8_t>(testing::evaluate(family, integer, x, std::vector{y})[0]),
              ElementsAre(3, 12, 127, -128));
}

TEST(EltwiseInteger, TfliteByHand) {
  // Equal scales: each operand becomes half of itself * 2^20, exactly; the sum comes back rounded away from zero.
  const TensorType type = int8({3}, 0.5, 0);
  const TensorType y = int8({3}, 1, 0);
  const LayerSpec integer =
      testing::quantised(family, layer("add", {{"arithmetic", std::string("tflite")}}), {type, type}, y);
  const std::vector<Tensor> x{tensor<std::int8_t>(type, {1, -1, 100}), tensor<std::int8_t>(type, {2, -2, 100})};
  EXPECT_THAT(testing::elements<std::int8_t>(testing::evaluate(family, integer, x, std::vector{y})[0]),
              ElementsAre(2, -2, 100));
  EXPECT_EQ(testing::difference(family, integer, x, y), "");
  const LayerSpec product =
      testing::quantised(family, layer("multiply", {{"arithmetic", std::string("tflite")}}), {type, type}, y);
  EXPECT_THAT(testing::elements<std::int8_t>(testing::evaluate(family, product, x, std::vector{y})[0]),
              ElementsAre(1, 1, 127));  // 0.5 rounds away from zero
  EXPECT_EQ(testing::difference(family, product, x, y), "");
}

TEST(EltwiseInteger, CompiledTfliteLayers) {
  Random random(4);
  for (int round = 0; round < 600; ++round) {
    const std::string operation = tflite_operations[round % 5];
    const auto [shape_a, shape_b] = random_shapes(random);
    const double wide = round % 10 < 5 ? 1 : 30;  // ratios above 1, too
    const TensorType a =
        int8(shape_a, wide * (0.01 + 0.1 * random.unit()), static_cast<std::int32_t>(random.between(-128, 127)));
    const TensorType b =
        int8(shape_b, wide * (0.01 + 0.1 * random.unit()), static_cast<std::int32_t>(random.between(-128, 127)));
    const LayerSpec spec =
        layer(operation, {{"arithmetic", std::string("tflite")}, {"activation", std::string("relu6")}});
    const TensorType y = int8(family.infer(spec, std::vector{a, b}).value()[0], 0.11, -50);
    const LayerSpec integer = testing::quantised(family, spec, {a, b}, y);
    const std::vector<Tensor> x{testing::extreme_int8(random, a, round % 4),
                                testing::extreme_int8(random, b, 3 - round % 4)};
    ASSERT_EQ(testing::difference(family, integer, x, y), "") << operation;
  }
}

// A constant of one element leaves a function of one operand: exact in `scaled`.
TEST(EltwiseInteger, ConstantOfOneElementIsATable) {
  const TensorType in = int8({256}, 0.03, 5);
  const TensorType out = int8({256}, 0.04, -9);
  Tensor x(in);
  for (std::size_t i = 0; i < 256; ++i)
    x.elements<std::int8_t>()[i] = static_cast<std::int8_t>(static_cast<int>(i) - 128);
  for (const char* operation : operations) {
    for (const std::int64_t reversed : {0, 1}) {
      LayerSpec spec = layer(operation, {{"reversed", reversed}});
      spec.constants["operand"] = constant<float>(real({1}), {1.3F});
      const LayerSpec integer = testing::quantised(family, spec, {in}, out);
      ASSERT_NE(integer.constant("table"), nullptr);
      const Tensor y = testing::evaluate(family, integer, {x}, std::vector{out})[0];
      const auto constant = static_cast<double>(1.3F);
      for (std::size_t i = 0; i < 256; ++i) {
        const double given = testing::real_of(x.integer_at(i), in);
        const double exact =
            reversed == 1 ? function(operation, constant, given) : function(operation, given, constant);
        ASSERT_EQ(static_cast<double>(y.integer_at(i)), std::clamp(testing::code_of(exact, out), -128.0, 127.0));
      }
      ASSERT_EQ(testing::difference(family, integer, {x}, out), "");
      spec.attributes.set("arithmetic", std::string("tflite"));
      if (std::string(operation) == "average") continue;
      const LayerSpec fixed = testing::quantised(family, spec, {in}, out);
      const Tensor near = testing::evaluate(family, fixed, {x}, std::vector{out})[0];
      for (std::size_t i = 0; i < 256; ++i) ASSERT_LE(std::abs(near.integer_at(i) - y.integer_at(i)), 1) << operation;
      ASSERT_EQ(testing::difference(family, fixed, {x}, out), "");
    }
  }
}

TEST(EltwiseInteger, ConstantOfMoreElementsIsQuantised) {
  Random random(5);
  LayerSpec spec = layer("subtract", {{"reversed", std::int64_t{1}}});
  spec.constants["operand"] = constant<float>(real({3}), {0.5F, -1, 2});
  const TensorType in = int8({5, 3}, 0.02, 0);
  const TensorType out = int8({5, 3}, 0.04, 0);
  const LayerSpec integer = testing::quantised(family, spec, {in}, out);
  EXPECT_EQ(integer.required("operand").type().element.quantisation()->scale(), 3.0 / 255);
  const Tensor x = testing::random_int8(random, in);
  const Tensor y = testing::evaluate(family, integer, {x}, std::vector{out})[0];
  for (std::size_t i = 0; i < 15; ++i) {
    const double exact = std::vector{0.5, -1.0, 2.0}[i % 3] - testing::real_of(x.integer_at(i), in);
    ASSERT_NEAR(testing::real_of(y.integer_at(i), out), exact, 0.04 / 2 + 3.0 / 510 + 1e-4);
  }
  EXPECT_EQ(testing::difference(family, integer, {x}, out), "");
}

TEST(EltwiseRejects, ShapesAndAttributes) {
  const TensorType type = real({2, 3});
  const auto of = [&](const LayerSpec& spec, const TensorType& other) {
    return testing::verdict(family, spec, {type, other}, {type});
  };
  EXPECT_EQ(of(layer("add"), real({2})),
            "[2,3] and [2] do not broadcast: extents 3 and 2 must be equal, or one of them 1");
  EXPECT_EQ(of(layer("add"), real({4, 2, 3})), "must have one output of shape [4,2,3]");
  EXPECT_EQ(testing::verdict(family, layer("add"), {type}, {type}), "1 inputs, must be 2");
  EXPECT_EQ(of(layer("add", {{"activation", std::string("elu")}}), type),
            "attribute 'activation' is 'elu', must be 'linear', 'relu', 'relu6' or 'relu_n1_to_1'");
  EXPECT_EQ(of(layer("add", {{"axis", std::int64_t{1}}}), type),
            "attribute 'axis' is unknown to 'add', which takes [activation, reversed]");
  EXPECT_EQ(of(layer("subtract", {{"reversed", std::int64_t{1}}}), type),
            "attribute 'reversed' is 1, but there is no constant 'operand'");
  EXPECT_EQ(of(layer("subtract", {{"reversed", std::int64_t{2}}}), type), "attribute 'reversed' is 2, must be 0 or 1");
  EXPECT_EQ(of(layer("add"), int8({2, 3}, 1, 0)), "inputs and outputs must be all float32 or all integers");
}

TEST(EltwiseRejects, Constants) {
  const TensorType type = real({2});
  LayerSpec spec = layer("add");
  spec.constants["operand"] = constant<float>(type, {1, HUGE_VALF});
  EXPECT_EQ(testing::verdict(family, spec, {type}, {type}), "constant 'operand': element 1 is inf, must be finite");
  spec.constants["operand"] = constant<std::int8_t>({ElementType::int8(), {2}}, {1, 2});
  EXPECT_EQ(testing::verdict(family, spec, {type}, {type}),
            "constant 'operand' must be quantised with one scale and one zero point for the tensor");
  spec.constants["other"] = spec.constants["operand"];
  EXPECT_EQ(testing::verdict(family, spec, {type}, {type}),
            "constant 'other' is unknown to 'add', which takes [operand]");

  const TensorType code = int8({2}, 1, 0);
  LayerSpec integer = testing::quantised(family, layer("add"), {code, code}, code);
  integer.constants["multiplier"] = constant<std::int32_t>({ElementType::int32(), {2}}, {1 << 14, (1 << 14) + 1});
  EXPECT_EQ(testing::verdict(family, integer, {code, code}, {code}),
            "constant 'multiplier': element 1 is 16385, the scales give 16384");
  integer.constants.erase("multiplier");
  EXPECT_EQ(testing::verdict(family, integer, {code, code}, {code}), "constant 'multiplier' is missing");
  integer = testing::quantised(family, layer("maximum"), {code, code}, code);
  integer.constants.erase("tables");
  EXPECT_EQ(testing::verdict(family, integer, {code, code}, {code}), "constant 'tables' is missing");
  integer = layer("add");
  integer.constants["table"] = constant<std::int8_t>({ElementType::int8(), {2}}, {1, 2});
  EXPECT_EQ(testing::verdict(family, integer, {code}, {code}), "constant 'table' is int8[2], must be int8[256]");
  integer.attributes.set("arithmetic", std::string("decimal"));
  EXPECT_EQ(testing::verdict(family, integer, {code}, {code}),
            "attribute 'arithmetic' is 'decimal', must be 'scaled', 'tflite' or 'tflite_double'");
}

TEST(EltwiseRejects, QuantisingBadLayers) {
  const TensorType code = int8({2}, 1, 0);
  const TensorType fine = int8({2}, 0x1p-14, 0);
  const auto message = [&](const LayerSpec& spec, const TensorType& output) {
    const auto result = family.quantise(spec, std::vector{code, code}, {&output, 1});
    return result ? "accepted" : result.error().message;
  };
  EXPECT_EQ(message(layer("add"), fine),
            "the ratios 16384 and 16384 of operand scales to output scale must lie below 2^14");
  EXPECT_EQ(message(layer("average", {{"arithmetic", std::string("tflite")}}), code),
            "average has no arithmetic 'tflite'");
  EXPECT_EQ(message(layer("add"), real({2})), "output is float32[2], must be int8");
  EXPECT_EQ(message(layer("add"), int8({3}, 1, 0)), "must have one output of shape [2]");
}

}  // namespace
}  // namespace algean::kernels
