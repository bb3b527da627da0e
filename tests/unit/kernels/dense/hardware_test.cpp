// What dense layers state about their hardware.
#include <gmock/gmock.h>

#include "kernels/dense/dense.hpp"
#include "tests/rtl/weighted/layers.hpp"

namespace algean::kernels {
namespace {

using ::testing::HasSubstr;

const Dense dense;

std::string answer(const rtl::WeightedLayer& layer) {
  const auto integer = dense.quantise(layer.spec, layer.inputs, layer.outputs);
  if (!integer) return "not quantised: " + integer.error().message;
  const auto foldings = dense.circuit()->foldings(*integer, layer.inputs, layer.outputs, {});
  return foldings ? "taken" : foldings.error().message;
}

TEST(DenseHardware, SaysWhichArithmeticItDoesNotDo) {
  EXPECT_EQ(answer(rtl::dense_layer("scaled", 1, 5, 3)), "taken");
  EXPECT_EQ(answer(rtl::dense_layer("tflite", 1, 5, 3, {.arithmetic = "tflite"})), "taken");
  EXPECT_THAT(answer(rtl::dense_layer("double", 1, 5, 3, {.arithmetic = "tflite_double"})),
              HasSubstr("attribute 'arithmetic' is 'tflite_double', which rounds as binary64"));
}

TEST(DenseHardware, TakesIntegersOnly) {
  const rtl::WeightedLayer layer = rtl::dense_layer("floats", 1, 5, 3);
  const std::vector<TensorType> inputs{{ElementType::float32(), Shape{1, 5}}};
  const auto foldings = dense.circuit()->foldings(layer.spec, inputs, layer.outputs, {});
  ASSERT_FALSE(foldings.has_value());
  EXPECT_THAT(foldings.error().message, HasSubstr("there is hardware for int8 only"));
}

// A folding's memories hold ceil(n_in / simd) * ceil(n_out / pe) words: with weights of the last fold and round.
TEST(DenseHardware, FillsTheLastFoldWithZeros) {
  const rtl::WeightedLayer layer = rtl::dense_layer("odd", 2, 5, 3);
  const auto integer = dense.quantise(layer.spec, layer.inputs, layer.outputs);
  ASSERT_TRUE(integer.has_value());
  const auto netlist = dense.circuit()->netlist(*integer, layer.inputs, layer.outputs, {2, 2}, {});
  ASSERT_TRUE(netlist.has_value());
  const MemoryImage& weights = netlist->images.at(0);
  EXPECT_EQ(weights.words(), 3 * 2);
  EXPECT_EQ(weights.word_bits, 2 * 2 * 8);
  const auto integers = integer->required("weight").elements<std::int8_t>();
  const auto at = [&](std::size_t word, std::size_t place) {
    return static_cast<std::int8_t>(weights.bytes.at(4 * word + place));
  };
  EXPECT_EQ(at(0, 0), integers[0]);          // output 0, element 0
  EXPECT_EQ(at(0, 3), integers[5 + 1]);      // output 1, element 1
  EXPECT_EQ(at(2, 0), integers[4]);          // the last fold
  EXPECT_EQ(at(2, 1), 0);                    // behind the last element
  EXPECT_EQ(at(5, 0), integers[2 * 5 + 4]);  // the last round
  EXPECT_EQ(at(5, 2), 0);                    // behind the last output
}

}  // namespace
}  // namespace algean::kernels
