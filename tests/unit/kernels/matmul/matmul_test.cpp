#include "kernels/matmul/matmul.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/programs.hpp"

namespace algean::kernels {
namespace {

using ::testing::ElementsAre;
using testing::Index;
using testing::int8;
using testing::real;
using testing::tensor;

const Matmul family;

LayerSpec matmul(std::int64_t transpose_a = 0, std::int64_t transpose_b = 0) {
  return {"layer", "matmul", {{"transpose_a", transpose_a}, {"transpose_b", transpose_b}}, {}};
}

TEST(MatmulFloat, ByHand) {
  const std::vector<Tensor> x{tensor<float>(real({2, 3}), {1, 2, 3, 4, 5, 6}),
                              tensor<float>(real({3, 2}), {1, 0, 0, 1, 2, -1})};
  const Tensor y = testing::evaluate(family, matmul(), x, std::vector{real({2, 2})})[0];
  EXPECT_THAT(testing::elements<float>(y), ElementsAre(7, -1, 16, -1));
  const std::vector<Tensor> same{x[0], x[0]};
  const Tensor square = testing::evaluate(family, matmul(0, 1), same, std::vector{real({2, 2})})[0];
  EXPECT_THAT(testing::elements<float>(square), ElementsAre(14, 32, 32, 77));
  const Tensor other = testing::evaluate(family, matmul(1, 0), same, std::vector{real({3, 3})})[0];
  EXPECT_THAT(testing::elements<float>(other), ElementsAre(17, 22, 27, 22, 29, 36, 27, 36, 45));
}

struct Problem {
  LayerSpec spec;
  Shape a, b, y;
  std::int64_t rows = 1, inner = 1, columns = 1;
};

Problem random_problem(Random& random) {
  Problem p;
  p.rows = random.between(1, 6);
  p.inner = random.between(1, 40);
  p.columns = random.between(1, 6);
  const bool ta = random.below(2) == 0;
  const bool tb = random.below(2) == 0;
  p.spec = matmul(ta ? 1 : 0, tb ? 1 : 0);
  Index batch(static_cast<std::size_t>(random.below(3)));
  for (std::int64_t& extent : batch) extent = random.between(1, 3);
  Index a(batch.begin() + static_cast<std::ptrdiff_t>(random.below(batch.size() + 1)), batch.end());
  Index b = batch;
  for (std::int64_t& extent : a) extent = random.below(3) == 0 ? 1 : extent;
  if (!batch.empty() && a.size() < batch.size()) std::swap(a, b);
  a.insert(a.end(), {ta ? p.inner : p.rows, ta ? p.rows : p.inner});
  b.insert(b.end(), {tb ? p.columns : p.inner, tb ? p.inner : p.columns});
  p.a = Shape::make(a).value();
  p.b = Shape::make(b).value();
  const TensorType types[] = {real(p.a), real(p.b)};
  p.y = family.infer(p.spec, types).value()[0];
  return p;
}

// The element of an operand: leading axes as far as it has them, then row and column.
std::size_t place(const Shape& shape, const Index& out, std::int64_t row, std::int64_t column, bool transposed) {
  Index at(shape.rank());
  for (std::size_t i = 0; i + 2 < shape.rank(); ++i) {
    at[i] = shape[i] == 1 ? 0 : out[out.size() - shape.rank() + i];
  }
  at[shape.rank() - 2] = transposed ? column : row;
  at[shape.rank() - 1] = transposed ? row : column;
  return testing::flat(shape, at);
}

template <class A, class B>
double naive(const Problem& p, std::size_t element, const A& a, const B& b) {
  const Index out = testing::index_of(p.y, element);
  double sum = 0;
  for (std::int64_t k = 0; k < p.inner; ++k) {
    sum += a(place(p.a, out, out[out.size() - 2], k, p.spec.attributes.integer_or("transpose_a", 0) == 1)) *
           b(place(p.b, out, k, out.back(), p.spec.attributes.integer_or("transpose_b", 0) == 1));
  }
  return sum;
}

TEST(Matmul, RandomShapesAgainstTheFormula) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const Problem p = random_problem(random);
    const TensorType a = int8(p.a, 0.02, static_cast<std::int32_t>(random.between(-128, 127)));
    const TensorType b = int8(p.b, 0.03, static_cast<std::int32_t>(random.between(-128, 127)));
    const TensorType y = int8(p.y, 0.5, 9);
    const std::vector<Tensor> x{testing::extreme_int8(random, a, round % 4),
                                testing::extreme_int8(random, b, 3 - round % 4)};
    const std::vector<Tensor> real_x{dequantise(x[0]), dequantise(x[1])};
    const Tensor exact = testing::evaluate(family, p.spec, real_x, std::vector{real(p.y)})[0];
    LayerSpec spec = p.spec;
    if (round % 2 == 0) spec.attributes.set("arithmetic", std::string("tflite"));
    const LayerSpec integer = testing::quantised(family, spec, {a, b}, y);
    const Tensor result = testing::evaluate(family, integer, x, std::vector{y})[0];
    for (std::size_t i = 0; i < static_cast<std::size_t>(p.y.elements()); ++i) {
      const double wanted = naive(
          p, i, [&](std::size_t at) { return testing::real_of(x[0].integer_at(at), a); },
          [&](std::size_t at) { return testing::real_of(x[1].integer_at(at), b); });
      ASSERT_NEAR(static_cast<double>(exact.elements<float>()[i]), wanted, 1e-4);
      ASSERT_NEAR(static_cast<double>(result.integer_at(i)), std::clamp(wanted / 0.5 + 9, -128.0, 127.0), 0.51);
    }
    ASSERT_EQ(testing::difference(family, integer, x, y), "");
  }
}

TEST(Matmul, RejectsBrokenTwins) {
  const auto of = [](const LayerSpec& spec, const Shape& a, const Shape& b, const Shape& y) {
    return testing::verdict(family, spec, {real(a), real(b)}, {real(y)});
  };
  EXPECT_EQ(of(matmul(), {2, 3}, {3, 4}, {2, 4}), "accepted");
  EXPECT_EQ(of(matmul(), {2, 3}, {3, 4}, {4, 2}), "must have one output of shape [2,4]");
  EXPECT_EQ(of(matmul(), {3}, {3, 4}, {4}), "inputs [3] and [3,4] must have at least two axes each");
  EXPECT_EQ(of(matmul(), {2, 3}, {4, 3}, {2, 4}), "inputs [2,3] and [4,3]: the inner extents 3 and 4 must be equal");
  EXPECT_EQ(of(matmul(), {2, 2, 3}, {3, 3, 4}, {2, 4}),
            "[2] and [3] do not broadcast: extents 2 and 3 must be equal, or one of them 1");
  EXPECT_EQ(of(matmul(2), {2, 3}, {3, 4}, {2, 4}), "attribute 'transpose_a' is 2, must be 0 or 1");
  const TensorType a = int8({1, 33026}, 1, 0);
  const TensorType b = int8({33026, 1}, 1, 0);
  const TensorType y = int8({1, 1}, 1, 0);
  EXPECT_EQ(family.quantise(matmul(), std::vector{a, b}, {&y, 1}).error().message,
            "33026 products make one result, at most 33025 are summed up");
  const TensorType small = int8({2, 2}, 1, 0);
  LayerSpec twin = matmul();
  EXPECT_EQ(testing::verdict(family, twin, {small, small}, {small}), "constant 'multiplier' is missing");
  twin = testing::quantised(family, matmul(), {small, small}, small);
  EXPECT_EQ(testing::verdict(family, twin, {small, small}, {small}), "accepted");
  twin.attributes.set("arithmetic", std::string("tflite_double"));
  EXPECT_EQ(testing::verdict(family, twin, {small, small}, {small}), "matmul has no arithmetic 'tflite_double'");
  twin = testing::quantised(family, matmul(), {small, small}, small);
  twin.constants["multiplier"] = testing::constant<std::int32_t>({ElementType::int32(), {1}}, {1 << 16});
  twin.constants["shift"] = testing::constant<std::uint8_t>({ElementType::integer(8, false), {1}}, {18});
  EXPECT_EQ(testing::verdict(family, twin, {small, small}, {small}),
            "channel 0: multiplier 65536 and shift 18 stand for 0.25, but the scales' ratio is 1");
}

}  // namespace
}  // namespace algean::kernels
