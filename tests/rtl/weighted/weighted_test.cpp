// Dense layers and convolutions in hardware: every folding's corner against the reference.
#include <gmock/gmock.h>

#include "kernels/library/library.hpp"
#include "runtime/base/file.hpp"
#include "tests/rtl/harness/layers.hpp"
#include "tests/rtl/weighted/layers.hpp"

namespace algean::rtl {
namespace {

using kernels::Folding;
using kernels::HardwareOptions;

constexpr HardwareOptions packed{.packed = true, .loadable = false};
constexpr HardwareOptions plain{.packed = false, .loadable = false};

void add(LayerBench& bench, const WeightedLayer& layer, const Folding& folding, const HardwareOptions& options) {
  bench.add(layer.spec, layer.inputs, layer.outputs, {.folding = folding, .options = options});
}

// Sizes of which SIMD and PE divide both, one, none; all folded and all at once; more outputs than folds.
void add_dense_layers(LayerBench& bench) {
  const WeightedOptions tflite{.arithmetic = "tflite", .activation = "relu"};
  const WeightedOptions relu{.activation = "relu6", .input_zero = -128};
  const WeightedOptions zeros{.arithmetic = "tflite", .weight_zeros = true};
  add(bench, dense_layer("one", 1, 1, 1), {1, 1}, packed);
  add(bench, dense_layer("all", 3, 8, 6), {8, 6}, packed);
  add(bench, dense_layer("all plain", 3, 8, 6), {8, 6}, plain);
  add(bench, dense_layer("serial", 2, 9, 5), {1, 1}, packed);
  add(bench, dense_layer("even", 4, 16, 12, tflite), {4, 4}, packed);
  add(bench, dense_layer("odd", 4, 17, 13), {5, 4}, packed);
  add(bench, dense_layer("odd plain", 4, 17, 13, tflite), {5, 4}, plain);
  add(bench, dense_layer("odd pairs", 3, 23, 7, relu), {7, 3}, packed);
  add(bench, dense_layer("many outputs", 3, 6, 40), {3, 17}, packed);
  add(bench, dense_layer("many inputs", 3, 70, 2, relu), {67, 1}, plain);
  add(bench, dense_layer("wide", 2, 66, 10, tflite), {33, 10}, packed);
  add(bench, dense_layer("zero points", 3, 19, 6, zeros), {4, 2}, packed);
  add(bench, dense_layer("zero points scaled", 3, 19, 6, {.weight_zeros = true}), {10, 6}, packed);
  add(bench, dense_layer("narrow weights", 3, 20, 9, {.weight_bits = 3}), {6, 5}, packed);
}

Conv2d conv(std::int64_t height, std::int64_t width, std::int64_t channels, std::int64_t filters) {
  return {.height = height, .width = width, .channels = channels, .filters = filters};
}

// Strides 1 to 3, padding on any side, dilation, kernels of one row, column or pixel; windows in each order, with a
// repack behind them and without.
void add_convolutions(LayerBench& bench) {
  const WeightedOptions tflite{.arithmetic = "tflite", .activation = "relu", .input_zero = -5};
  const WeightedOptions relu{.activation = "relu", .input_zero = -128};
  Conv2d c = conv(6, 5, 4, 6);
  c.padding = {1, 1, 1, 1};
  add(bench, conv_layer("same", c), {4, 3}, packed);
  add(bench, conv_layer("same odd", c, tflite), {5, 4}, packed);
  add(bench, conv_layer("whole", c), {36, 6}, packed);
  c = conv(9, 8, 3, 8);
  c.k_h = c.k_w = 7;
  c.strides = {2, 2};
  c.padding = {3, 3, 3, 3};
  add(bench, conv_layer("first", c, relu), {7, 8}, packed);
  add(bench, conv_layer("first, rows at once", c), {21, 8}, packed);
  add(bench, conv_layer("first, slow", c, tflite), {3, 2}, plain);
  c = conv(8, 8, 6, 5);
  c.k_h = c.k_w = 1;
  add(bench, conv_layer("pixel", c), {4, 3}, packed);
  c.strides = {2, 2};
  add(bench, conv_layer("every second pixel", c), {3, 2}, packed);
  add(bench, conv_layer("every second pixel, odd", c, tflite), {4, 5}, packed);
  c = conv(9, 11, 5, 4);
  c.k_h = 2;
  c.strides = {3, 2};
  c.padding = {1, 0, 0, 2};
  add(bench, conv_layer("stride 3", c), {5, 2}, packed);
  c = conv(8, 9, 3, 4);
  c.dilations = {2, 3};
  c.padding = {2, 1, 3, 0};
  add(bench, conv_layer("dilated", c, relu), {3, 4}, packed);
  add(bench, conv_layer("dilated, odd", c), {2, 3}, plain);
  kernels::LayerSpec line{"line", "conv1d", {}, {}};
  line.attributes.set("padding", std::vector<std::int64_t>{1, 2});
  line.attributes.set("strides", std::vector<std::int64_t>{2});
  add(bench, weighted_layer(line, Shape{5, 4, 3}, Shape{13, 3}, Shape{7, 5}, 5, {}), {3, 3}, packed);
}

void add_depthwise(LayerBench& bench) {
  const WeightedOptions tflite{.arithmetic = "tflite", .activation = "relu6", .input_zero = -128};
  Conv2d c = conv(7, 6, 6, 6);
  c.groups = 6;
  c.padding = {1, 1, 1, 1};
  add(bench, conv_layer("channels one by one", c), {1, 1}, packed);
  add(bench, conv_layer("channels by two", c, tflite), {2, 1}, packed);
  add(bench, conv_layer("channels by four", c), {4, 1}, packed);
  c.strides = {2, 2};
  add(bench, conv_layer("channels at once", c, tflite), {6, 1}, packed);
  c = conv(6, 7, 3, 9);
  c.groups = 3;
  c.padding = {0, 1, 2, 0};
  add(bench, conv_layer("three outputs a channel", c), {2, 1}, packed);
  c = conv(4, 5, 12, 12);
  c.groups = 12;
  c.k_h = c.k_w = 1;
  add(bench, conv_layer("no window to speak of", c, {.weight_zeros = true}), {12, 1}, packed);
}

// A convolution cut into horizontal strips, as over nodes: each takes its rows of the input and the halo above and
// below, and pads where the image ends.
struct Strip {
  std::int64_t first_row;  // of the input
  WeightedLayer layer;
};

Conv2d cut_convolution() {
  Conv2d c = conv(13, 5, 4, 6);
  c.k_h = 5;
  c.strides = {2, 1};
  c.padding = {2, 1, 2, 1};
  return c;
}

std::vector<Strip> strips_of(const WeightedLayer& whole, const Conv2d& c, std::initializer_list<std::int64_t> cuts) {
  std::vector<Strip> strips;
  std::int64_t begin = 0;  // rows of the output
  for (const std::int64_t end : cuts) {
    const std::int64_t above = begin * c.strides[0] - c.padding[0];
    const std::int64_t below = (end - 1) * c.strides[0] - c.padding[0] + c.k_h;
    const std::int64_t top = std::max<std::int64_t>(above, 0);
    const std::int64_t bottom = std::min(below, c.height);
    Strip strip{top, whole};
    strip.layer.spec.name = "strip to row " + std::to_string(end);
    strip.layer.spec.attributes.set("padding",
                                    std::vector<std::int64_t>{top - above, c.padding[1], below - bottom, c.padding[3]});
    strip.layer.inputs[0].shape = {bottom - top, c.width, c.channels};
    strip.layer.outputs[0].shape = {end - begin, whole.outputs[0].shape[1], c.filters};
    strips.push_back(std::move(strip));
    begin = end;
  }
  return strips;
}

std::vector<Strip> strips() {
  const Conv2d c = cut_convolution();
  return strips_of(conv_layer("cut", c), c, {2, 3, 7});
}

void add_strips(LayerBench& bench) {
  for (const Strip& strip : strips()) add(bench, strip.layer, {7, 3}, packed);
}

// Weights that the simulation loads before the first inference.
void add_loaded_layers(LayerBench& bench) {
  constexpr HardwareOptions loaded{.packed = true, .loadable = true};
  const WeightedOptions tflite{.arithmetic = "tflite", .activation = "relu"};
  add(bench, dense_layer("loaded", 3, 17, 13), {5, 4}, loaded);
  add(bench, dense_layer("loaded tflite", 2, 9, 5, tflite), {9, 1}, loaded);
  add(bench, dense_layer("loaded zero points", 2, 11, 6, {.weight_zeros = true}), {3, 6}, loaded);
  Conv2d c = conv(6, 5, 4, 6);
  c.padding = {1, 1, 1, 1};
  add(bench, conv_layer("loaded convolution", c), {4, 3}, loaded);
  c.groups = 4;
  c.filters = 8;
  add(bench, conv_layer("loaded depthwise", c, tflite), {3, 1}, loaded);
}

class Weighted : public ::testing::Test {
 protected:
  static LayerBench& bench() {
    static LayerBench built = [] {
      LayerBench made("weighted", kernels::library());
      add_dense_layers(made);
      add_convolutions(made);
      add_depthwise(made);
      add_strips(made);
      add_loaded_layers(made);
      made.build();
      return made;
    }();
    return built;
  }
};

Tensor evaluate(const WeightedLayer& layer, const Tensor& input) {
  const kernels::Family& family = *kernels::find_family(kernels::library(), layer.spec.operation);
  Tensor output(layer.outputs[0]);
  const Tensor* in = &input;
  Tensor* out = &output;
  family.evaluate_integer(family.quantise(layer.spec, layer.inputs, layer.outputs).value(), {&in, 1}, {&out, 1});
  return output;
}

// The bench above holds the strips' circuits to the strips' references; together they are the whole layer.
TEST(Strips, WithTheirHaloMakeTheWholeLayer) {
  const WeightedLayer whole = conv_layer("cut", cut_convolution());
  const Tensor input = random_integers(whole.inputs[0], 7);
  const auto in = input.elements<std::int8_t>();
  std::vector<std::int8_t> codes;
  for (const Strip& strip : strips()) {
    const TensorType& type = strip.layer.inputs[0];
    const std::int64_t row = type.shape[1] * type.shape[2];
    const auto part =
        in.subspan(static_cast<std::size_t>(strip.first_row * row), static_cast<std::size_t>(type.shape.elements()));
    const Tensor output = evaluate(strip.layer, Tensor(type, part));
    std::ranges::copy(output.elements<std::int8_t>(), std::back_inserter(codes));
  }
  const Tensor wanted = evaluate(whole, input);
  EXPECT_THAT(codes, ::testing::ElementsAreArray(wanted.elements<std::int8_t>()));
}

TEST_F(Weighted, EveryOutputIsTheReferences) {
  for (const Pattern& pattern : patterns) bench().check(pattern);
}

TEST_F(Weighted, AMarkerInAnyPlaceLeavesACleanUnit) {
  for (const std::int64_t mark : {0, 1, 2, 3, 5})
    bench().check({80, 70, static_cast<std::uint64_t>(mark), mark, 0, {}});
}

TEST_F(Weighted, CyclesAreAsStated) { bench().check_cycles(); }

// The twin of the matrix unit's datapath gives the same outputs in the same cycles.
TEST_F(Weighted, TheTwinIsEqualCycleForCycle) {
  const BuildOptions twin{.twin = true};
  const auto built = verilate(bench().folder(), twin);
  ASSERT_TRUE(built.has_value()) << built.error().message;
  for (const Pattern& pattern : patterns) {
    const auto pure = simulate(bench().folder(), pattern);
    const auto quick = simulate(bench().folder(), pattern, twin);
    ASSERT_TRUE(pure.has_value()) << pure.error().message;
    ASSERT_TRUE(quick.has_value()) << quick.error().message;
    EXPECT_EQ(pure->cycles, quick->cycles);
    EXPECT_EQ(pure->first, quick->first);
    for (std::size_t i = 0; i < pure->outputs.size(); ++i)
      EXPECT_EQ(pure->outputs[i].ends, quick->outputs[i].ends) << i;
  }
}

}  // namespace
}  // namespace algean::rtl
