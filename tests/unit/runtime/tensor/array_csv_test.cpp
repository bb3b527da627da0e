#include <gmock/gmock.h>

#include <cmath>

#include "runtime/base/random.hpp"
#include "runtime/tensor/array_formats.hpp"

namespace algean {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

std::string error_of(std::string_view text) {
  const auto tensor = parse_csv(text, "a.csv");
  if (tensor) return "accepted";
  EXPECT_EQ(tensor.error().kind, ErrorKind::bad_input);
  return tensor.error().message;
}

TEST(Csv, ReadsRowsWithAndWithoutHeader) {
  for (const char* text : {"1,2.5\n-3e2,+4\n", "1,2.5\n-3e2,+4", "a,b\n1,2.5\n-3e2,+4\n", " 1 ,\t2.5\r\n-3e2, +4\r\n",
                           "\xef\xbb\xbfmass,p_T\n1,2.5\n-3e2,4\n"}) {
    const auto tensor = parse_csv(text, "a.csv");
    ASSERT_TRUE(tensor) << tensor.error().message;
    EXPECT_EQ(tensor->type().text(), "float32[2,2]");
    EXPECT_THAT(tensor->elements<float>(), ElementsAre(1.0F, 2.5F, -300.0F, 4.0F));
  }
}

TEST(Csv, RejectsWithLineAndColumn) {
  EXPECT_EQ(error_of("1,2\n3,x\n"), "a.csv: line 2, column 2: 'x' is no number");
  EXPECT_EQ(error_of("a,b\n1,2\n3\n"), "a.csv: line 3: 1 fields where the first line has 2");
  EXPECT_EQ(error_of("1,2\n3,4,5\n"), "a.csv: line 2: 3 fields where the first line has 2");
  EXPECT_EQ(error_of("a,b,c\n1,2\n"), "a.csv: line 2: 2 fields where the first line has 3");
  EXPECT_EQ(error_of("1,a\n1,2\n"), "a.csv: line 1, column 2: 'a' is no number");  // half a header
  EXPECT_EQ(error_of("1,2\n\n3,4\n"), "a.csv: line 2, column 1: '' is no number");
  EXPECT_EQ(error_of("1,2\n3,\n"), "a.csv: line 2, column 2: '' is no number");
  EXPECT_EQ(error_of("1;2\n"), "a.csv: no rows of numbers");  // one word: a header
  EXPECT_EQ(error_of("1,2\n1;2,3\n"), "a.csv: line 2, column 1: '1;2' is no number");
  EXPECT_EQ(error_of("1,2\nnan,3\n"), "a.csv: line 2, column 1: 'nan' is no finite float32");
  EXPECT_EQ(error_of("1,2\n1,-inf\n"), "a.csv: line 2, column 2: '-inf' is no finite float32");
  EXPECT_EQ(error_of("1,1e39\n"), "a.csv: line 1, column 2: '1e39' is no finite float32");
  EXPECT_EQ(error_of("1,0x10\n"), "a.csv: line 1, column 2: '0x10' is no number");
  EXPECT_EQ(error_of("1,2\n\"3\",4\n"), "a.csv: line 2, column 1: '\"3\"' is no number");
  EXPECT_EQ(error_of(""), "a.csv: no rows of numbers");
  EXPECT_EQ(error_of("a,b\n"), "a.csv: no rows of numbers");
  EXPECT_EQ(error_of("1\n\x01\x02\n"), "a.csv: line 2, column 1: '?\?' is no number");
  EXPECT_THAT(error_of("1\n" + std::string(1000, 'y')), HasSubstr("'" + std::string(40, 'y') + "...' is no number"));
}

TEST(Csv, ReadsBackWhatItPrintsToTheBit) {
  Random random(14);
  Tensor tensor({ElementType::float32(), {50, 4}});
  for (float& value : tensor.elements<float>()) {
    value = std::ldexp(static_cast<float>(random.unit()) - 0.5F, static_cast<int>(random.between(-120, 120)));
  }
  const auto back = parse_csv(print_csv(tensor), "a.csv");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_THAT(back->elements<float>(), ElementsAreArray(tensor.elements<float>()));
}

TEST(Csv, PrintsARowForEachIndexOfTheFirstAxis) {
  const std::vector<std::int8_t> elements{1, -2, 3, 4, 5, 6, 7, -8};
  EXPECT_EQ(print_csv(Tensor({ElementType::int8(), {2, 2, 2}}, std::span<const std::int8_t>(elements))),
            "1,-2,3,4\n5,6,7,-8\n");
  EXPECT_EQ(print_csv(Tensor({ElementType::int8(), {8}}, std::span<const std::int8_t>(elements))),
            "1\n-2\n3\n4\n5\n6\n7\n-8\n");
  EXPECT_EQ(print_csv(Tensor({ElementType::float32(), {}})), "0\n");
}

TEST(Csv, SurvivesMutations) {
  const std::string good = "a,b,c\n1,2,3\n4.5,-6e7,8\n";
  Random random(15);
  int rejected = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bad = good;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
      bad[random.below(bad.size())] = static_cast<char>(random.next() & 0xffU);
    }
    if (!parse_csv(bad, "a.csv")) ++rejected;
  }
  EXPECT_GT(rejected, 5000);
}

}  // namespace
}  // namespace algean
