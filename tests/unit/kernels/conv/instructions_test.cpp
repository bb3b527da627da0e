#include "tests/unit/kernels/conv/instructions.hpp"

#include <gtest/gtest.h>

#include "kernels/conv/conv.hpp"

namespace algean::kernels {
namespace {

using testing::code_difference;
using testing::ConvProblem;
using testing::emulated;
using testing::IntegerKind;
using testing::Values;

const Conv family;

TEST(ConvInstructions, GiveTheReferencesIntegersForRandomProblems) {
  for (std::uint64_t seed = 0; seed < testing::problem_count(); ++seed) {
    ASSERT_EQ(code_difference(family, testing::random_integer_problem(family, false, seed)), "") << "seed " << seed;
  }
}

// Every number of channels around the block sizes, plain and depthwise.
TEST(ConvInstructions, GiveTheReferencesIntegersForEveryChannelCount) {
  for (std::int64_t channels = 1; channels <= 150; channels += channels < 40 ? 1 : 11) {
    for (const bool depthwise : {false, true}) {
      ConvProblem p;
      p.in_h = 3;
      p.in_w = 9;
      p.k_h = p.k_w = 3;
      p.top = p.left = p.bottom = p.right = 1;
      p.c_out = channels;
      p.c_in = depthwise ? channels : 5;
      p.groups = depthwise ? channels : 1;
      Random random(static_cast<std::uint64_t>(channels));
      for (const bool tflite : {false, true}) {
        IntegerKind kind;
        kind.tflite = tflite;
        ASSERT_EQ(code_difference(family, testing::integer_problem(family, p, kind, random)), "");
      }
    }
  }
}

// The layers of real networks, with every kind of values: ResNet-50's first, one of its 1x1 with stride, its last 3x3,
// DS-CNN's first, a depthwise one of MobileNet.
TEST(ConvInstructions, GiveTheReferencesIntegersForRealLayers) {
  std::vector<ConvProblem> layers(5);
  layers[0].in_h = layers[0].in_w = 32;
  layers[0].c_in = 3;
  layers[0].c_out = 64;
  layers[0].k_h = layers[0].k_w = 7;
  layers[0].stride_h = layers[0].stride_w = 2;
  layers[0].top = layers[0].left = layers[0].bottom = layers[0].right = 3;
  layers[1].in_h = layers[1].in_w = 14;
  layers[1].c_in = 256;
  layers[1].c_out = 128;
  layers[1].stride_h = layers[1].stride_w = 2;
  layers[2].in_h = layers[2].in_w = 7;
  layers[2].c_in = layers[2].c_out = 128;
  layers[2].k_h = layers[2].k_w = 3;
  layers[2].top = layers[2].left = layers[2].bottom = layers[2].right = 1;
  layers[3].in_h = 49;
  layers[3].in_w = 10;
  layers[3].c_out = 64;
  layers[3].k_h = 10;
  layers[3].k_w = 4;
  layers[3].stride_h = layers[3].stride_w = 2;
  layers[3].top = 4;
  layers[3].bottom = 5;
  layers[3].left = layers[3].right = 1;
  layers[4].in_h = layers[4].in_w = 16;
  layers[4].c_in = layers[4].c_out = layers[4].groups = 64;
  layers[4].k_h = layers[4].k_w = 3;
  layers[4].stride_h = layers[4].stride_w = 2;
  layers[4].bottom = layers[4].right = 1;
  Random random(4);
  for (const ConvProblem& p : layers) {
    for (const Values inputs : {Values::random, Values::lowest, Values::highest, Values::alternating}) {
      for (const Values weights : {Values::random, Values::lowest, Values::highest, Values::alternating}) {
        if (testing::is_slow() && inputs != weights) continue;
        IntegerKind kind = testing::random_kind(random);
        kind.inputs = inputs;
        kind.weights = weights;
        ASSERT_EQ(code_difference(family, testing::integer_problem(family, p, kind, random)), "");
      }
    }
  }
}

// Accumulators that a bias sets directly, over the whole range, with every shift: requantisation alone.
TEST(ConvInstructions, RequantiseExactly) {
  std::vector<std::int32_t> accumulators{INT32_MAX, INT32_MIN, INT32_MAX - 1, INT32_MIN + 1, 0};
  for (std::int32_t power = 1; power < 1 << 30; power *= 2) {
    accumulators.insert(accumulators.end(), {power, -power, power + 1, -power - 1, 3 * (power / 2), -3 * (power / 2)});
  }
  Random random(5);
  while (accumulators.size() < 400) accumulators.push_back(static_cast<std::int32_t>(random.next() >> 32U));
  ConvProblem p;
  p.in_w = 3;
  p.c_out = static_cast<std::int64_t>(accumulators.size());
  for (const bool depthwise : {false, true}) {
    p.groups = p.c_in = depthwise ? p.c_out : 1;
    for (int shift = -14; shift <= 31; ++shift) {
      IntegerKind kind;
      kind.tflite = shift % 2 == 0;
      testing::IntegerProblem problem = testing::integer_problem(family, p, kind, random);
      Quantisation scales = *problem.layer.required("weight").type().element.quantisation();
      for (double& scale : scales.scales) scale = std::ldexp(1 + random.unit(), -shift);
      std::vector<std::int8_t> zeros(accumulators.size(), 0);
      LayerSpec layer = testing::conv_layer(p);
      layer.attributes.set("arithmetic", std::string(kind.tflite ? "tflite" : "scaled"));
      layer.constants["weight"] = testing::constant(TensorType{ElementType::int8(scales), p.weight()}, zeros);
      layer.constants["bias"] = testing::constant(TensorType{ElementType::int32(scales), {p.c_out}}, accumulators);
      problem.layer = family.quantise(layer, {&problem.input, 1}, {&problem.output, 1}).value();
      ASSERT_EQ(code_difference(family, problem), "") << "shift " << shift;
    }
  }
}

// Weights of 2 to 8 bits, as our own quantiser makes them.
TEST(ConvInstructions, GiveTheReferencesIntegersForEveryWeightWidth) {
  ConvProblem p;
  p.in_h = p.in_w = 5;
  p.c_in = 6;
  p.c_out = 20;
  p.k_h = p.k_w = 3;
  p.top = p.left = 1;
  Random random(6);
  for (std::int64_t bits = 2; bits <= 8; ++bits) {
    LayerSpec layer = testing::float_conv(p, testing::random_reals(random, 20 * 9 * 6, -1, 1),
                                          testing::random_reals(random, 20, -1, 1));
    layer.attributes.set("weight_bits", bits);
    testing::IntegerProblem problem{p, {}, testing::int8(p.input(), 0.01, 9), testing::int8(p.output(), 0.1, -3), {}};
    problem.layer = family.quantise(layer, {&problem.input, 1}, {&problem.output, 1}).value();
    EXPECT_EQ(problem.layer.required("weight").type().element.bits(), bits);
    ASSERT_TRUE(family.verify(problem.layer, {&problem.input, 1}, {&problem.output, 1}));
    problem.x = testing::random_int8(random, problem.input);
    ASSERT_EQ(code_difference(family, problem), "") << bits << " bits";
  }
}

// Run under an emulator of a lesser CPU, this says which set was chosen.
TEST(ConvInstructions, BestSetIsTheOneExpected) {
  const char* expected = emulated();
  if (expected == nullptr) GTEST_SKIP() << "not emulated: ALGEAN_EMULATED names no expected instruction set";
  EXPECT_EQ(to_text(best_instruction_set()), expected);
}

}  // namespace
}  // namespace algean::kernels
