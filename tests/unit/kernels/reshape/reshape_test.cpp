#include "kernels/reshape/reshape.hpp"

#include <gtest/gtest.h>

#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::int8;
using testing::real;

const Reshape family;

LayerSpec to(std::vector<std::int64_t> shape) { return {"layer", "reshape", {{"shape", std::move(shape)}}, {}}; }

std::string message(const LayerSpec& spec, const TensorType& input, const TensorType& output) {
  const auto result = family.verify(spec, {&input, 1}, {&output, 1});
  return result ? "accepted" : result.error().message;
}

TEST(Reshape, KeepsElementsInOrder) {
  Random random(1);
  const TensorType in = int8({3, 4}, 0.5, 1);
  const TensorType out = int8({2, 6}, 0.5, 1);
  ASSERT_EQ(message(to({2, 6}), in, out), "accepted");
  const Tensor x = testing::random_int8(random, in);
  const Tensor y = testing::evaluate(family, to({2, 6}), x, out);
  EXPECT_EQ(testing::elements<std::int8_t>(y), testing::elements<std::int8_t>(x));
  const auto step = family.compile(to({2, 6}), {&in, 1}, {&out, 1}, InstructionSet::portable).value();
  EXPECT_EQ(testing::run(*step, x, out), y);
  const Tensor real_x = testing::tensor<float>(real({2, 2}), {1, 2, 3, 4});
  EXPECT_EQ(testing::elements<float>(testing::evaluate(family, to({4}), real_x, real({4}))),
            (std::vector<float>{1, 2, 3, 4}));
}

TEST(Reshape, KeepsTheElementType) {
  const TensorType in = int8({3, 4}, 0.5, 1);
  EXPECT_EQ(family.fixed_output(to({12}), {&in, 1}), in.element);
  const TensorType out = int8({12}, 0.5, 1);
  EXPECT_TRUE(family.quantise(to({12}), {&in, 1}, {&out, 1}));
}

TEST(ReshapeRejects, BrokenTwins) {
  EXPECT_EQ(message(to({5}), real({2, 2}), real({5})), "attribute 'shape' [5] has 5 elements, input [2,2] has 4");
  EXPECT_EQ(message(to({-1}), real({2, 2}), real({4})), "shape [-1]: every extent must be at least 1");
  EXPECT_EQ(message({"layer", "reshape", {}, {}}, real({4}), real({4})), "attribute 'shape' is missing");
  EXPECT_EQ(message(to({4}), real({2, 2}), real({2, 2})), "must have one output of shape [4]");
  EXPECT_EQ(message(to({4}), int8({2, 2}, 1, 0), int8({4}, 2, 0)),
            "output must have the input's element type and quantisation (int8, int8)");
  LayerSpec more = to({4});
  more.attributes.set("order", std::string("F"));
  EXPECT_EQ(message(more, real({4}), real({4})), "attribute 'order' is unknown to 'reshape', which takes [shape]");
}

}  // namespace
}  // namespace algean::kernels
