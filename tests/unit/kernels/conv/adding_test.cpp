// A convolution and the addition behind it as one step, against the references of both, one after the other.
#include <gtest/gtest.h>

#include "kernels/conv/conv.hpp"
#include "kernels/conv_transpose/conv_transpose.hpp"
#include "kernels/eltwise/eltwise.hpp"
#include "kernels/program/instruction_set.hpp"
#include "tests/unit/kernels/conv/integers.hpp"

namespace algean::kernels {
namespace {

using testing::Buffer;
using testing::ConvProblem;
using testing::IntegerProblem;

const Conv family;
const Eltwise joins;

// What stands behind a convolution.
struct Join {
  LayerSpec layer;
  std::vector<TensorType> inputs;
  TensorType output;
  std::size_t position = 0;
  Tensor other;
};

Join random_join(const TensorType& from, Random& random) {
  const auto type = [&] {
    const double scale = std::exp2(6 * random.unit() - 3);
    return testing::int8(from.shape, scale, static_cast<std::int32_t>(random.between(-128, 127)));
  };
  Join join{
      {"join", std::array{"add", "subtract", "average"}[random.below(3)], {}, {}}, {}, type(), random.below(2), {}};
  const TensorType other = type();
  join.inputs = {from, other};
  if (join.position == 1) std::swap(join.inputs[0], join.inputs[1]);
  join.layer.attributes.set("activation", std::string(random.below(2) == 0 ? "linear" : "relu"));
  join.layer = joins.quantise(join.layer, join.inputs, {&join.output, 1}).value();
  join.other = testing::random_int8(random, other);
  return join;
}

Tensor expected(const conv::ConvFamily& convolutions, const IntegerProblem& problem, const Join& join) {
  const Tensor between = testing::evaluate(convolutions, problem.layer, problem.x, problem.output);
  Tensor result(join.output);
  const Tensor* inputs[] = {&between, &join.other};
  if (join.position == 1) std::swap(inputs[0], inputs[1]);
  Tensor* const outputs[] = {&result};
  joins.evaluate_integer(join.layer, inputs, outputs);
  return result;
}

Tensor run(const Step& step, const Tensor& x, const Tensor& other, const TensorType& output) {
  const Buffer in(x.bytes().size());
  const Buffer added(other.bytes().size());
  const Buffer out(output.bytes());
  const Buffer scratch(step.scratch_bytes());
  std::ranges::copy(x.bytes(), in.data());
  std::ranges::copy(other.bytes(), added.data());
  const std::byte* const inputs[] = {in.data(), added.data()};
  std::byte* const outputs[] = {out.data()};
  step.run(inputs, outputs, scratch.data());
  Tensor result(output);
  std::copy_n(out.data(), output.bytes(), result.bytes().begin());
  return result;
}

// Empty where the fused code gives the references' integers on every instruction set that has it. Counts its runs.
std::string difference(const conv::ConvFamily& convolutions, const IntegerProblem& problem, const Join& join,
                       int& runs) {
  const Tensor wanted = expected(convolutions, problem, join);
  for (const InstructionSet instructions : usable_instruction_sets()) {
    const Reader reader{join.layer, join.inputs, {&join.output, 1}, join.position};
    const auto step =
        convolutions.compile_with(problem.layer, {&problem.input, 1}, {&problem.output, 1}, reader, instructions);
    if (step == nullptr) continue;
    ++runs;
    const Tensor y = run(*step, problem.x, join.other, join.output);
    for (std::size_t i = 0; i < y.bytes().size(); ++i) {
      if (y.integer_at(i) == wanted.integer_at(i)) continue;
      return fmt::format("{}: {} behind {}: element {} is {}, must be {}", to_text(instructions), join.layer.operation,
                         problem.shape.text(), i, y.integer_at(i), wanted.integer_at(i));
    }
  }
  return "";
}

bool has_fused_code() { return best_instruction_set() == InstructionSet::avx512_vnni; }

TEST(ConvAdding, GivesTheReferencesIntegersForRandomProblems) {
  if (!has_fused_code()) GTEST_SKIP() << "only AVX-512 has code for both";
  int runs = 0;
  const std::uint64_t problems = testing::problem_count();
  for (std::uint64_t seed = 0; seed < problems; ++seed) {
    const IntegerProblem problem = testing::random_integer_problem(family, false, seed);
    Random random(seed + 1);
    ASSERT_EQ(difference(family, problem, random_join(problem.output, random), runs), "") << "seed " << seed;
  }
  EXPECT_GT(runs, static_cast<int>(problems / 2));
}

TEST(ConvAdding, GivesTheReferencesIntegersForTransposedOnes) {
  if (!has_fused_code()) GTEST_SKIP() << "only AVX-512 has code for both";
  const ConvTranspose transposed;
  int runs = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const IntegerProblem problem = testing::random_integer_problem(transposed, true, seed);
    Random random(seed + 1);
    ASSERT_EQ(difference(transposed, problem, random_join(problem.output, random), runs), "") << "seed " << seed;
  }
  EXPECT_GT(runs, 150);
}

// Rows whose tiles share pixels, which must be added to once, and every number of channels around a tile's 32.
TEST(ConvAdding, GivesTheReferencesIntegersForEveryTile) {
  if (!has_fused_code()) GTEST_SKIP() << "only AVX-512 has code for both";
  Random random(3);
  int runs = 0;
  for (std::int64_t extent = 1; extent <= 33; ++extent) {
    ConvProblem p;
    p.in_h = 3;
    p.in_w = extent;
    p.k_h = p.k_w = 3;
    p.top = p.left = p.bottom = p.right = 1;
    p.c_in = 4;
    p.c_out = extent + 20;
    const IntegerProblem problem = testing::integer_problem(family, p, testing::IntegerKind{}, random);
    ASSERT_EQ(difference(family, problem, random_join(problem.output, random), runs), "");
  }
  EXPECT_EQ(runs, 33);
}

TEST(ConvAdding, HasNoCodeForOtherReaders) {
  Random random(4);
  ConvProblem p;
  p.in_h = p.in_w = 2;
  p.c_in = p.c_out = 16;
  const IntegerProblem problem = testing::integer_problem(family, p, testing::IntegerKind{}, random);
  const auto fused = [&](const std::string& operation, const std::string& arithmetic, const TensorType& other) {
    const TensorType output = testing::int8(p.output(), 1, 0);
    const std::vector<TensorType> inputs{problem.output, other};
    LayerSpec layer{"join", operation, {}, {}};
    layer.attributes.set("arithmetic", arithmetic);
    layer = joins.quantise(layer, inputs, {&output, 1}).value();
    const Reader reader{layer, inputs, {&output, 1}, 0};
    return family.compile_with(problem.layer, {&problem.input, 1}, {&problem.output, 1}, reader,
                               best_instruction_set()) != nullptr;
  };
  const TensorType same = testing::int8(p.output(), 1, 0);
  EXPECT_EQ(fused("add", "scaled", same), has_fused_code());
  EXPECT_FALSE(fused("add", "tflite", same));
  EXPECT_FALSE(fused("multiply", "scaled", same));
  EXPECT_FALSE(fused("maximum", "scaled", same));
  EXPECT_FALSE(fused("add", "scaled", testing::int8({1, 1, 16}, 1, 0)));
}

}  // namespace
}  // namespace algean::kernels
