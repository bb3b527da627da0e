#include "tests/unit/kernels/conv/instructions.hpp"

#include <gtest/gtest.h>

#include "kernels/conv_transpose/conv_transpose.hpp"

namespace algean::kernels {
namespace {

const ConvTranspose family;

TEST(ConvTransposeInstructions, GiveTheReferencesIntegersForRandomProblems) {
  for (std::uint64_t seed = 0; seed < testing::problem_count(); ++seed) {
    const testing::IntegerProblem problem = testing::random_integer_problem(family, true, seed);
    ASSERT_EQ(testing::code_difference(family, problem), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace algean::kernels
