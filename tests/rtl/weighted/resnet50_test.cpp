// Every distinct layer shape of ResNet-50 in pure RTL, at the folding for 300,000 cycles an image: all channels, the
// whole kernel and width, a few rows of the image.
#include "tests/rtl/weighted/resnet50.hpp"

#include <gmock/gmock.h>

#include "kernels/library/library.hpp"
#include "tests/rtl/harness/layers.hpp"
#include "tests/rtl/weighted/layers.hpp"

namespace algean::rtl {
namespace {

constexpr std::int64_t target_cycles = 300'000;

WeightedLayer layer_of(const ResNet50Layer& each, std::int64_t height, const WeightedOptions& options) {
  const std::int64_t pad = each.kernel / 2;
  return conv_layer(each.name,
                    {.height = height,
                     .width = each.size,
                     .channels = each.channels,
                     .filters = each.filters,
                     .k_h = each.kernel,
                     .k_w = each.kernel,
                     .strides = {each.stride, each.stride},
                     .padding = {pad, pad, pad, pad}},
                    options);
}

TEST(RtlResNet50, EveryLayerShape) {
  LayerBench bench("resnet50_layers", kernels::library());
  for (const ResNet50Layer& each : resnet50_layers) {
    const WeightedOptions options{.activation = each.kernel == 3 ? "relu" : "linear", .input_zero = -128};
    const WeightedLayer whole = layer_of(each, each.size, options);
    const kernels::Family* family = kernels::find_family(kernels::library(), whole.spec.operation);
    const auto integer = family->quantise(whole.spec, whole.inputs, whole.outputs);
    ASSERT_TRUE(integer.has_value()) << integer.error().message;
    const kernels::HardwareOptions packed;
    kernels::Folding chosen;
    for (const kernels::Folding& folding : bench.foldings(*integer, whole.inputs, whole.outputs, packed)) {
      chosen = folding;
      const auto cycles = family->circuit()->cycles(*integer, whole.inputs, whole.outputs, folding, packed);
      if (cycles.interval <= target_cycles) break;
    }
    const std::int64_t rows = each.size == 1 ? 1 : each.kernel == 1 ? 1 + each.stride : each.kernel;
    const WeightedLayer cropped = layer_of(each, rows, options);
    bench.add(cropped.spec, cropped.inputs, cropped.outputs, {.folding = chosen, .options = packed});
  }
  bench.build({.twin = false, .optimise = "-O1"}, 2);
  bench.check({});
  bench.check_cycles();
  bench.check({70, 80, 5, {}, 0, {}});
}

}  // namespace
}  // namespace algean::rtl
