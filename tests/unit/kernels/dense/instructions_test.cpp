// CPU code of every usable instruction set against the integer reference: same integers, whatever the shape and the
// values.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>

#include "kernels/dense/dense.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/program/instruction_set.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::constant;

const Dense family;

// Under an emulator: the best set that is left there, else nullptr.
const char* emulated() { return std::getenv("ALGEAN_EMULATED"); }  // NOLINT(concurrency-mt-unsafe): one thread

// What the values of a problem are like.
enum class Values : std::uint8_t { random, lowest, highest, alternating };

struct Problem {
  std::int64_t rows = 1, n_in = 1, n_out = 1;
  Values inputs = Values::random, weights = Values::random;
  bool extreme_bias = false;  // as near the int32 bounds as the weights allow
  int shift = 0;              // of every channel; 0: random
  bool relu = false;
  std::int32_t zero_x = 0, zero_y = 0;
  std::uint64_t seed = 0;
};

std::int8_t value(Values kind, std::int8_t lowest, std::size_t index, Random& random) {
  switch (kind) {
    case Values::lowest:
      return lowest;
    case Values::highest:
      return 127;
    case Values::alternating:
      return index % 2 == 0 ? lowest : std::int8_t{127};
    default:
      return static_cast<std::int8_t>(random.between(lowest, 127));
  }
}

// An integer layer with the problem's numbers. The scales of its types are those that make verify() accept it.
struct Made {
  LayerSpec layer;
  TensorType input, output;
  Tensor x;
};

Made make(const Problem& p) {
  Random random(p.seed);
  const auto n_in = static_cast<std::size_t>(p.n_in);
  const auto n_out = static_cast<std::size_t>(p.n_out);
  std::vector<std::int8_t> weights(n_in * n_out);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = value(p.weights, -127, i, random);
  std::vector<std::int32_t> bias(n_out), multiplier(n_out);
  std::vector<std::uint8_t> shift(n_out);
  std::vector<double> scales(n_out);
  int bits = 1;
  for (std::size_t o = 0; o < n_out; ++o) {
    const auto range = scaled::accumulator_range(&weights[o * n_in], n_in, 0, p.zero_x, -128, 127);
    const std::int64_t lowest = INT32_MIN - range.low;
    const std::int64_t highest = INT32_MAX - range.high;
    bias[o] =
        static_cast<std::int32_t>(p.extreme_bias ? (o % 2 == 0 ? lowest : highest) : random.between(-100000, 100000));
    bits = std::max(bits, scaled::signed_bits({bias[o] + range.low, bias[o] + range.high}));
    shift[o] = static_cast<std::uint8_t>(p.shift != 0 ? p.shift : random.between(1, 47));
    multiplier[o] =
        static_cast<std::int32_t>(o % 5 == 4 ? 0 : random.between(scaled::min_multiplier, scaled::max_multiplier));
    scales[o] = multiplier[o] == 0 ? 1.0 : scaled::real_ratio({multiplier[o], shift[o]});
  }
  const std::vector<std::int32_t> zeros(n_out, 0);
  const Shape channels{p.n_out};
  LayerSpec layer{"layer", "dense", {}, {}};
  layer.attributes.set("arithmetic", std::string("scaled"));
  layer.attributes.set("accumulator_bits", std::int64_t{bits});
  layer.attributes.set("activation", std::string(p.relu ? "relu" : "linear"));
  layer.constants = {
      {"weight", constant(TensorType{ElementType::int8(Quantisation{scales, zeros, 0}), {p.n_out, p.n_in}}, weights)},
      {"bias", constant(TensorType{ElementType::int32(Quantisation{scales, zeros, 0}), channels}, bias)},
      {"multiplier", constant(TensorType{ElementType::int32(), channels}, multiplier)},
      {"shift", constant(TensorType{ElementType::integer(8, false), channels}, shift)}};
  const Shape in = p.rows == 1 ? Shape{p.n_in} : Shape{p.rows, p.n_in};
  const Shape out = p.rows == 1 ? Shape{p.n_out} : Shape{p.rows, p.n_out};
  Made made{layer, testing::int8(in, 1, p.zero_x), testing::int8(out, 1, p.zero_y), {}};
  made.x = Tensor(made.input);
  auto x = made.x.elements<std::int8_t>();
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = value(p.inputs, -128, i, random);
  return made;
}

// Empty when every instruction set gives the reference's integers, else what differs.
std::string difference(const Made& made) {
  if (const auto verified = family.verify(made.layer, {&made.input, 1}, {&made.output, 1}); !verified) {
    return "the problem is no good layer: " + verified.error().message;
  }
  const Tensor expected = testing::evaluate(family, made.layer, made.x, made.output);
  for (const InstructionSet instructions : usable_instruction_sets()) {
    const auto step = family.compile(made.layer, {&made.input, 1}, {&made.output, 1}, instructions);
    if (!step) return step.error().message;
    const testing::Buffer arena((*step)->constant_bytes());
    for (const bool placed : {false, true}) {
      if (placed) (*step)->place_constants(arena.data());
      const Tensor y = testing::run(**step, made.x, made.output);
      for (std::size_t i = 0; i < y.bytes().size(); ++i) {
        if (y.integer_at(i) != expected.integer_at(i)) {
          return fmt::format("{}: element {} is {}, must be {} ({} -> {})", to_text(instructions), i, y.integer_at(i),
                             expected.integer_at(i), made.input.text(), made.output.text());
        }
      }
    }
  }
  return "";
}
std::string difference(const Problem& problem) { return difference(make(problem)); }

// A layer as a model brings it: weights with zero points, in any arithmetic, between quantised tensors.
Made imported(std::int64_t rows, std::int64_t n_in, std::int64_t n_out, const char* arithmetic, const char* activation,
              bool zero_points, std::uint64_t seed) {
  Random random(seed);
  const auto channels = static_cast<std::size_t>(n_out);
  std::vector<std::int8_t> weights(channels * static_cast<std::size_t>(n_in));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = i % 7 == 0   ? std::int8_t{127}
                 : i % 7 == 1 ? std::int8_t{-128}
                              : value(Values::random, -128, i, random);
  }
  std::vector<double> scales;
  std::vector<std::int32_t> zeros, bias;
  for (std::size_t o = 0; o < channels; ++o) {
    scales.push_back(0.002 + 0.01 * random.unit());
    zeros.push_back(!zero_points ? 0 : o % 3 == 0 ? -128 : static_cast<std::int32_t>(random.between(-128, 127)));
    bias.push_back(static_cast<std::int32_t>(random.between(-5000, 5000)));
  }
  LayerSpec layer{"layer", "dense", {}, {}};
  layer.attributes.set("arithmetic", std::string(arithmetic));
  layer.attributes.set("activation", std::string(activation));
  layer.constants["weight"] =
      constant(TensorType{ElementType::int8(Quantisation{scales, zeros, 0}), {n_out, n_in}}, weights);
  for (double& scale : scales) scale *= 0.05;
  zeros.assign(channels, 0);
  layer.constants["bias"] = constant(TensorType{ElementType::int32(Quantisation{scales, zeros, 0}), {n_out}}, bias);
  Made made{layer,
            testing::int8({rows, n_in}, 0.05, static_cast<std::int32_t>(random.between(-128, 127))),
            testing::int8({rows, n_out}, 0.11, -20),
            {}};
  made.layer = family.quantise(layer, {&made.input, 1}, {&made.output, 1}).value();
  made.x = testing::random_int8(random, made.input);
  return made;
}

TEST(DenseInstructions, GiveTheReferencesIntegersInEveryArithmetic) {
  std::uint64_t seed = 0;
  for (const char* arithmetic : {"scaled", "tflite", "tflite_double"}) {
    for (const char* activation : {"linear", "relu", "relu6", "relu_n1_to_1"}) {
      for (const bool zero_points : {false, true}) {
        for (const std::int64_t rows : {1, 3}) {
          for (const std::int64_t n : {1, 5, 16, 37, 100}) {
            ASSERT_EQ(difference(imported(rows, n, 101 - n, arithmetic, activation, zero_points, ++seed)), "")
                << arithmetic << " " << activation << " zero points " << zero_points;
          }
        }
      }
    }
  }
}

TEST(DenseInstructions, GiveTheReferencesIntegersForRandomProblems) {
  const auto values = rc::gen::element(Values::random, Values::lowest, Values::highest, Values::alternating);
  const auto property = [&] {
    Problem p;
    p.rows = *rc::gen::weightedElement<std::int64_t>({{4, 1}, {1, 2}, {1, 5}});
    p.n_in = *rc::gen::inRange<std::int64_t>(1, p.rows == 1 ? 601 : 70);
    p.n_out = *rc::gen::inRange<std::int64_t>(1, p.rows == 1 ? 601 : 70);
    p.inputs = *values;
    p.weights = *values;
    p.extreme_bias = *rc::gen::arbitrary<bool>();
    p.relu = *rc::gen::arbitrary<bool>();
    p.zero_x = *rc::gen::element(-128, 127, 0, 3, -17);
    p.zero_y = *rc::gen::element(-128, 127, 0, 3, -17);
    p.seed = *rc::gen::arbitrary<std::uint64_t>();
    const std::string text = difference(p);
    RC_ASSERT(text == std::string());
  };
  rc::detail::TestParams params;
  params.seed = 20240607;
  params.maxSuccess = emulated() != nullptr ? 200 : 1000;
  params.disableShrinking = true;
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params);
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << message.str();
}

TEST(DenseInstructions, GiveTheReferencesIntegersForEveryShift) {
  for (int shift = scaled::min_shift; shift <= scaled::max_shift; ++shift) {
    for (const bool extreme_bias : {false, true}) {
      Problem p;
      p.n_in = 9;
      p.n_out = 120;
      p.shift = shift;
      p.extreme_bias = extreme_bias;
      p.zero_x = -128;
      p.seed = static_cast<std::uint64_t>(shift);
      ASSERT_EQ(difference(p), "") << "shift " << shift;
    }
  }
}

TEST(DenseInstructions, GiveTheReferencesIntegersForEveryBlockAndQuadCount) {
  for (std::int64_t n_out = 1; n_out <= 16 * 14; n_out += n_out < 40 ? 1 : 16) {
    for (const std::int64_t n_in : {1, 2, 3, 4, 5, 8, 13, 16, 17, 33}) {
      Problem p;
      p.n_in = n_in;
      p.n_out = n_out;
      p.seed = static_cast<std::uint64_t>(n_in) * 1000 + static_cast<std::uint64_t>(n_out);
      ASSERT_EQ(difference(p), "");
    }
  }
}

// Accumulators that a bias sets directly, over the whole range, with every shift: requantisation alone.
TEST(DenseInstructions, RequantiseExactly) {
  const std::vector<std::int32_t> accumulators{0,
                                               1,
                                               -1,
                                               2,
                                               -2,
                                               3,
                                               -3,
                                               5,
                                               -5,
                                               63,
                                               -64,
                                               127,
                                               -128,
                                               255,
                                               -257,
                                               32767,
                                               1023,
                                               1024,
                                               1025,
                                               -1025,
                                               65535,
                                               -65537,
                                               8388607,
                                               -8388609,
                                               1 << 30,
                                               -(1 << 30),
                                               INT32_MAX,
                                               INT32_MIN,
                                               INT32_MAX - 1,
                                               INT32_MIN + 1};
  const auto n_out = static_cast<std::int64_t>(accumulators.size());
  Random random(5);
  for (int shift = scaled::min_shift; shift <= scaled::max_shift; ++shift) {
    for (int round = 0; round < 4; ++round) {
      Problem p;
      p.n_out = n_out;
      p.shift = shift;
      p.zero_y = round % 2 == 0 ? -128 : 127;
      p.zero_x = 0;
      p.seed = static_cast<std::uint64_t>(shift) * 4 + static_cast<std::uint64_t>(round);
      Made made = make(p);
      const auto scales = *made.layer.required("weight").type().element.quantisation();
      made.layer.constants["weight"] =
          constant(TensorType{ElementType::int8(scales), {n_out, 1}}, std::vector<std::int8_t>(accumulators.size(), 0));
      made.layer.constants["bias"] = constant(TensorType{ElementType::int32(scales), Shape{n_out}}, accumulators);
      made.layer.attributes.set("accumulator_bits", std::int64_t{32});
      ASSERT_TRUE(family.verify(made.layer, {&made.input, 1}, {&made.output, 1}));
      const Tensor expected = testing::evaluate(family, made.layer, made.x, made.output);
      for (const InstructionSet instructions : usable_instruction_sets()) {
        const auto step = family.compile(made.layer, {&made.input, 1}, {&made.output, 1}, instructions).value();
        ASSERT_EQ(testing::run(*step, made.x, made.output), expected) << to_text(instructions) << " shift " << shift;
      }
    }
  }
}

// Run under an emulator of a lesser CPU, this says which set was chosen.
TEST(DenseInstructions, BestSetIsTheOneExpected) {
  const char* expected = emulated();
  if (expected == nullptr) GTEST_SKIP() << "not emulated: ALGEAN_EMULATED names no expected instruction set";
  EXPECT_EQ(to_text(best_instruction_set()), expected);
}

}  // namespace
}  // namespace algean::kernels
