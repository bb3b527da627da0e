#include "kernels/reduce/reduce.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <numbers>

#include "runtime/tensor/quantise.hpp"
#include "tests/unit/kernels/support/programs.hpp"

namespace algean::kernels {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using testing::Index;
using testing::int8;
using testing::real;
using testing::tensor;

const Reduce family;

LayerSpec layer(std::string operation, Index axes, std::int64_t keep = 0) {
  return {"layer", std::move(operation), {{"axes", std::move(axes)}, {"keep_axes", keep}}, {}};
}

std::vector<float> compute(const LayerSpec& spec, const std::vector<Tensor>& x) {
  const auto types = testing::types_of(x);
  const TensorType out = real(family.infer(spec, types).value()[0]);
  EXPECT_EQ(testing::verdict(family, spec, types, {out}), "accepted");
  return testing::elements<float>(testing::evaluate(family, spec, x, std::vector{out})[0]);
}

TEST(ReduceFloat, ByHand) {
  const std::vector<Tensor> x{tensor<float>(real({2, 3}), {1, 2, 6, -4, 5, 5})};
  EXPECT_THAT(compute(layer("reduce_mean", {1}), x), ElementsAre(3, 2));
  EXPECT_THAT(compute(layer("reduce_sum", {0}), x), ElementsAre(-3, 7, 11));
  EXPECT_THAT(compute(layer("reduce_max", {0, 1}), x), ElementsAre(6));
  EXPECT_THAT(compute(layer("reduce_min", {1}), x), ElementsAre(1, -4));
  EXPECT_THAT(compute(layer("arg_max", {1}), x), ElementsAre(2, 1));  // the first of two equal ones
  EXPECT_THAT(compute(layer("arg_max", {0}), x), ElementsAre(0, 1, 0));
}

TEST(ReduceFloat, ScoresByHand) {
  const std::vector<Tensor> x{tensor<float>(real({4}), {1, 2, 3, 4}), tensor<float>(real({4}), {1, 0, 6, 3})};
  EXPECT_THAT(compute(layer("mean_squared_error", {0}), x), ElementsAre(3.5));
  // -1/2 (1 + v - m^2 - e^v): m = 2, v = 0 gives 2; m = 0, v = ln 2 gives (1 - ln 2) / 2.
  const std::vector<Tensor> y{tensor<float>(real({2}), {2, 0}),
                              tensor<float>(real({2}), {0, std::numbers::ln2_v<float>})};
  EXPECT_THAT(compute(layer("kl_divergence", {0}), y), ElementsAre(FloatEq(2.1534264F)));
}

TEST(Reduce, ShapesKeepAxesOrNot) {
  const TensorType in = real({2, 3, 4, 5});
  EXPECT_EQ(family.infer(layer("reduce_mean", {1, 2}), {&in, 1}).value()[0], (Shape{2, 5}));
  EXPECT_EQ(family.infer(layer("reduce_mean", {1, 2}, 1), {&in, 1}).value()[0], (Shape{2, 1, 1, 5}));
  EXPECT_EQ(family.infer(layer("reduce_mean", {0, 1, 2, 3}), {&in, 1}).value()[0], Shape());
}

struct Problem {
  Shape shape, kept;
  Index axes;
};

Problem random_problem(Random& random) {
  Problem p;
  Index extents(static_cast<std::size_t>(random.between(1, 4)));
  for (std::int64_t& extent : extents) extent = random.between(1, 9);
  p.shape = Shape::make(extents).value();
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (random.below(2) == 0 && !(p.axes.empty() && i + 1 == extents.size())) continue;
    p.axes.push_back(static_cast<std::int64_t>(i));
    extents[i] = 1;
  }
  p.kept = Shape::make(extents).value();
  return p;
}

// fold(result, element) over the elements, in any order.
template <class Fold>
std::vector<double> naive(const Problem& p, double first, const Fold& fold) {
  std::vector<double> acc(static_cast<std::size_t>(p.kept.elements()), first);
  for (std::size_t i = 0; i < static_cast<std::size_t>(p.shape.elements()); ++i) {
    Index at = testing::index_of(p.shape, i);
    for (const std::int64_t axis : p.axes) at[static_cast<std::size_t>(axis)] = 0;
    double& value = acc[testing::flat(p.kept, at)];
    value = fold(value, i);
  }
  return acc;
}

// Sums, means and extremes in both arithmetics, against the real function of what the integers stand for.
TEST(ReduceInteger, RandomAxesAgainstTheFormula) {
  Random random(1);
  for (int round = 0; round < 600; ++round) {
    const Problem p = random_problem(random);
    const char* operation =
        std::array{"reduce_mean", "reduce_sum", "reduce_max", "reduce_min"}.at(static_cast<std::size_t>(round % 4));
    LayerSpec spec = layer(operation, p.axes);
    if (round % 3 == 0) spec.attributes.set("arithmetic", std::string("tflite"));
    const TensorType in = int8(p.shape, 0.05, static_cast<std::int32_t>(random.between(-128, 127)));
    const Shape shape = family.infer(spec, {&in, 1}).value()[0];
    const bool moves = round % 4 >= 2;
    const TensorType out = moves ? TensorType{in.element, shape} : int8(shape, 0.06, -11);
    const LayerSpec integer = testing::quantised(family, spec, {in}, out);
    const Tensor x = testing::extreme_int8(random, in, round % 4);
    const Tensor exact = testing::evaluate(family, layer(operation, p.axes), dequantise(x), real(shape));
    const Tensor y = testing::evaluate(family, integer, {x}, std::vector{out})[0];
    const auto value = [&](std::size_t i) { return testing::real_of(x.integer_at(i), in); };
    const auto wanted = naive(
        p,
        round % 4 == 2   ? -1e9
        : round % 4 == 3 ? 1e9
                         : 0,
        [&](double acc, std::size_t i) {
          return round % 4 == 2 ? std::max(acc, value(i)) : round % 4 == 3 ? std::min(acc, value(i)) : acc + value(i);
        });
    const double parts =
        round % 4 == 0 ? static_cast<double>(p.shape.elements()) / static_cast<double>(p.kept.elements()) : 1;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      ASSERT_NEAR(static_cast<double>(exact.elements<float>()[i]), wanted[i] / parts, 1e-5 + 1e-6 * std::abs(wanted[i]))
          << operation;
      const Quantisation& q = *out.element.quantisation();
      const double code = std::clamp(wanted[i] / parts / q.scale() + q.zero_point(), -128.0, 127.0);
      ASSERT_NEAR(static_cast<double>(y.integer_at(i)), code, 0.52) << operation << p.shape.text();
    }
    ASSERT_EQ(testing::difference(family, integer, {x}, out), "") << operation;
  }
}

TEST(ReduceInteger, MeanByHand) {
  // Codes 3, 4, 8 around 1, scale 1 to 1/2: mean 4 is 8 steps.
  const TensorType in = int8({3}, 1, 1);
  const TensorType out = int8({}, 0.5, -2);
  for (const char* arithmetic : {"scaled", "tflite"}) {
    LayerSpec spec = layer("reduce_mean", {0});
    spec.attributes.set("arithmetic", std::string(arithmetic));
    const LayerSpec integer = testing::quantised(family, spec, {in}, out);
    const Tensor y = testing::evaluate(family, integer, {tensor<std::int8_t>(in, {3, 4, 8})}, std::vector{out})[0];
    EXPECT_EQ(y.integer_at(0), 6);
  }
}

TEST(ReduceInteger, ArgMaxIsTheFloatsIndex) {
  Random random(2);
  for (int round = 0; round < 100; ++round) {
    Problem p = random_problem(random);
    p.axes = {static_cast<std::int64_t>(random.below(p.shape.rank()))};
    const LayerSpec spec = layer("arg_max", p.axes);
    const TensorType in = int8(p.shape, 0.05, 3);
    const TensorType out{*family.fixed_output(spec, {&in, 1}), family.infer(spec, {&in, 1}).value()[0]};
    const LayerSpec integer = testing::quantised(family, spec, {in}, out);
    Tensor x(in);
    for (std::int8_t& code : x.elements<std::int8_t>()) code = static_cast<std::int8_t>(random.between(-3, 3));
    const Tensor y = testing::evaluate(family, integer, {x}, std::vector{out})[0];
    const Tensor exact = testing::evaluate(family, spec, dequantise(x), real(out.shape));
    EXPECT_EQ(testing::elements<float>(dequantise(y)), testing::elements<float>(exact));
    ASSERT_EQ(testing::difference(family, integer, {x}, out), "");
    const TensorType plain{ElementType::int32(), out.shape};
    EXPECT_EQ(testing::verdict(family, integer, {in}, {plain}), "accepted");
  }
}

// Equal scales: the score is N * error / scale^2, exactly.
TEST(ReduceInteger, MeanSquaredErrorByHand) {
  const TensorType a = int8({4}, 0.5, 1);
  const TensorType b = int8({4}, 0.5, -2);
  const LayerSpec spec = layer("mean_squared_error", {0});
  const TensorType types[] = {a, b};
  const auto fixed = family.fixed_output(spec, types);
  ASSERT_TRUE(fixed);
  EXPECT_EQ(*fixed, ElementType::int32(Quantisation::per_tensor(0.25 / 4, 0)));
  const TensorType out{*fixed, Shape()};
  const LayerSpec integer = testing::quantised(family, spec, {a, b}, out);
  const std::vector<Tensor> x{tensor<std::int8_t>(a, {1, 2, 127, -128}), tensor<std::int8_t>(b, {-2, -3, -128, 127})};
  const Tensor y = testing::evaluate(family, integer, x, std::vector{out})[0];
  EXPECT_EQ(y.integer_at(0), 0 + 2 * 2 + 252 * 252 + 258 * 258);
}

TEST(ReduceInteger, ScoresAreAccurateAndNeverOverflow) {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    const bool is_error = round % 2 == 0;
    const Problem p = random_problem(random);
    const LayerSpec spec = layer(is_error ? "mean_squared_error" : "kl_divergence", p.axes);
    const TensorType a = int8(p.shape, round % 8 == 0 ? 0.03 : 0.05 * random.unit() + 0.001, -17);
    const TensorType b = int8(p.shape, 0.03, static_cast<std::int32_t>(random.between(-128, 127)));
    const TensorType types[] = {a, b};
    const TensorType out{family.fixed_output(spec, types).value(), family.infer(spec, types).value()[0]};
    const LayerSpec integer = testing::quantised(family, spec, {a, b}, out);
    const std::vector<Tensor> x{testing::extreme_int8(random, a, round % 4),
                                testing::extreme_int8(random, b, 3 - round % 4)};
    const Tensor y = testing::evaluate(family, integer, x, std::vector{out})[0];
    const Tensor exact =
        testing::evaluate(family, spec, {dequantise(x[0]), dequantise(x[1])}, std::vector{real(out.shape)})[0];
    for (std::size_t i = 0; i < static_cast<std::size_t>(out.shape.elements()); ++i) {
      const auto wanted = static_cast<double>(exact.elements<float>()[i]);
      // A unit of 2^-12 of the larger scale is off by 2^-13 of it, over 255 codes each.
      const double allowed = is_error ? 2e-3 * wanted + 2e-3 : 1e-5 * wanted + 1e-5;
      ASSERT_NEAR(testing::real_of(y.integer_at(i), out), wanted, allowed) << spec.operation;
      ASSERT_GE(y.integer_at(i), 0);
    }
    ASSERT_EQ(testing::difference(family, integer, x, out), "");
  }
}

TEST(ReduceInteger, LargestScoreFits) {
  const TensorType a = int8({100000}, 0.5, -128);
  const TensorType b = int8({100000}, 0.5, 127);
  for (const char* operation : {"mean_squared_error", "kl_divergence"}) {
    const LayerSpec spec = layer(operation, {0});
    const TensorType types[] = {a, b};
    const TensorType out{family.fixed_output(spec, types).value(), Shape()};
    const LayerSpec integer = testing::quantised(family, spec, {a, b}, out);
    Random random(1);
    const std::vector<Tensor> x{testing::extreme_int8(random, a, 1), testing::extreme_int8(random, b, 0)};
    const Tensor y = testing::evaluate(family, integer, x, std::vector{out})[0];
    EXPECT_GT(y.integer_at(0), 1 << 28) << operation;
    EXPECT_EQ(testing::difference(family, integer, x, out), "");
  }
}

TEST(ReduceRejects, ShapesAndAttributes) {
  const auto of = [](const LayerSpec& spec, const Shape& in, const Shape& out) {
    return testing::verdict(family, spec, {real(in)}, {real(out)});
  };
  EXPECT_EQ(of(layer("reduce_mean", {1}), {2, 3}, {2}), "accepted");
  EXPECT_EQ(of(layer("reduce_mean", {1}), {2, 3}, {3}), "must have one output of shape [2]");
  EXPECT_EQ(of(layer("reduce_mean", {2}), {2, 3}, {2}),
            "attribute 'axes' [2] must be strictly rising numbers of the input's 2 axes");
  EXPECT_EQ(of(layer("reduce_mean", {1, 1}), {2, 3}, {2}),
            "attribute 'axes' [1,1] must be strictly rising numbers of the input's 2 axes");
  EXPECT_EQ(of(layer("reduce_mean", {-1}), {2, 3}, {2}),
            "attribute 'axes' [-1] must be strictly rising numbers of the input's 2 axes");
  EXPECT_EQ(of(layer("reduce_mean", {}), {2, 3}, {2}), "attribute 'axes' names no axis");
  EXPECT_EQ(of({"l", "reduce_mean", {}, {}}, {2, 3}, {2}), "attribute 'axes' is missing");
  EXPECT_EQ(of(layer("arg_max", {0, 1}), {2, 3}, {}), "attribute 'axes' [0,1] must name one axis");
  EXPECT_EQ(of(layer("reduce_mean", {1}, 2), {2, 3}, {2}), "attribute 'keep_axes' is 2, must be 0 or 1");
  EXPECT_EQ(of(layer("mean_squared_error", {1}), {2, 3}, {2}), "1 inputs, must be 2");
  EXPECT_EQ(testing::verdict(family, layer("kl_divergence", {0}), {real({2}), real({3})}, {real({})}),
            "inputs [2] and [3] must have one shape");
}

TEST(ReduceRejects, TypesAndConstants) {
  const TensorType in = int8({2, 3}, 0.5, 0);
  const TensorType out = int8({2}, 0.25, 0);
  const LayerSpec mean = testing::quantised(family, layer("reduce_mean", {1}), {in}, out);
  EXPECT_EQ(testing::verdict(family, mean, {in}, {out}), "accepted");
  LayerSpec twin = mean;
  twin.constants["shift"] = testing::constant<std::uint8_t>({ElementType::integer(8, false), {1}}, {3});
  EXPECT_EQ(testing::verdict(family, twin, {in}, {out}), "constant 'shift': element 0 is 3, the scales give 17");
  twin.constants.erase("multiplier");
  EXPECT_EQ(testing::verdict(family, twin, {in}, {out}), "constant 'multiplier' is missing");
  EXPECT_EQ(testing::verdict(family, layer("reduce_max", {1}), {in}, {out}),
            "output is int8, must be int8 of scale 0.5 and zero point 0");
  EXPECT_EQ(testing::verdict(family, layer("arg_max", {1}), {in}, {out}),
            "output is int8, must be int32 of scale 1 and zero point 0");
  const TensorType score = int8({2}, 1, 0);
  EXPECT_EQ(testing::verdict(family, layer("mean_squared_error", {1}), {in, in}, {score}),
            "output is int8, must be int32 of scale 0.08333333333333333 and zero point 0");
  const TensorType large = int8({2, 3}, 10, 0);
  EXPECT_EQ(family.quantise(layer("kl_divergence", {1}), std::vector{in, large}, {&score, 1}).error().message,
            "kl_divergence: scale 10 of the log variance is too large");
}

TEST(ReduceRejects, DivergenceTablesThatOverflow) {
  const TensorType in = int8({4}, 0.02, 0);
  const LayerSpec spec = layer("kl_divergence", {0});
  const TensorType types[] = {in, in};
  const TensorType out{family.fixed_output(spec, types).value(), Shape()};
  LayerSpec integer = testing::quantised(family, spec, {in, in}, out);
  auto entries = testing::elements<std::int32_t>(integer.required("table"));
  entries[7] = (1 << 29) - 1;
  integer.constants["table"] = testing::constant(TensorType{ElementType::int32(), {2, 256}}, entries);
  EXPECT_EQ(testing::verdict(family, integer, {in, in}, {out}),
            "constant 'table': entries must be at least 0, and 4 of them add up to less than 2^31");
  entries[7] = -1;
  integer.constants["table"] = testing::constant(TensorType{ElementType::int32(), {2, 256}}, entries);
  EXPECT_EQ(testing::verdict(family, integer, {in, in}, {out}),
            "constant 'table': entries must be at least 0, and 4 of them add up to less than 2^31");
}

}  // namespace
}  // namespace algean::kernels
