// Sums as near to the middle between two codes as there are, where code that rounds in fewer bits would go wrong.
#include <gtest/gtest.h>

#include "kernels/conv/conv.hpp"
#include "tests/unit/kernels/conv/instructions.hpp"

namespace algean::kernels {
namespace {

using testing::ConvProblem;
using testing::IntegerKind;
using testing::IntegerProblem;

const Conv family;

// Twice the distance of acc * multiplier * 2^-shift from the nearest k + 1/2, in units of 2^-shift.
std::int64_t distance(std::int64_t acc, std::int64_t multiplier, int shift) {
  const std::int64_t one = std::int64_t{1} << shift;
  const std::int64_t rest = ((acc * multiplier) % one + one) % one;
  return std::abs(2 * rest - one);
}

// The sum nearest to a tie of those whose code is within -120..120, tried from `start` on.
std::int32_t nearest_to_a_tie(std::int64_t multiplier, int shift, std::int64_t start) {
  const std::int64_t bound = (std::int64_t{120} << shift) / multiplier;
  std::int64_t best = 0;
  std::int64_t least = std::int64_t{1} << shift;
  for (std::int64_t i = 0; i < 8000; ++i) {
    const std::int64_t acc = (start + i) % (2 * bound + 1) - bound;
    const std::int64_t found = distance(acc, multiplier, shift);
    if (found >= least) continue;
    least = found;
    best = acc;
  }
  return static_cast<std::int32_t>(best);
}

// A layer whose sums are its biases: weights are 0. The last channel's sum leaves what binary32 holds, if so asked.
IntegerProblem tied(int shift, bool wide, Random& random) {
  ConvProblem p;
  p.in_w = 3;
  p.c_out = 96;
  IntegerKind kind;
  IntegerProblem problem = testing::integer_problem(family, p, kind, random);
  const auto channels = static_cast<std::size_t>(p.c_out);
  Quantisation scales = *problem.layer.required("weight").type().element.quantisation();
  std::vector<std::int32_t> biases;
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int64_t multiplier = c % 8 == 0 ? scaled::min_multiplier : random.between(1 << 16, (1 << 17) - 1);
    scales.scales[c] = std::ldexp(static_cast<double>(multiplier), -shift);
    biases.push_back(nearest_to_a_tie(multiplier, shift, random.between(0, 1 << 20)));
  }
  if (wide) {
    scales.scales.back() = 0x1p-20;
    biases.back() = (1 << 25) + (1 << 19);
  }
  LayerSpec layer = testing::conv_layer(p);
  layer.constants["weight"] =
      testing::constant(TensorType{ElementType::int8(scales), p.weight()}, std::vector<std::int8_t>(channels, 0));
  layer.constants["bias"] = testing::constant(TensorType{ElementType::int32(scales), {p.c_out}}, biases);
  problem.layer = family.quantise(layer, {&problem.input, 1}, {&problem.output, 1}).value();
  return problem;
}

TEST(ConvTies, RoundAsTheReference) {
  Random random(12);
  for (int shift = 18; shift <= 30; shift += 2) {
    for (const bool wide : {false, true}) {
      ASSERT_EQ(testing::code_difference(family, tied(shift, wide, random)), "") << "shift " << shift;
    }
  }
}

}  // namespace
}  // namespace algean::kernels
