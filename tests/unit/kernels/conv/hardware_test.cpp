// What convolutions state about their hardware, without building any: foldings, cycles, refusals.
#include <gmock/gmock.h>

#include "kernels/conv/conv.hpp"
#include "kernels/weighted/unit.hpp"
#include "tests/rtl/weighted/layers.hpp"
#include "tests/rtl/weighted/resnet50.hpp"

namespace algean::kernels {
namespace {

using rtl::Conv2d;
using ::testing::HasSubstr;

const Conv conv;
constexpr HardwareOptions packed{.packed = true, .loadable = false};

// A layer of integers with weights of nothing, of any size at once.
struct Integer {
  LayerSpec spec;
  std::vector<TensorType> inputs, outputs;
};

template <class T>
std::shared_ptr<const Tensor> filled(ElementType type, const Shape& shape, T value) {
  const std::vector<T> elements(static_cast<std::size_t>(shape.elements()), value);
  return std::make_shared<const Tensor>(TensorType{std::move(type), shape}, std::span<const T>(elements));
}

Integer square(std::int64_t size, std::int64_t channels, std::int64_t filters, std::int64_t kernel,
               std::int64_t stride) {
  const std::int64_t pad = kernel / 2;
  const std::int64_t out = (size + 2 * pad - kernel) / stride + 1;
  Integer result{{"layer", "conv2d", {}, {}},
                 {rtl::quantised(Shape{size, size, channels}, 1, 0)},
                 {rtl::quantised(Shape{out, out, filters}, 1, 0)}};
  result.spec.attributes = {{"arithmetic", std::string("scaled")},
                            {"accumulator_bits", std::int64_t{24}},
                            {"strides", std::vector<std::int64_t>{stride, stride}},
                            {"padding", std::vector<std::int64_t>{pad, pad, pad, pad}}};
  const Quantisation weights = Quantisation::per_tensor(1, 0);
  result.spec.constants = {
      {"weight", filled<std::int8_t>(ElementType::int8(weights), Shape{filters, kernel, kernel, channels}, 0)},
      {"bias", filled<std::int32_t>(ElementType::int32(weights), Shape{filters}, 0)},
      {"multiplier", filled<std::int32_t>(ElementType::int32(), Shape{filters}, 65536)},
      {"shift", filled<std::uint8_t>(ElementType::integer(8, false), Shape{filters}, 24)}};
  return result;
}

TEST(ConvHardware, ResNet50NeedsEightPercentMoreMultipliersThanItsFloorAtMost) {
  constexpr std::int64_t target = 300'000;
  double products = 0;
  std::int64_t multipliers = 0;
  for (const rtl::ResNet50Layer& each : rtl::resnet50_layers) {
    const Integer layer = square(each.size, each.channels, each.filters, each.kernel, each.stride);
    const auto foldings = conv.circuit()->foldings(layer.spec, layer.inputs, layer.outputs, packed);
    ASSERT_TRUE(foldings.has_value()) << each.name;
    EXPECT_LE(foldings->size(), 1000U) << each.name;
    const auto unit = WeightedUnit::make(layer.spec, layer.inputs[0], layer.outputs[0], packed);
    const auto interval = [&](const Folding& folding) {
      return conv.circuit()->cycles(layer.spec, layer.inputs, layer.outputs, folding, packed).interval;
    };
    for (std::size_t i = 1; i < foldings->size(); ++i) {
      const Folding& before = (*foldings)[i - 1];
      const Folding& here = (*foldings)[i];
      EXPECT_LT(interval(here), interval(before)) << each.name;
      EXPECT_GE(unit->multipliers(here.simd, here.pe), unit->multipliers(before.simd, before.pe)) << each.name;
    }
    const auto chosen = std::ranges::find_if(*foldings, [&](const Folding& f) { return interval(f) <= target; });
    ASSERT_NE(chosen, foldings->end()) << each.name;
    products += each.times * conv.work(layer.spec, layer.inputs, layer.outputs);
    multipliers += each.times * 2 * unit->multipliers(chosen->simd, chosen->pe);
    RecordProperty(each.name, std::to_string(chosen->simd) + "x" + std::to_string(chosen->pe));
  }
  EXPECT_NEAR(products, 3.858e9, 1e6);
  EXPECT_LE(static_cast<double>(multipliers), 1.08 * products / static_cast<double>(target));
  std::printf("ResNet-50 at %ld cycles: %ld multipliers in %ld DSPs\n", target, multipliers, multipliers / 2);
}

std::string refusal(const Conv2d& shape, const rtl::WeightedOptions& options = {}) {
  const rtl::WeightedLayer layer = rtl::conv_layer("layer", shape, options);
  const auto integer = conv.quantise(layer.spec, layer.inputs, layer.outputs);
  if (!integer) return "not quantised: " + integer.error().message;
  const auto foldings = conv.circuit()->foldings(*integer, layer.inputs, layer.outputs, packed);
  return foldings ? "taken" : foldings.error().message;
}

TEST(ConvHardware, SaysWhatItDoesNotDo) {
  Conv2d shape{.height = 8, .width = 8, .channels = 4, .filters = 8};
  EXPECT_EQ(refusal(shape), "taken");
  shape.groups = 4;
  EXPECT_EQ(refusal(shape), "taken");
  shape.groups = 2;
  EXPECT_THAT(refusal(shape), HasSubstr("attribute 'groups' is 2"));
  shape.groups = 1;
  shape.padding = {3, 0, 0, 0};
  EXPECT_THAT(refusal(shape), HasSubstr("attribute 'padding'"));
  shape.padding = {2, 2, 2, 2};
  EXPECT_EQ(refusal(shape), "taken");
}

TEST(ConvHardware, RefusesFoldingsThatDoNotFit) {
  const Integer layer = square(6, 3, 5, 3, 1);
  for (const Folding& folding : {Folding{0, 1}, Folding{28, 1}, Folding{1, 6}, Folding{1, 0}}) {
    const auto netlist = conv.circuit()->netlist(layer.spec, layer.inputs, layer.outputs, folding, packed);
    ASSERT_FALSE(netlist.has_value());
    EXPECT_THAT(netlist.error().message, HasSubstr("must be within 1..27 by 1..5"));
  }
}

// A strip of an image with its halo is a layer without padding on that side.
TEST(ConvHardware, CountsTheBeatsBeforeTheFirstOutput) {
  const Integer layer = square(6, 4, 5, 3, 1);
  const auto lag = [&](const Folding& folding) {
    return conv.circuit()->cycles(layer.spec, layer.inputs, layer.outputs, folding, packed).lag_beats;
  };
  EXPECT_EQ(lag({4, 1}), 8);   // two pixels of the second row
  EXPECT_EQ(lag({1, 1}), 32);  // the same, an element a beat
}

}  // namespace
}  // namespace algean::kernels
