#include "kernels/concat/concat.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/kernels/support/several.hpp"

namespace algean::kernels {
namespace {

using testing::Index;
using testing::int8;
using testing::real;

const Concat family;

LayerSpec concat(std::int64_t axis) { return {"layer", "concat", {{"axis", axis}}, {}}; }
LayerSpec split(std::int64_t axis, Index sizes) {
  return {"layer", "split", {{"axis", axis}, {"sizes", std::move(sizes)}}, {}};
}

TEST(Concat, ByHand) {
  const std::vector<Tensor> x{testing::tensor<float>(real({2, 1}), {1, 2}),
                              testing::tensor<float>(real({2, 2}), {3, 4, 5, 6})};
  const Tensor y = testing::evaluate(family, concat(1), x, {real({2, 3})})[0];
  EXPECT_EQ(testing::elements<float>(y), (std::vector<float>{1, 3, 4, 2, 5, 6}));
  const auto parts = testing::evaluate(family, split(1, {1, 2}), {y}, testing::types_of(x));
  EXPECT_EQ(parts, x);
}

// Concat and split, floats, integers and compiled steps, against element by element.
TEST(Concat, RandomShapes) {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    Index extents(static_cast<std::size_t>(random.between(1, 4)));
    for (std::int64_t& extent : extents) extent = random.between(1, 5);
    const auto axis = static_cast<std::size_t>(random.below(extents.size()));
    Index sizes(static_cast<std::size_t>(random.between(1, 4)));
    std::vector<TensorType> types, real_types;
    std::int64_t sum = 0;
    for (std::int64_t& size : sizes) {
      extents[axis] = size = random.between(1, 5);
      sum += size;
      types.push_back(int8(Shape::make(extents).value(), 0.5, 3));
      real_types.push_back(real(types.back().shape));
    }
    extents[axis] = sum;
    const TensorType whole = int8(Shape::make(extents).value(), 0.5, 3);
    const LayerSpec join = concat(static_cast<std::int64_t>(axis));
    const LayerSpec part = split(static_cast<std::int64_t>(axis), sizes);
    ASSERT_EQ(testing::verdict(family, join, types, {whole}), "accepted");
    ASSERT_EQ(testing::verdict(family, part, {whole}, types), "accepted");
    ASSERT_EQ(testing::verdict(family, join, real_types, {real(whole.shape)}), "accepted");

    std::vector<Tensor> x;
    for (const TensorType& type : types) x.push_back(testing::random_int8(random, type));
    const Tensor y = testing::evaluate(family, join, x, {whole})[0];
    for (std::size_t i = 0; i < static_cast<std::size_t>(whole.shape.elements()); ++i) {
      Index index = testing::index_of(whole.shape, i);
      std::size_t input = 0;
      while (index[axis] >= sizes[input]) index[axis] -= sizes[input++];
      const std::size_t at = testing::flat(types[input].shape, index);
      ASSERT_EQ(y.elements<std::int8_t>()[i], x[input].elements<std::int8_t>()[at]);
    }
    EXPECT_EQ(testing::evaluate(family, part, {y}, types), x);
    const auto join_step = family.compile(join, types, {&whole, 1}, InstructionSet::portable).value();
    const auto part_step = family.compile(part, {&whole, 1}, types, InstructionSet::portable).value();
    EXPECT_EQ(testing::run(*join_step, x, {whole})[0], y);
    EXPECT_EQ(testing::run(*part_step, {y}, types), x);
  }
}

TEST(Concat, RequantisesInputsOfOtherScales) {
  Random random(2);
  for (int round = 0; round < 100; ++round) {
    const auto type = [&] {
      return int8({1, 256}, std::ldexp(0.5 + random.unit(), static_cast<int>(random.between(-6, 2))),
                  static_cast<std::int32_t>(random.between(-128, 127)));
    };
    const std::vector<TensorType> types{type(), type()};
    TensorType out = random.below(2) == 0 ? types[1] : type();
    out.shape = Shape{2, 256};
    const LayerSpec spec = family.quantise(concat(0), types, {&out, 1}).value();
    ASSERT_EQ(testing::verdict(family, spec, types, {out}), "accepted");
    std::vector<std::int8_t> codes(256);
    for (std::size_t i = 0; i < 256; ++i) codes[i] = static_cast<std::int8_t>(static_cast<int>(i) - 128);
    const std::vector<Tensor> x{testing::tensor(types[0], codes), testing::tensor(types[1], codes)};
    const Tensor y = testing::evaluate(family, spec, x, {out})[0];
    for (std::size_t i = 0; i < 512; ++i) {
      const Quantisation& from = *types[i / 256].element.quantisation();
      const Quantisation& to = *out.element.quantisation();
      const double value = from.scale() * (codes[i % 256] - from.zero_point());
      const double exact = std::clamp(value / to.scale() + to.zero_point(), -128.0, 127.0);
      ASSERT_NEAR(y.elements<std::int8_t>()[i], exact, 0.5 + 1e-9);
    }
    const auto step = family.compile(spec, types, {&out, 1}, InstructionSet::portable).value();
    EXPECT_EQ(testing::run(*step, x, {out})[0], y);
  }
}

// Both rules at ties, by hand: x 1, 3, -1, -3 with a ratio of 1/2.
TEST(Concat, RoundsTiesByItsArithmetic) {
  const std::vector<TensorType> types{int8({4}, 0.5, 0)};
  const TensorType out = int8({4}, 1, 0);
  const std::vector<Tensor> x{testing::tensor<std::int8_t>(types[0], {1, 3, -1, -3})};
  LayerSpec spec = concat(0);
  const auto codes = [&] {
    const LayerSpec integer = family.quantise(spec, types, {&out, 1}).value();
    return testing::elements<std::int8_t>(testing::evaluate(family, integer, x, {out})[0]);
  };
  EXPECT_EQ(codes(), (std::vector<std::int8_t>{1, 2, 0, -1}));
  spec.attributes.set("arithmetic", std::string("tflite"));
  EXPECT_EQ(codes(), (std::vector<std::int8_t>{1, 2, -1, -2}));
}

TEST(Concat, SplitKeepsTheElementType) {
  const TensorType in = int8({3, 4}, 0.5, 1);
  EXPECT_EQ(family.fixed_output(split(0, {1, 2}), {&in, 1}), in.element);
  EXPECT_EQ(family.fixed_output(concat(0), {&in, 1}), std::nullopt);
}

TEST(ConcatRejects, BrokenTwins) {
  const auto joined = [](const LayerSpec& spec, const std::vector<TensorType>& inputs, const TensorType& output) {
    return testing::verdict(family, spec, inputs, {output});
  };
  EXPECT_EQ(joined(concat(0), {real({2}), real({3})}, real({5})), "accepted");
  EXPECT_EQ(joined(concat(1), {real({2}), real({3})}, real({5})), "attribute 'axis' is 1, input [2] has no such");
  EXPECT_EQ(joined(concat(0), {}, real({5})), "0 inputs, must be at least 1");
  EXPECT_EQ(joined(concat(0), {real({2, 2}), real({3, 3})}, real({5, 2})),
            "inputs [2,2] and [3,3] must agree but for axis 0");
  EXPECT_EQ(joined(concat(0), {real({2}), real({3})}, real({6})), "output 0 is [6], must be [5]");
  EXPECT_EQ(joined(concat(0), {real({4294967296}), real({3})}, real({6})), "output has too many elements");
  EXPECT_EQ(joined(concat(0), {int8({2}, 1, 0), int8({3}, 2, 0)}, int8({5}, 1, 0)),
            "inputs and outputs must have one element type and quantisation, or constant 'tables'");
  LayerSpec tables = concat(0);
  tables.constants["tables"] = testing::constant({ElementType::int8(), Shape{1, 256}}, std::vector<std::int8_t>(256));
  EXPECT_EQ(joined(tables, {int8({2}, 1, 0), int8({3}, 2, 0)}, int8({5}, 1, 0)),
            "constant 'tables' is int8[1,256], must be int8[2,256]");
  EXPECT_EQ(joined(split(0, {2, 2}), {real({4})}, real({2})), "1 outputs, must be 2");
  EXPECT_EQ(joined(split(0, {5}), {real({4})}, real({5})), "attribute 'sizes' adds up to more than the 4 of axis 0");
  EXPECT_EQ(joined(split(0, {3}), {real({4})}, real({3})), "attribute 'sizes' adds up to 3, axis 0 has 4");
  EXPECT_EQ(joined(split(0, {4, 0}), {real({4})}, real({4})), "attribute 'sizes' has 0, each must be at least 1");
  LayerSpec more = concat(0);
  more.attributes.set("sizes", Index{1});
  EXPECT_EQ(joined(more, {real({1})}, real({1})),
            "attribute 'sizes' is unknown to 'concat', which takes [axis, arithmetic]");
}

}  // namespace
}  // namespace algean::kernels
