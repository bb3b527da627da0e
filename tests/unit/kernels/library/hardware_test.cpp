// What families state about hardware: foldings, and in which words they refuse. That the modules compute what they
// should is a matter of tests/rtl.
#include <gmock/gmock.h>

#include "kernels/family/streams.hpp"
#include "kernels/family/window.hpp"
#include "kernels/library/library.hpp"

namespace algean::kernels {
namespace {

using ::testing::ElementsAre;
using List = std::vector<std::int64_t>;

TensorType codes(Shape shape, double scale = 0.05, std::int32_t zero = -3) {
  return {ElementType::int8(Quantisation::per_tensor(scale, zero)), std::move(shape)};
}

// The foldings of a float layer made integer; of a layer that is integer already where `is_integer`.
Result<std::vector<Folding>> foldings(const LayerSpec& layer, const std::vector<TensorType>& inputs,
                                      const std::vector<TensorType>& outputs) {
  const Family* family = find_family(library(), layer.operation);
  ALGEAN_ASSIGN(const LayerSpec integer, family->quantise(layer, inputs, outputs));
  return family->circuit()->foldings(integer, inputs, outputs, {});
}

std::string refusal(const LayerSpec& layer, const std::vector<TensorType>& inputs,
                    const std::vector<TensorType>& outputs) {
  const auto result = foldings(layer, inputs, outputs);
  return result ? "taken" : result.error().message;
}

TEST(Hardware, FoldingsSaveABeatEach) {
  const auto result = foldings({"a", "add", {}, {}}, {codes({3, 7}), codes({3, 7})}, {codes({3, 7})});
  ASSERT_TRUE(result.has_value());
  EXPECT_THAT(*result, ElementsAre(Folding{1, 1}, Folding{2, 1}, Folding{3, 1}, Folding{4, 1}, Folding{7, 1}));
}

TEST(Hardware, LanesOfAConcatDivideItsRows) {
  const LayerSpec layer{"c", "concat", {{"axis", std::int64_t{1}}}, {}};
  const auto result = foldings(layer, {codes({3, 6}), codes({3, 4}), codes({3, 5})}, {codes({3, 15})});
  ASSERT_TRUE(result.has_value());
  EXPECT_THAT(*result, ElementsAre(Folding{1, 1}, Folding{2, 1}));
}

TEST(Hardware, AFoldingThatIsNoneIsRefused) {
  const LayerSpec layer{"t", "transpose", {{"permutation", List{1, 0}}}, {}};
  const Hardware* hardware = find_family(library(), "transpose")->circuit();
  const std::vector<TensorType> in{codes({3, 4})}, out{codes({4, 3})};
  const auto netlist = hardware->netlist(layer, in, out, {2, 1}, {});
  ASSERT_FALSE(netlist.has_value());
  EXPECT_EQ(netlist.error().message,
            "folding of 2 lanes and 1 outputs, must be of 1 to 1 lanes that save a beat, and 1 output");
}

TEST(Hardware, RefusalsNameWhatThereIsNoneFor) {
  EXPECT_EQ(refusal({"r", "resize", {{"size", List{4, 4}}, {"mode", "bilinear"}}, {}}, {codes({2, 2, 3})},
                    {codes({4, 4, 3})}),
            "resize: there is no hardware for linear interpolation");
  EXPECT_EQ(refusal({"m", "reduce_max", {{"axes", List{0, 2}}}, {}}, {codes({4, 3, 2})}, {codes({3})}),
            "reduce_max over axes [0,2] of [4,3,2]: there is hardware for neighbouring axes only");
  EXPECT_EQ(refusal({"a", "add", {}, {}}, {codes({4, 3}), codes({4, 1})}, {codes({4, 3})}),
            "the operand [4,1] is repeated to [4,3]: there is hardware only where all of it is one row");
  EXPECT_EQ(refusal({"a", "add", {}, {}}, {codes({4, 1, 3}), codes({1, 5, 3})}, {codes({4, 5, 3})}),
            "the operand [4,1,3] is repeated to [4,5,3]: there is hardware only where all of it is one row");
  EXPECT_EQ(
      refusal({"t", "transpose", {{"permutation", List{1, 0}}}, {}}, {codes({1025, 1024})}, {codes({1024, 1025})}),
      "1049600 elements in another order: there is hardware for at most 1048576");
  const TensorType bytes{ElementType::integer(8, false, Quantisation::per_tensor(0.05, 128)), Shape{4}};
  EXPECT_EQ(refusal({"q", "requantise", {}, {}}, {bytes}, {codes({4})}),
            "requantise between uint8 and int8: there is hardware for int8 only");
  EXPECT_EQ(refusal({"c", "concat", {{"axis", std::int64_t{0}}}, {}}, {codes({70000, 1}), codes({1, 1})},
                    {codes({70001, 1})}),
            "concat along axis 0: a turn of more than 65536 beats has no hardware");
}

// A 4x4 image of one beat a pixel, 3x3 window, no padding: output (0, 0) waits for pixel (2, 2), number 11 of 16; its
// last tap is given 3 cycles behind it, or 9 taps behind the first, pixel (0, 0)'s.
TEST(Hardware, WindowsWaitForTheirLastPixel) {
  const WindowShape::Axis axis{.in = 4, .window = 3};
  const WindowShape shape{{axis, axis}, 1, 0};
  EXPECT_EQ(shape.in_beats(), 16);
  EXPECT_EQ(shape.out_beats(), 36);
  EXPECT_EQ(window_lag(shape), 11);
  const WindowTimes times = window_times(shape);
  EXPECT_EQ(times.first, 3);           // pixel (0, 0), taken in cycle 0
  EXPECT_EQ(times.last, 11 + 27 + 2);  // pixel (2, 2), taken in cycle 10, is there in 11; three more windows; registers
}

}  // namespace
}  // namespace algean::kernels
