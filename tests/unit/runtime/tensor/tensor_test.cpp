#include "runtime/tensor/tensor.hpp"

#include <gmock/gmock.h>

namespace algean {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Shape, CountsAndPrints) {
  const Shape shape{12, 23};
  EXPECT_EQ(shape.elements(), 276);
  EXPECT_EQ(shape.channels(), 23);
  EXPECT_EQ(shape.text(), "[12,23]");
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(Shape().channels(), 1);
  EXPECT_EQ(Shape().text(), "[]");
}

TEST(Shape, AcceptsItsLimits) {
  EXPECT_TRUE(Shape::make({Shape::max_elements}));
  EXPECT_TRUE(Shape::make({65536, 65536}));
  EXPECT_TRUE(Shape::make(std::vector<std::int64_t>(Shape::max_rank, 1)));
}

TEST(Shape, RejectsWhatIsBeyondThem) {
  const auto error_of = [](std::vector<std::int64_t> extents) {
    return Shape::make(std::move(extents)).error().message;
  };
  EXPECT_EQ(error_of({3, 0}), "shape [3,0]: every extent must be at least 1");
  EXPECT_EQ(error_of({-1}), "shape [-1]: every extent must be at least 1");
  EXPECT_EQ(error_of({65536, 65537}), "shape [65536,65537]: more than 4294967296 elements");
  EXPECT_THAT(error_of({INT64_MAX, INT64_MAX}), HasSubstr("more than 4294967296 elements"));
  EXPECT_EQ(error_of(std::vector<std::int64_t>(9, 1)), "9 axes, at most 8 are accepted");
}

TEST(Shape, StopsWhereExtentsKnownToBeGoodAreNot) { EXPECT_DEATH(Shape({65536, 65537}), "shape.has_value"); }

TEST(ElementType, NamesParseBack) {
  for (const ElementType& type : {ElementType::float32(), ElementType::int8(), ElementType::integer(1, false),
                                  ElementType::integer(13, true), ElementType::integer(32, false)}) {
    const auto parsed = ElementType::parse(type.name());
    ASSERT_TRUE(parsed) << type.name();
    EXPECT_EQ(*parsed, type);
  }
}

TEST(ElementType, RejectsOtherNames) {
  for (const char* name :
       {"", "int", "int0", "int33", "int08", "uint", "uint-1", "float64", "int8 ", "Int8", "int8x"}) {
    const auto parsed = ElementType::parse(name);
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().message,
              fmt::format("'{}' is no element type: float32, int1..int32 or uint1..uint32", name));
  }
}

TEST(ElementType, KnowsRangeAndSize) {
  EXPECT_EQ(ElementType::int8().lowest(), -128);
  EXPECT_EQ(ElementType::int8().highest(), 127);
  EXPECT_EQ(ElementType::integer(4, false).lowest(), 0);
  EXPECT_EQ(ElementType::integer(4, false).highest(), 15);
  EXPECT_EQ(ElementType::integer(32, false).highest(), 4294967295);
  EXPECT_EQ(ElementType::int32().lowest(), INT32_MIN);
  EXPECT_EQ(ElementType::integer(1, true).lowest(), -1);
  EXPECT_EQ(ElementType::integer(1, true).highest(), 0);
  EXPECT_EQ(ElementType::integer(9, true).bytes(), 2);
  EXPECT_EQ(ElementType::integer(17, true).bytes(), 4);
  EXPECT_EQ(ElementType::float32().bytes(), 4);
}

TEST(Tensor, StartsZeroedAndAligned) {
  const Tensor tensor({ElementType::float32(), {3, 5}});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes().data()) % Tensor::alignment, 0);
  EXPECT_THAT(tensor.elements<float>(), ::testing::Each(0.0F));
  EXPECT_EQ(tensor.elements<float>().size(), 15);
}

TEST(Tensor, CopiesItsElements) {
  const std::vector<std::int8_t> elements{1, -2, 3};
  Tensor first({ElementType::int8(), {3}}, std::span<const std::int8_t>(elements));
  Tensor second = first;
  EXPECT_EQ(first, second);
  second.elements<std::int8_t>()[1] = 9;
  EXPECT_NE(first, second);
  EXPECT_THAT(first.elements<std::int8_t>(), ElementsAre(1, -2, 3));
  first = second;
  EXPECT_EQ(first, second);
  const Tensor moved = std::move(second);
  EXPECT_EQ(first, moved);
}

TEST(Tensor, ExtendsTheSignOfEveryStorage) {
  const auto of = [](const ElementType& type, auto value) {
    return Tensor({type, {1}}, std::span<const decltype(value)>(&value, 1)).integer_at(0);
  };
  EXPECT_EQ(of(ElementType::int8(), std::int8_t{-128}), -128);
  EXPECT_EQ(of(ElementType::integer(8, false), std::uint8_t{255}), 255);
  EXPECT_EQ(of(ElementType::integer(16, true), std::int16_t{-32768}), -32768);
  EXPECT_EQ(of(ElementType::integer(16, false), std::uint16_t{65535}), 65535);
  EXPECT_EQ(of(ElementType::int32(), INT32_MIN), INT32_MIN);
  EXPECT_EQ(of(ElementType::integer(32, false), UINT32_MAX), 4294967295);
}

TEST(Tensor, RetypeKeepsTheBytes) {
  Tensor tensor({ElementType::int8(), {2, 3}});
  tensor.elements<std::int8_t>()[4] = 7;
  tensor.retype({ElementType::int8(Quantisation::per_tensor(0.5, 3)), {6}});
  EXPECT_EQ(tensor.type().text(), "int8[6]");
  EXPECT_EQ(tensor.elements<std::int8_t>()[4], 7);
}

TEST(TensorDeathTest, WrongElementTypeStopsTheProgram) {
  const Tensor tensor({ElementType::int8(), {2}});
  EXPECT_DEATH((void)tensor.elements<float>(), "broken invariant");
  EXPECT_DEATH(Tensor({ElementType::int8(), {2}}).retype({ElementType::int8(), {3}}), "broken invariant");
}

}  // namespace
}  // namespace algean
