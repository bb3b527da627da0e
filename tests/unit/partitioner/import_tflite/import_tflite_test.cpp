#include "partitioner/import_tflite/import_tflite.hpp"

#include <gmock/gmock.h>

#include "kernels/graph/interpreter.hpp"
#include "kernels/library/library.hpp"
#include "tests/unit/partitioner/import_tflite/tflite_fixture.hpp"

namespace algean::partitioner::testing_tflite {
namespace {

using ::testing::ElementsAre;

kernels::Graph import(const std::string& bytes, const TfliteOptions& options = {}) {
  auto imported = import_tflite(std::as_bytes(std::span(bytes)), "m.tflite", kernels::library(), options);
  EXPECT_TRUE(imported) << imported.error().message;
  return imported ? std::move(imported->graph) : kernels::Graph{};
}

template <class T>
std::vector<T> infer(const kernels::Graph& graph, const std::vector<T>& x) {
  const Tensor input(graph.values[graph.inputs[0].value].type, std::span<const T>(x));
  const auto outputs = kernels::interpret(graph, kernels::library(), {&input, 1});
  EXPECT_TRUE(outputs) << outputs.error().message;
  if (!outputs) return {};
  const auto elements = outputs->at(0).elements<T>();
  return {elements.begin(), elements.end()};
}

TEST(ImportTflite, QuantisedEndsBecomeTheFormsOfPorts) {
  const auto graph = import(convolutional_model());
  ASSERT_EQ(graph.inputs.size(), 1U);
  EXPECT_EQ(graph.inputs[0].name, "x");
  EXPECT_EQ(graph.inputs[0].form, ExternalForm::float32);
  EXPECT_EQ(graph.values[graph.inputs[0].value].type,
            (TensorType{ElementType::int8(Quantisation::per_tensor(0.05F, 3)), Shape{6, 6, 2}}));
  EXPECT_EQ(graph.outputs[0].name, "y");
  EXPECT_EQ(graph.outputs[0].form, ExternalForm::float32);
  EXPECT_EQ(graph.values[graph.outputs[0].value].name, "y6");
  std::vector<std::string> operations;
  for (const auto& layer : graph.layers) operations.push_back(layer.spec.operation);
  EXPECT_THAT(operations, ElementsAre("conv2d", "conv2d", "average_pool2d", "reshape", "dense", "softmax"));
  EXPECT_EQ(graph.layers[0].spec.name, "y1");
}

TEST(ImportTflite, UnsignedPortsKeepTheirCodes) {
  const auto graph = import(unsigned_model());
  EXPECT_EQ(graph.inputs[0].form, ExternalForm::integer);
  EXPECT_EQ(graph.values[graph.inputs[0].value].type.text(), "uint8[3,4]");
  ASSERT_EQ(graph.outputs.size(), 2U);
  EXPECT_EQ(graph.outputs[0].name, "y12");
  EXPECT_EQ(graph.values[graph.outputs[0].value].type.text(), "uint8[3,4]");
  for (const auto& value : graph.values) {
    EXPECT_TRUE(value.type.element.name() == "int8" || value.name == "x" || value.name.ends_with("/uint8"));
  }
}

TEST(ImportTflite, TakesEveryBranch) {
  const auto graph = import(branching_model());
  EXPECT_EQ(graph.outputs.size(), 16U);
  EXPECT_TRUE(kernels::verify(graph, kernels::library()));
}

// A batch in the file is no axis of the graph: rows are inferences.
TEST(ImportTflite, TheFirstAxisIsTheBatch) {
  Builder b;
  const auto x = b.int8("x", {4, 2}), y = b.int8("y", {4, 3}, 1);
  const auto w = b.constant<std::int8_t>("w", {3, 2}, format::TensorType_INT8, {1, 0, 0, 1, 1, 1}, {{2}, {0}});
  b.node(fully_connected, {x, w}, {y}, format::CreateFullyConnectedOptions(b.fbb));
  const auto graph = import(b.bytes({x}, {y}));
  EXPECT_EQ(graph.values[graph.inputs[0].value].type.text(), "int8[2]");
  EXPECT_THAT(infer<std::int8_t>(graph, {5, -7}), ElementsAre(5, -7, -2));  // 0.5 * 2 / 1
}

// With a batch of one, layers may use it as an axis.
TEST(ImportTflite, ABatchOfOneMayMixWithOtherAxes) {
  Builder b;
  const auto x = b.int8("x", {1, 2, 3}), y = b.int8("y", {3, 2, 1});
  const auto permutation = b.integers("permutation", {2, 1, 0});
  b.node(transpose, {x, permutation}, {y});
  const auto graph = import(b.bytes({x}, {y}));
  EXPECT_EQ(graph.values[graph.outputs[0].value].type.text(), "int8[3,2,1]");
  EXPECT_THAT(infer<std::int8_t>(graph, {1, 2, 3, 4, 5, 6}), ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(ImportTflite, TheKindOfFullyConnectedLayersIsAnOption) {
  const auto arithmetic = [](TfliteOptions::FullyConnected kind) {
    const auto graph = import(convolutional_model(), {.fully_connected = kind});
    return graph.layers.at(4).spec.attributes.text("arithmetic").value();
  };
  EXPECT_EQ(arithmetic(TfliteOptions::FullyConnected::fixed_point), "tflite");
  EXPECT_EQ(arithmetic(TfliteOptions::FullyConnected::double_precision), "tflite_double");
}

TEST(ImportTflite, FloatFilesBecomeFloatGraphs) {
  Builder b;
  const auto x = b.real("x", {1, 2}), h = b.real("h", {1, 2}), y = b.real("y", {1, 2});
  const auto w = b.real("w", {2, 2});
  const auto half = b.constant<std::uint16_t>("half", {2, 2}, format::TensorType_FLOAT16,
                                              {0x3c00, 0xc000, 0x3800, 0x0001});  // 1, -2, 0.5, 2^-24
  const auto bias = b.constant<float>("bias", {2}, format::TensorType_FLOAT32, {0.25F, -1});
  const auto two = b.constant<float>("two", {}, format::TensorType_FLOAT32, {2});
  b.node(dequantise, {half}, {w});
  b.node(fully_connected, {x, w, bias}, {h},
         format::CreateFullyConnectedOptions(b.fbb, format::ActivationFunctionType_RELU));
  b.node(sub, {two, h}, {y});
  const auto graph = import(b.bytes({x}, {y}));
  EXPECT_FALSE(graph.is_integer());
  EXPECT_THAT(infer<float>(graph, {4, 1}), ElementsAre(2 - 2.25F, 2 - (1 + 0x1p-24F)));
}

TEST(ImportTflite, ConstantsOfJoins) {
  Builder b;
  const auto x = b.int8("x", {1, 3}, 1), y = b.int8("y", {1, 3}, 1);
  const auto two = b.constant<std::int8_t>("two", {1, 3}, format::TensorType_INT8, {2, 4, 6}, {{0.5F}, {0}});
  b.node(sub, {two, x}, {y});
  const auto graph = import(b.bytes({x}, {y}));
  EXPECT_THAT(infer<std::int8_t>(graph, {10, 20, -30}), ElementsAre(-9, -18, 33));
}

TEST(ImportTflite, NamesItsOperators) {
  const auto names = tflite_operators();
  EXPECT_EQ(names.size(), 47U);
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_THAT(names, ::testing::IsSupersetOf({"CONV_2D", "HARD_SWISH", "BATCH_MATMUL", "QUANTIZE"}));
}

}  // namespace
}  // namespace algean::partitioner::testing_tflite
