#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/conv_transpose/conv_transpose.hpp"
#include "tests/unit/kernels/conv/integers.hpp"

namespace algean::kernels {
namespace {

using testing::ConvProblem;
using testing::elements;
using ::testing::ElementsAre;
using testing::evaluate;
using testing::int8;

const ConvTranspose family;

TEST(ConvTransposeInteger, ComputesByHand) {
  ConvProblem p;
  p.transposed = true;
  p.in_w = 2;
  p.k_w = 2;
  p.stride_w = 3;
  const TensorType in = int8(p.input(), 1, 5);
  const TensorType out = int8(p.output(), 2, 1);
  const LayerSpec layer = family.quantise(testing::float_conv(p, {127, -127}, {4}), {&in, 1}, {&out, 1}).value();
  ASSERT_TRUE(family.verify(layer, {&in, 1}, {&out, 1}));
  // 1 and -1 beside the zero point: (4 + 127) / 2, (4 - 127) / 2, the gap 4 / 2, ...; halves go up
  const Tensor x = testing::tensor<std::int8_t>(in, {6, 4});
  EXPECT_THAT(elements<std::int8_t>(evaluate(family, layer, x, out)), ElementsAre(67, -60, 3, -60, 67));
}

TEST(ConvTransposeInteger, GivesTheDefinitionsIntegersForRandomProblems) {
  for (std::uint64_t seed = 0; seed < testing::problem_count(); ++seed) {
    ASSERT_EQ(testing::integer_difference(family, true, seed), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace algean::kernels
