// Layouts, constants that are folded, and quantised forms, on nets small enough to compute by hand.
#include <gmock/gmock.h>

#include "partitioner/import_onnx/onnx_file.hpp"
#include "partitioner/passes/quantise.hpp"
#include "runtime/tensor/quantise.hpp"
#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner::testing_onnx {
namespace {

using onnx::TensorProto;
using testing::ElementsAre;
using testing::HasSubstr;

using Ints = std::vector<std::int64_t>;

std::vector<std::string> operations(const kernels::Graph& graph) {
  std::vector<std::string> result;
  for (const auto& layer : graph.layers) result.push_back(layer.spec.operation);
  return result;
}

Result<Imported> import_whole(const Builder& builder) {
  const Folder folder;
  return import_onnx(folder.write("m.onnx", builder.bytes()), kernels::library());
}

std::string message(const Builder& builder) {
  const auto imported = import_whole(builder);
  return imported ? "imported" : imported.error().message;
}

ElementType int8(double scale, std::int32_t zero_point) {
  return ElementType::int8(Quantisation::per_tensor(scale, zero_point));
}

// [N,2,1,2], two filters of one tap: the sum of the channels, and their difference.
Builder conv_net() {
  Builder builder;
  builder.input("x", {"N", 2, 1, 2}).output("y").floats("w", {2, 2, 1, 1}, {1, 1, 1, -1}).floats("b", {2}, {100, 200});
  return builder;
}

TEST(OnnxLayout, PortsKeepTheModelsOrder) {
  Builder builder = conv_net();
  builder.node("Conv", {"x", "w", "b"}, {"y"}, {}, "conv");
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(operations(*graph), ElementsAre("transpose", "conv2d", "transpose"));
  EXPECT_EQ(graph->values[graph->outputs[0].value].type.shape, (Shape{2, 1, 2}));
  // channels [1,2] and [10,20]
  EXPECT_THAT(infer(*graph, {{1, 2, 10, 20}}).at(0), ElementsAre(111, 122, 191, 182));
}

TEST(OnnxLayout, TransposesAroundAConvolutionCostNothing) {
  Builder builder;
  builder.input("x", {"N", 1, 2, 2}).output("y").floats("w", {2, 2, 1, 1}, {1, 1, 1, -1});
  builder.node("Transpose", {"x"}, {"first"}, {{"perm", Ints{0, 3, 1, 2}}})
      .node("Conv", {"first", "w"}, {"c"}, {}, "conv")
      .node("Relu", {"c"}, {"r"})
      .node("Transpose", {"r"}, {"y"}, {{"perm", Ints{0, 2, 3, 1}}});
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(operations(*graph), ElementsAre("conv2d", "relu"));
  EXPECT_THAT(infer(*graph, {{1, 10, 2, 20}}).at(0), ElementsAre(11, 0, 22, 0));
}

TEST(OnnxLayout, OneTransposeForAllReadersOfAValue) {
  Builder builder = conv_net();
  builder.node("Conv", {"x", "w"}, {"a"}).node("Conv", {"x", "w", "b"}, {"c"}).node("Add", {"a", "c"}, {"y"});
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(operations(*graph), ElementsAre("transpose", "conv2d", "conv2d", "add", "transpose"));
}

TEST(OnnxLayout, FlattenAndConstantsAreInTheModelsOrder) {
  Builder builder = conv_net();
  builder.floats("k", {2, 1, 1}, {1000, 2000});
  builder.node("Conv", {"x", "w"}, {"c"}).node("Add", {"c", "k"}, {"s"}).node("Flatten", {"s"}, {"y"});
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 2, 10, 20}}).at(0), ElementsAre(1011, 1022, 1991, 1982));
}

TEST(OnnxLayout, AxesOfConcatSplitReduceAndSoftmaxAreTheModels) {
  Builder builder = conv_net();
  builder.output("half")
      .node("Conv", {"x", "w"}, {"c"})
      .node("Concat", {"c", "x"}, {"four"}, {{"axis", std::int64_t{1}}});
  builder.node("Split", {"four"}, {"front", "half"}, {{"axis", std::int64_t{1}}});
  builder.node("ReduceSum", {"front"}, {"y"}, {{"axes", Ints{1}}, {"keepdims", std::int64_t{0}}});
  builder.model.mutable_opset_import(0)->set_version(11);
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 2, 10, 20}}), ElementsAre(ElementsAre(2, 4), ElementsAre(1, 2, 10, 20)));
}

TEST(OnnxFold, ShapesThatExportersComputeInTheGraph) {
  Builder builder;
  builder.input("x", {"N", 2, 3}).output("y").integers("zero", {0}).integers("rest", {-1}).integers("one", {1});
  builder.node("Shape", {"x"}, {"s"})
      .node("Gather", {"s", "zero"}, {"n"})
      .node("Gather", {"s", "one"}, {"two"})
      .node("Mul", {"two", "one"}, {"two1"})
      .node("Concat", {"n", "rest", "two1"}, {"target"}, {{"axis", std::int64_t{0}}})
      .node("Reshape", {"x", "target"}, {"y"});
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->values[graph->outputs[0].value].type.shape, (Shape{3, 2}));
  builder.model.mutable_graph()->mutable_node(3)->set_input(0, "n");
  EXPECT_THAT(message(builder), HasSubstr("(Mul): computes with the extent of the batch, which is not supported"));
}

TEST(OnnxFold, LargeResultsAreRefused) {
  Builder builder;
  builder.input("x", {"N", 2}).output("y").integers("s", {1 << 20, 1 << 20});
  builder.node("ConstantOfShape", {"s"}, {"c"}, {}, "huge").node("Add", {"x", "c"}, {"y"});
  EXPECT_THAT(message(builder),
              HasSubstr("huge (ConstantOfShape): a constant of extents [1048576,1048576] is too large"));
}

TEST(OnnxFold, NibblesLowerHalfFirst) {
  const std::vector<std::byte> packed{std::byte{0x7f}, std::byte{0x08}};
  EXPECT_THAT(unpack_nibbles(packed, 3, true), ElementsAre(std::byte{0xff}, std::byte{7}, std::byte{0xf8}));
  EXPECT_THAT(unpack_nibbles(packed, 3, false), ElementsAre(std::byte{15}, std::byte{7}, std::byte{8}));
}

// x -> int8 by 0.5 -> dense with int8 weights -> uint8 by `scale`, `zero_point` -> y
Builder qdq(float scale, std::int32_t zero_point) {
  Builder builder;
  builder.input("x", {"N", 2}).output("y");
  builder.floats("sx", {}, {0.5F}).codes("zx", TensorProto::INT8, {}, {3});
  builder.codes("w", TensorProto::INT8, {2, 2}, {1, 2, 3, -4}).floats("sw", {2}, {0.5F, 0.25F});
  builder.codes("zw", TensorProto::INT8, {2}, {0, 0}).floats("sy", {}, {scale});
  builder.codes("zy", TensorProto::UINT8, {}, {zero_point});
  builder.node("QuantizeLinear", {"x", "sx", "zx"}, {"xq"}).node("DequantizeLinear", {"xq", "sx", "zx"}, {"xr"});
  builder.node("DequantizeLinear", {"w", "sw", "zw"}, {"wr"}, {{"axis", std::int64_t{0}}});
  builder.node("Gemm", {"xr", "wr"}, {"g"}, {{"transB", std::int64_t{1}}}, "fc");
  builder.node("QuantizeLinear", {"g", "sy", "zy"}, {"gq"}).node("DequantizeLinear", {"gq", "sy", "zy"}, {"y"});
  return builder;
}

TEST(OnnxQuantised, IntegersStayAndTypesAreNoted) {
  const auto imported = import_whole(qdq(0.25F, 128));
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_THAT(operations(imported->graph), ElementsAre("dense"));
  EXPECT_EQ(imported->types, (std::map<std::string, ElementType>{{"x", int8(0.5, 3)}, {"g", int8(0.25, 0)}}));
  const Tensor& weight = imported->graph.layers[0].spec.required("weight");
  EXPECT_EQ(weight.type().element.name(), "int8");
  EXPECT_EQ(weight.type().element.quantisation(), (Quantisation{{0.5, 0.25}, {0, 0}, 0}));
  const auto integers = quantise(imported->graph, kernels::library(), {}, imported->types);
  ASSERT_TRUE(integers) << integers.error().message;
  const Tensor x({int8(0.5, 3), Shape{2}}, std::span<const std::int8_t>(std::vector<std::int8_t>{5, 7}));  // 1, 2
  const auto y = kernels::interpret(*integers, kernels::library(), std::vector{x});
  ASSERT_TRUE(y) << y.error().message;
  EXPECT_THAT(y->at(0).elements<std::int8_t>(), ElementsAre(10, -5));  // 2.5 and -1.25 in quarters
}

TEST(OnnxQuantised, TheReluThatAQuantiserLeftOutComesBack) {
  const auto imported = import_whole(qdq(0.25F, 0));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(operations(imported->graph), ElementsAre("dense", "relu"));
  EXPECT_THAT(infer(imported->graph, {{1, 2}}).at(0), ElementsAre(2.5F, 0));
}

TEST(OnnxQuantised, AnotherTypeOfTheSameValueIsALayer) {
  Builder builder;
  builder.input("x", {"N", 2}).output("y").output("z").floats("s", {}, {0.5F}).floats("t", {}, {0.125F});
  builder.codes("zero", TensorProto::INT8, {}, {0});
  builder.node("QuantizeLinear", {"x", "s", "zero"}, {"a"}).node("DequantizeLinear", {"a", "s", "zero"}, {"y"});
  builder.node("QuantizeLinear", {"x", "t", "zero"}, {"b"}, {}, "second")
      .node("DequantizeLinear", {"b", "t", "zero"}, {"z"});
  const auto imported = import_whole(builder);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(operations(imported->graph), ElementsAre("requantise"));
  EXPECT_EQ(imported->types.at("x"), int8(0.5, 0));
  EXPECT_EQ(imported->types.at("second/requantised"), int8(0.125, 0));
}

TEST(OnnxQuantised, PortsOfIntegersTakeAndGiveThem) {
  Builder builder;
  builder.input("x", {"N", 2}, TensorProto::UINT8).output("y").floats("s", {}, {0.5F}).floats("t", {}, {0.25F});
  builder.codes("zx", TensorProto::UINT8, {}, {100}).codes("zy", TensorProto::UINT8, {}, {0});
  builder.node("DequantizeLinear", {"x", "s", "zx"}, {"r"}).node("Relu", {"r"}, {"p"});
  builder.node("QuantizeLinear", {"p", "t", "zy"}, {"y"});
  const auto imported = import_whole(builder);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->types.at("x"), int8(1, -128));
  EXPECT_THAT(infer(imported->graph, {{110, 90}}).at(0), ElementsAre(20, 0));  // 5 in quarters
}

TEST(OnnxQuantised, RoundedInFloatWhereTheFileLeavesTheOutputReal) {
  Builder builder = qdq(0.25F, 128);
  builder.model.mutable_graph()->mutable_node(4)->set_output(0, "unused");
  builder.model.mutable_graph()->mutable_node(3)->set_output(0, "y");
  builder.model.mutable_graph()->mutable_node()->DeleteSubrange(4, 2);
  auto imported = import_whole(builder);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_FALSE(quantise(imported->graph, kernels::library(), {}, imported->types));
  ASSERT_TRUE(round_to_types(imported->graph, kernels::library(), imported->types));
  // 0.75 is halfway: to the even one of 0.5 and 1; 1000 is cut to 62
  EXPECT_THAT(infer(imported->graph, {{0.75F, 1000}}).at(0), ElementsAre(0.5F + 62, 0.75F - 62));
}

TEST(OnnxQuantised, WhatIsRefused) {
  Builder wide = qdq(0.25F, 0);
  wide.codes("z16", TensorProto::INT16, {}, {0});
  wide.model.mutable_graph()->mutable_node(4)->set_input(2, "z16");
  wide.model.mutable_graph()->mutable_node(5)->set_input(2, "z16");
  EXPECT_THAT(message(wide),
              HasSubstr("gq (QuantizeLinear): activations of type int16 not supported (int8, uint8 are)"));
  Builder axis = qdq(0.25F, 0);
  axis.model.mutable_graph()->mutable_node(4)->set_input(1, "sw");
  EXPECT_THAT(message(axis), HasSubstr("gq (QuantizeLinear): input 1 ('sw') has shape [2], one number expected"));
  Builder none = qdq(0, 0);
  EXPECT_THAT(message(none), HasSubstr("gq (QuantizeLinear): scale 0 must be above 0"));
  Builder reads = qdq(0.25F, 0);
  reads.node("Relu", {"xq"}, {"z"}, {}, "r");
  EXPECT_THAT(message(reads), HasSubstr("r (Relu): reads int8, which is not supported"));
  Builder dynamic;
  dynamic.input("x", {"N", 2}).output("y").node("DynamicQuantizeLinear", {"x"}, {"y", "s", "z"}, {}, "d");
  EXPECT_THAT(message(dynamic), HasSubstr("d (DynamicQuantizeLinear): dynamic quantisation is not supported"));
}

}  // namespace
}  // namespace algean::partitioner::testing_onnx
