#include "kernels/family/checks.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "kernels/family/family.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using testing::int8;
using testing::real;

TEST(Checks, AcceptWhatIsKnown) {
  LayerSpec layer{"l", "op", {{"a", 1.0}}, {{"w", constant<float>(real({2}), {1, 2})}}};
  EXPECT_TRUE(check_attributes(layer, {"b", "a"}));
  EXPECT_TRUE(check_constants(layer, {"w"}));
  EXPECT_EQ(check_constant(layer, "w", ElementType::float32(), {2}).value(), layer.constant("w"));
  EXPECT_TRUE(check_finite("w", layer.required("w")));
  EXPECT_TRUE(check_quantised_int8("input", int8({1}, 0.5, -128)));
}

TEST(Checks, NameWhatIsWrong) {
  LayerSpec layer{"l", "op", {{"a", 1.0}}, {{"w", constant<float>(real({2}), {1, -HUGE_VALF})}}};
  EXPECT_EQ(check_inputs({}, 2).error().message, "0 inputs, must be 2");
  EXPECT_EQ(check_attributes(layer, {"b", "c"}).error().message,
            "attribute 'a' is unknown to 'op', which takes [b, c]");
  EXPECT_EQ(check_constants(layer, {}).error().message, "constant 'w' is unknown to 'op', which takes []");
  EXPECT_EQ(check_constant(layer, "v", ElementType::float32(), {2}).error().message, "constant 'v' is missing");
  EXPECT_EQ(check_constant(layer, "w", ElementType::int8(), {2}).error().message,
            "constant 'w' is float32[2], must be int8[2]");
  EXPECT_EQ(check_finite("w", layer.required("w")).error().message, "w: element 1 is -inf, must be finite");
  EXPECT_EQ(check_quantised_int8("input", real({1})).error().message, "input is float32[1], must be int8");
  EXPECT_EQ(check_quantised_int8("input", {ElementType::int8(Quantisation{{1}, {0}, 0}), {1}}).error().message,
            "input must be quantised with one scale and one zero point for the tensor");
}

TEST(Checks, TellFloatFromIntegerGraphs) {
  const std::vector<TensorType> floats{real({1})};
  const std::vector<TensorType> integers{int8({1}, 1, 0)};
  EXPECT_TRUE(all_float(floats, floats).value());
  EXPECT_FALSE(all_float(integers, integers).value());
  EXPECT_FALSE(all_float(floats, integers));
}

TEST(Attributes, GettersNameTheTypeTheyNeed) {
  const Attributes attributes{
      {"i", std::int64_t{3}}, {"r", 0.5}, {"t", std::string("x")}, {"l", std::vector<std::int64_t>{1, 2}}};
  EXPECT_EQ(attributes.integer("i"), 3);
  EXPECT_EQ(attributes.real("i"), 3.0);
  EXPECT_EQ(attributes.real("r"), 0.5);
  EXPECT_EQ(attributes.text("t"), "x");
  EXPECT_EQ(attributes.integers("l"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(attributes.integer("r").error().message, "attribute 'r' must be an integer");
  EXPECT_EQ(attributes.real("t").error().message, "attribute 't' must be a number");
  EXPECT_EQ(attributes.text("missing").error().message, "attribute 'missing' is missing");
  EXPECT_EQ(attributes.integer_or("missing", 7), 7);
  EXPECT_EQ(attributes.text_or("t", "y"), "x");
}

}  // namespace
}  // namespace algean::kernels
