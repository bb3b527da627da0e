#include "kernels/requantise/requantise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"
#include "tests/unit/kernels/support/layers.hpp"

namespace algean::kernels {
namespace {

using testing::constant;
using ::testing::HasSubstr;
using testing::int8;

LayerSpec made(Arithmetic arithmetic, const std::vector<double>& ratios) {
  LayerSpec layer{"layer", "test", {}, {}};
  EXPECT_TRUE(add_requantisation(layer, arithmetic, ratios));
  EXPECT_EQ(arithmetic_of(layer).value(), arithmetic);
  EXPECT_TRUE(check_requantisation(layer, arithmetic, ratios));
  return layer;
}

TEST(Requantiser, AppliesEachArithmeticsRule) {
  const std::vector<double> ratios{0.5, 0.0123, 3.25, 0x1p-40};
  const TensorType output = int8({4}, 0.1, -3);
  for (std::int32_t acc : {0, 1, -1, 7, -7, 250, -251, 100000, -100000}) {
    for (std::size_t c = 0; c < ratios.size(); ++c) {
      const auto clamped = [](std::int64_t y) {
        return static_cast<std::int8_t>(std::clamp<std::int64_t>(y, -128, 127));
      };
      scaled::Scale s{0, 1};
      ASSERT_EQ(scaled::derive_scale(ratios[c], s), c < 3);
      EXPECT_EQ(Requantiser(made(Arithmetic::scaled, ratios), output)(acc, c),
                scaled::requantise(acc, s.multiplier, s.shift, -3, -128, 127));
      tflite::Scale t{};
      ASSERT_TRUE(tflite::derive_scale(ratios[c], t));
      EXPECT_EQ(Requantiser(made(Arithmetic::tflite, ratios), output)(acc, c),
                clamped(-3 + tflite::mbqm(acc, t.multiplier, t.shift)));
      EXPECT_EQ(Requantiser(made(Arithmetic::tflite_double, ratios), output)(acc, c),
                clamped(-3 + static_cast<std::int64_t>(std::round(acc * ratios[c]))));
    }
  }
}

TEST(Requantiser, HalvesGoWhereTheArithmeticSays) {
  const TensorType output = int8({1}, 1, 0);
  EXPECT_EQ(Requantiser(made(Arithmetic::scaled, {0.5}), output)(-1, 0), 0);
  EXPECT_EQ(Requantiser(made(Arithmetic::tflite_double, {0.5}), output)(-1, 0), -1);
}

TEST(Activation, BoundsAreCodesOfTheOutput) {
  LayerSpec layer{"layer", "test", {}, {}};
  const auto codes = [&](const char* name, double scale, std::int32_t zero) {
    layer.attributes.set("activation", std::string(name));
    EXPECT_TRUE(check_activation(layer));
    const CodeRange range = activation_codes(layer, Quantisation::per_tensor(scale, zero));
    return std::pair(range.low, range.high);
  };
  EXPECT_EQ(codes("linear", 0.1, 5), std::pair(-128, 127));
  EXPECT_EQ(codes("relu", 0.1, 5), std::pair(5, 127));
  EXPECT_EQ(codes("relu6", 0.1, 5), std::pair(5, 65));
  EXPECT_EQ(codes("relu6", 0.01, 5), std::pair(5, 127));
  EXPECT_EQ(codes("relu_n1_to_1", 0.1, 5), std::pair(-5, 15));
  layer.attributes.set("activation", std::string("gelu"));
  EXPECT_EQ(check_activation(layer).error().message,
            "attribute 'activation' is 'gelu', must be 'linear', 'relu', 'relu6' or 'relu_n1_to_1'");
}

TEST(Ratio, MayBeFormedInBinary32) {
  LayerSpec layer{"layer", "test", {}, {}};
  EXPECT_EQ(requantisation_ratio(layer, 0.1, 0.2, 0.3), 0.1 * 0.2 / 0.3);
  layer.attributes.set("scale_product", std::string("float32"));
  EXPECT_EQ(requantisation_ratio(layer, 0.1, 0.2, 0.3), static_cast<double>(0.1F * 0.2F) / 0.3);
}

std::string message(Arithmetic arithmetic, const std::function<void(LayerSpec&)>& break_it) {
  LayerSpec layer = made(arithmetic, {0.5, 0.25});
  break_it(layer);
  const double ratios[] = {0.5, 0.25};
  const auto result = check_requantisation(layer, arithmetic, ratios);
  return result ? "accepted" : result.error().message;
}

TEST(CheckRequantisation, NamesWhatIsWrong) {
  const auto int32s = [](Shape shape, const std::vector<std::int32_t>& values) {
    return constant<std::int32_t>({ElementType::int32(), std::move(shape)}, values);
  };
  const auto multiplier = [&](Shape shape, std::vector<std::int32_t> values) {
    return [=](LayerSpec& layer) { layer.constants["multiplier"] = int32s(shape, values); };
  };
  EXPECT_THAT(message(Arithmetic::scaled, multiplier({2}, {65535, 65536})),
              HasSubstr("65535 of channel 0 must be 0 or in 65536..131071"));
  EXPECT_THAT(message(Arithmetic::tflite, multiplier({2}, {1 << 30, 1})),
              HasSubstr("1 of channel 1 must be 0 or in 1073741824..2147483647"));
  EXPECT_THAT(message(Arithmetic::tflite, multiplier({2}, {3 << 29, 1 << 30})),
              HasSubstr("but the scales' ratio is 0.5"));
  EXPECT_THAT(message(Arithmetic::tflite_double, multiplier({2, 2}, {1 << 25, -1, 1 << 25, 0})),
              HasSubstr("of channel 0 must be 26 and 27 bits"));
  EXPECT_THAT(message(Arithmetic::tflite_double, multiplier({2, 2}, {1, 0, 1 << 25, 0})),
              HasSubstr("of channel 0 must be 0"));
  EXPECT_THAT(message(Arithmetic::tflite_double, multiplier({2}, {1, 0})), HasSubstr("must be int32[2,2]"));
  EXPECT_THAT(message(Arithmetic::tflite, [](LayerSpec& l) { l.constants.erase("shift"); }),
              HasSubstr("'shift' is missing"));
  EXPECT_THAT(
      message(Arithmetic::tflite,
              [](LayerSpec& l) { l.constants["shift"] = constant<std::int8_t>({ElementType::int8(), {2}}, {31, 0}); }),
      HasSubstr("31 of channel 0 must be in -31..30"));
}

TEST(AddRequantisation, NamesTheChannelThatCannotBeExpressed) {
  LayerSpec layer{"layer", "test", {}, {}};
  const double ratios[] = {0.5, 70000};
  EXPECT_THAT(add_requantisation(layer, Arithmetic::scaled, ratios).error().message,
              HasSubstr("channel 1: the ratio 70000 of accumulator scale to output scale cannot be expressed"));
  layer.attributes.set("arithmetic", std::string("float"));
  EXPECT_EQ(arithmetic_of(layer).error().message,
            "attribute 'arithmetic' is 'float', must be 'scaled', 'tflite' or 'tflite_double'");
}

}  // namespace
}  // namespace algean::kernels
