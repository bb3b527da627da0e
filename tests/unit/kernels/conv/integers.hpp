// Integer convolutions for tests, with all that a model may bring, and what they must give.
#pragma once

#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"
#include "kernels/requantise/requantise.hpp"
#include "tests/unit/kernels/conv/problems.hpp"

namespace algean::kernels::testing {

// What the values of a problem are like.
enum class Values : std::uint8_t { random, lowest, highest, alternating };

inline std::int8_t value(Values kind, std::size_t index, Random& random) {
  switch (kind) {
    case Values::lowest:
      return -128;
    case Values::highest:
      return 127;
    case Values::alternating:
      return index % 2 == 0 ? std::int8_t{-128} : std::int8_t{127};
    default:
      return static_cast<std::int8_t>(random.between(-128, 127));
  }
}

// How the numbers of an integer problem are drawn.
struct IntegerKind {
  bool tflite = false;
  bool weight_zero_points = false;  // as uint8 models have them
  bool per_tensor = false;          // one scale for all channels
  bool any_ratio = false;           // up to the ends of what the arithmetic can express; otherwise outputs are varied
  Values inputs = Values::random, weights = Values::random;
  std::string activation = "linear";
};

inline IntegerKind random_kind(Random& random) {
  IntegerKind kind;
  kind.tflite = random.below(2) == 1;
  kind.weight_zero_points = random.below(4) == 0;
  kind.per_tensor = random.below(4) == 0;
  kind.any_ratio = random.below(4) == 0;
  kind.inputs = static_cast<Values>(random.below(4));
  kind.weights = static_cast<Values>(random.below(4));
  kind.activation = std::array{"linear", "relu", "relu6", "relu_n1_to_1"}[random.below(4)];
  return kind;
}

struct IntegerProblem {
  ConvProblem shape;
  LayerSpec layer;
  TensorType input, output;
  Tensor x;
};

inline IntegerProblem integer_problem(const conv::ConvFamily& family, const ConvProblem& p, const IntegerKind& kind,
                                      Random& random) {
  constexpr std::array<std::int32_t, 5> zero_points{-128, 127, 0, 3, -17};
  const auto zero = [&] { return zero_points[random.below(zero_points.size())]; };
  const auto channels = static_cast<std::size_t>(p.c_out);
  const double taps = static_cast<double>(p.weight().elements()) / static_cast<double>(p.c_out);
  const std::size_t scales = kind.per_tensor ? 1 : channels;
  Quantisation weight{std::vector<double>(scales), std::vector<std::int32_t>(scales), kind.per_tensor ? -1 : 0};
  for (std::size_t c = 0; c < scales; ++c) {
    // Sums are about 5000 * sqrt(taps) large, codes about 50.
    const double usual = std::exp2(2 * random.unit() - 1) / (100 * std::sqrt(taps));
    weight.scales[c] = kind.any_ratio ? std::exp2(static_cast<double>(random.between(-31, 14)) + random.unit()) : usual;
    weight.zero_points[c] = kind.weight_zero_points ? zero() : 0;
  }
  Quantisation bias{weight.scales, std::vector<std::int32_t>(scales, 0), weight.axis};
  std::vector<std::int8_t> weights(static_cast<std::size_t>(p.weight().elements()));
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = value(kind.weights, i, random);
  std::vector<std::int32_t> biases(channels);
  for (std::int32_t& b : biases) b = static_cast<std::int32_t>(random.between(-20000, 20000));

  IntegerProblem result{p, conv_layer(p), int8(p.input(), 1, zero()), int8(p.output(), 1, zero()), {}};
  result.layer.attributes.set("activation", kind.activation);
  result.layer.attributes.set("arithmetic", std::string(kind.tflite ? "tflite" : "scaled"));
  result.layer.constants["weight"] = constant(TensorType{ElementType::int8(weight), p.weight()}, weights);
  result.layer.constants["bias"] = constant(TensorType{ElementType::int32(bias), {p.c_out}}, biases);
  result.layer = family.quantise(result.layer, {&result.input, 1}, {&result.output, 1}).value();
  result.x = Tensor(result.input);
  auto x = result.x.elements<std::int8_t>();
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = value(kind.inputs, i, random);
  return result;
}

inline IntegerProblem random_integer_problem(const conv::ConvFamily& family, bool transposed, std::uint64_t seed) {
  Random random(seed);
  const ConvProblem p = random_problem(random, transposed);
  return integer_problem(family, p, random_kind(random), random);
}

// By the definition: exact sums, then one rounding rule a channel. Output scale 1.
inline std::vector<std::int8_t> expected_integers(const IntegerProblem& problem) {
  const ConvProblem& p = problem.shape;
  const auto channels = static_cast<std::size_t>(p.c_out);
  const auto x = problem.x.elements<std::int8_t>();
  const auto weights = problem.layer.required("weight").elements<std::int8_t>();
  const Quantisation& w = *problem.layer.required("weight").type().element.quantisation();
  const std::int32_t zero_x = problem.input.element.quantisation()->zero_point();
  const std::int32_t zero_y = problem.output.element.quantisation()->zero_point();
  std::vector<std::int64_t> sums(static_cast<std::size_t>(p.output().elements()));
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = problem.layer.required("bias").integer_at(i % channels);
  for_each_product(p, [&](std::size_t to, std::size_t from, std::size_t weight) {
    const std::int32_t zero_w = w.zero_points[w.axis < 0 ? 0 : to % channels];
    sums[to] += std::int64_t{x[from] - zero_x} * (weights[weight] - zero_w);
  });
  const std::string activation = problem.layer.attributes.text("activation").value();
  const std::int64_t low = activation == "linear" ? -128 : zero_y + (activation == "relu_n1_to_1" ? -1 : 0);
  const std::int64_t high = activation == "relu6" ? zero_y + 6 : activation == "relu_n1_to_1" ? zero_y + 1 : 127;
  std::vector<std::int8_t> result;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto multiplier = static_cast<std::int32_t>(problem.layer.required("multiplier").integer_at(i % channels));
    const auto shift = static_cast<int>(problem.layer.required("shift").integer_at(i % channels));
    const auto acc = static_cast<std::int32_t>(sums[i]);
    const std::int64_t y = problem.layer.attributes.text("arithmetic").value() == "tflite"
                               ? tflite::mbqm(acc, multiplier, shift)
                               : scaled::requantise(acc, multiplier, shift, 0, INT32_MIN, INT32_MAX);
    const std::int64_t bounded = std::max<std::int64_t>(low, std::min(high, y + zero_y));
    result.push_back(static_cast<std::int8_t>(std::clamp<std::int64_t>(bounded, -128, 127)));
  }
  return result;
}

// The reference against the definition; the first difference, or "".
inline std::string integer_difference(const conv::ConvFamily& family, bool transposed, std::uint64_t seed) {
  const IntegerProblem problem = random_integer_problem(family, transposed, seed);
  const auto verified = family.verify(problem.layer, {&problem.input, 1}, {&problem.output, 1});
  if (!verified) return problem.shape.text() + ": " + verified.error().message;
  const std::vector<std::int8_t> expected = expected_integers(problem);
  const auto y = elements<std::int8_t>(evaluate(family, problem.layer, problem.x, problem.output));
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (y[i] != expected[i]) {
      return fmt::format("{}: element {} is {}, must be {}", problem.shape.text(), i, y[i], expected[i]);
    }
  }
  return "";
}

}  // namespace algean::kernels::testing
