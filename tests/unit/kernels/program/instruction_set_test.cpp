#include "kernels/program/instruction_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace algean::kernels {
namespace {

TEST(InstructionSets, PortableIsAlwaysThereAndTheBestIsUsable) {
  const auto usable = usable_instruction_sets();
  EXPECT_EQ(usable.front(), InstructionSet::portable);
  EXPECT_EQ(usable.back(), best_instruction_set());
  EXPECT_TRUE(std::ranges::is_sorted(usable));
}

TEST(InstructionSets, TextsParseBack) {
  for (const InstructionSet instructions : usable_instruction_sets()) {
    EXPECT_EQ(parse_instruction_set(to_text(instructions)), instructions);
  }
  const auto unknown = parse_instruction_set("avx1024");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message,
              ::testing::StartsWith("'avx1024' is no instruction set of this CPU, which has portable"));
}

}  // namespace
}  // namespace algean::kernels
