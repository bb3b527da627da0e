#include <gmock/gmock.h>

#include <cmath>

#include "runtime/tensor/array_file.hpp"
#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner::testing_onnx {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

std::vector<std::string> layers(const kernels::Graph& graph) {
  std::vector<std::string> result;
  for (const auto& layer : graph.layers) result.push_back(layer.spec.name + " " + layer.spec.operation);
  return result;
}

// Imports, runs one inference of one input, expects this output.
void expect(const Builder& builder, const std::vector<float>& x, const std::vector<float>& y) {
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {x}).at(0), Pointwise(FloatNear(1e-6F), y));
}

const std::vector<float> w23{1, 2, 3, 4, 5, 6};

TEST(ImportOnnx, Gemm) {
  Builder builder;
  builder.input("x", {"N", 2}).output("y").floats("w", {3, 2}, w23).floats("b", {3}, {10, 20, 30});
  builder.node("Gemm", {"x", "w", "b"}, {"y"}, {{"transB", std::int64_t{1}}, {"alpha", 2.0F}, {"beta", 0.5F}}, "fc");
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->name, "net");
  EXPECT_THAT(layers(*graph), ElementsAre("fc dense"));
  EXPECT_EQ(graph->inputs.at(0).name, "x");
  EXPECT_EQ(graph->outputs.at(0).name, "y");
  EXPECT_EQ(graph->values[graph->outputs[0].value].name, "y");
  EXPECT_EQ(graph->layers[0].spec.required("weight").shape(), (Shape{3, 2}));
  EXPECT_THAT(infer(*graph, {{1, 10}}).at(0), ElementsAre(2 * 21 + 5, 2 * 43 + 10, 2 * 65 + 15));
}

TEST(ImportOnnx, GemmWithoutTransposition) {
  Builder builder;
  builder.input("x", {1, 2})
      .output("y")
      .floats("w", {2, 3}, w23)
      .floats("b", {1, 1}, {7})
      .node("Gemm", {"x", "w", "b"}, {"y"});
  expect(builder, {1, 10}, {48, 59, 70});
}

TEST(ImportOnnx, MatMulAndAdd) {
  for (const bool swapped : {false, true}) {
    Builder builder(11);
    builder.input("x", {"N", 2, 2}).output("y").floats("w", {2, 3}, w23).floats("b", {1, 3}, {10, 20, 30});
    builder.node("MatMul", {"x", "w"}, {"m"}, {}, "fc");
    builder.node("Add", swapped ? std::vector<std::string>{"b", "m"} : std::vector<std::string>{"m", "b"}, {"y"}, {},
                 "bias");
    const auto graph = import(builder);
    ASSERT_TRUE(graph) << graph.error().message;
    EXPECT_THAT(layers(*graph), ElementsAre("fc dense"));
    EXPECT_THAT(infer(*graph, {{1, 10, 0, 1}}).at(0), ElementsAre(51, 72, 93, 14, 25, 36));
  }
}

TEST(ImportOnnx, MatMulThatOthersReadToo) {  // whichever comes first
  for (const bool relu_first : {false, true}) {
    Builder builder;
    builder.input("x", {"N", 2}).output("a").output("c").floats("w", {2, 2}, {1, 0, 0, 1}).floats("b", {2}, {10, 20});
    builder.node("MatMul", {"x", "w"}, {"m"}, {}, "fc");
    if (relu_first) builder.node("Relu", {"m"}, {"c"});
    builder.node("Add", {"m", "b"}, {"a"});
    if (!relu_first) builder.node("Relu", {"m"}, {"c"});
    const auto graph = import(builder);
    ASSERT_TRUE(graph) << graph.error().message;
    EXPECT_THAT(infer(*graph, {{-1, 2}}), ElementsAre(ElementsAre(9, 22), ElementsAre(0, 2)));
  }
}

TEST(ImportOnnx, Activations) {
  const auto with = [](const std::string& operation,
                       const std::vector<std::pair<std::string, Attribute>>& attributes = {}) {
    Builder builder;
    builder.input("x", {"N", 2}).output("y").node(operation, {"x"}, {"y"}, attributes);
    return builder;
  };
  expect(with("Relu"), {-1, 2}, {0, 2});
  expect(with("LeakyRelu"), {-1, 2}, {-0.01F, 2});
  expect(with("LeakyRelu", {{"alpha", 0.5F}}), {-1, 2}, {-0.5F, 2});
  expect(with("Sigmoid"), {-1, 2}, {1 / (1 + std::exp(1.0F)), 1 / (1 + std::exp(-2.0F))});
  expect(with("Tanh"), {-1, 2}, {std::tanh(-1.0F), std::tanh(2.0F)});
  expect(with("Softmax"), {-1, 2}, {1 / (1 + std::exp(3.0F)), 1 / (1 + std::exp(-3.0F))});
  expect(with("Softmax", {{"axis", std::int64_t{1}}}), {-1, 2}, {1 / (1 + std::exp(3.0F)), 1 / (1 + std::exp(-3.0F))});
}

// Before operator set 13 softmax runs over all axes from `axis` on, together.
TEST(ImportOnnx, SoftmaxOverSeveralAxes) {
  Builder builder(11);
  builder.input("x", {"N", 2, 2}).output("y").node("Softmax", {"x"}, {"y"});
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->values[graph->outputs[0].value].type.shape, (Shape{2, 2}));
  EXPECT_THAT(infer(*graph, {{1, 1, 1, 1}}).at(0), Pointwise(FloatNear(1e-6F), {0.25F, 0.25F, 0.25F, 0.25F}));
  Builder last(13);
  last.input("x", {"N", 2, 2}).output("y").node("Softmax", {"x"}, {"y"});
  expect(last, {1, 1, 1, 1}, {0.5F, 0.5F, 0.5F, 0.5F});
}

TEST(ImportOnnx, BatchNormalization) {
  Builder builder;
  builder.input("x", {"N", 2, 3})
      .output("y")
      .floats("g", {2}, {1, 2})
      .floats("b", {2}, {0, 100})
      .floats("m", {2}, {1, 2})
      .floats("v", {2}, {1, 4});
  builder.node("BatchNormalization", {"x", "g", "b", "m", "v"}, {"y"}, {{"epsilon", 0.0F}, {"momentum", 0.9F}});
  expect(builder, {1, 2, 3, 4, 5, 6}, {0, 1, 2, 102, 103, 104});
}

TEST(ImportOnnx, ShapesWithAnyBatch) {
  const auto reshaped = [](const std::vector<Extent>& input, const std::vector<std::int64_t>& target) {
    Builder builder;
    builder.input("x", input).output("y").integers("s", target).node("Reshape", {"x", "s"}, {"y"});
    const auto graph = import(builder);
    return graph ? graph->values[graph->outputs[0].value].type.shape.text() : graph.error().message;
  };
  EXPECT_EQ(reshaped({"N", 2, 6}, {-1, 12}), "[12]");
  EXPECT_EQ(reshaped({"N", 2, 6}, {0, -1}), "[12]");
  EXPECT_EQ(reshaped({"N", 2, 6}, {0, 0, 3, 2}), "[2,3,2]");
  EXPECT_EQ(reshaped({"N", 2, 6}, {1, -1, 3}), "[4,3]");
  EXPECT_EQ(reshaped({789444, 2, 6}, {789444, 3, -1}), "[3,4]");
  EXPECT_EQ(reshaped({789444, 2, 6}, {-1, 3, 4}), "[3,4]");
  EXPECT_EQ(reshaped({5, 2, 6}, {5, 12}), "[12]");
  EXPECT_THAT(reshaped({8, 2, 6}, {4, -1}),
              testing::HasSubstr("shape [4,-1] for an input of shape [2,6] (without batch): mixes the batch"));
  EXPECT_THAT(reshaped({"N", 2, 6}, {-1, 6}), testing::HasSubstr("mixes the batch with other axes"));
  EXPECT_THAT(reshaped({"N", 2, 6}, {-1, -1}), testing::HasSubstr("more than one -1"));
  EXPECT_THAT(reshaped({"N", 2, 6}, {0, 5, -1}), testing::HasSubstr("mixes the batch with other axes"));
}

TEST(ImportOnnx, FlattenSqueezeUnsqueeze) {
  Builder builder(11);
  builder.input("x", {"N", 2, 1, 2}).output("y");
  builder.node("Squeeze", {"x"}, {"a"}, {{"axes", std::vector<std::int64_t>{2}}});
  builder.node("Unsqueeze", {"a"}, {"b"}, {{"axes", std::vector<std::int64_t>{-1, 1}}});
  builder.node("Flatten", {"b"}, {"c"}, {}).node("Flatten", {"c"}, {"y"}, {{"axis", std::int64_t{-1}}});
  expect(builder, {1, 2, 3, 4}, {1, 2, 3, 4});
  Builder newer(13);
  newer.input("x", {"N", 2, 1}).output("y").integers("axes", {2}).node("Squeeze", {"x", "axes"}, {"y"});
  const auto graph = import(newer);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->values[graph->outputs[0].value].type.shape, (Shape{2}));
}

TEST(ImportOnnx, ConstantsThatAreFolded) {
  Builder builder;
  builder.input("x", {"N", 2}).output("y").floats("w", {1, 3, 2}, w23).integers("zero", {0});
  builder.node("Squeeze", {"w", "zero"}, {"w1"})
      .node("Transpose", {"w1"}, {"w2"}, {{"perm", std::vector<std::int64_t>{1, 0}}});
  builder.node("Identity", {"w2"}, {"w3"}).node("MatMul", {"x", "w3"}, {"m"});
  builder.node("Constant", {}, {"b"}, {{"value_float", 7.0F}})
      .node("Add", {"m", "b"}, {"s"})
      .node("Identity", {"s"}, {"t"});
  builder.node("Dropout", {"t"}, {"y", "mask"});
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->outputs.at(0).name, "y");
  EXPECT_THAT(infer(*graph, {{1, 10}}).at(0), ElementsAre(28, 50, 72));
}

TEST(ImportOnnx, TransposesConstantsOfAnyRank) {
  Builder builder;  // [1,2,3] -> [3,1,2] -> squeezed [3,2]
  builder.input("x", {"N", 3}).output("y").floats("w", {1, 2, 3}, w23).integers("one", {1});
  builder.node("Transpose", {"w"}, {"a"}, {{"perm", std::vector<std::int64_t>{2, 0, 1}}})
      .node("Squeeze", {"a", "one"}, {"b"});
  builder.node("MatMul", {"x", "b"}, {"y"});
  expect(builder, {1, 10, 100}, {321, 654});
}

TEST(ImportOnnx, EveryFormOfData) {
  const std::vector<float> values{0.5F, -2, 3, 4};
  const auto net = [&](const auto& fill) {
    Builder builder;
    builder.input("x", {"N", 2}).output("y").floats("w", {2, 2}, {}).node("MatMul", {"x", "w"}, {"y"});
    fill(builder.last());
    return builder;
  };
  const std::vector<float> x{1, 1};
  const std::vector<float> y{3.5F, 2};
  expect(net([&](onnx::TensorProto& w) { w.set_raw_data(values.data(), 16); }), x, y);
  expect(net([&](onnx::TensorProto& w) {
           w.set_data_type(onnx::TensorProto::DOUBLE);
           for (const float value : values) w.add_double_data(static_cast<double>(value));
         }),
         x, y);
  expect(net([&](onnx::TensorProto& w) {
           w.set_data_type(onnx::TensorProto::FLOAT16);
           for (const int half : {0x3800, 0xc000, 0x4200, 0x4400}) w.add_int32_data(half);
         }),
         x, y);
}

TEST(ImportOnnx, ExternalData) {
  const Folder folder;
  const std::vector<float> values{9, 9, 0.5F, -2, 3, 4};
  folder.write("w.bin", std::string_view(reinterpret_cast<const char*>(values.data()), 24));
  Builder builder;
  builder.input("x", {"N", 2}).output("y").floats("w", {2, 2}, {}).node("MatMul", {"x", "w"}, {"y"});
  builder.last().set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] :
       {std::pair("location", "w.bin"), std::pair("offset", "8"), std::pair("length", "16")}) {
    auto* entry = builder.last().add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  const auto graph = import_file(folder.write("m.onnx", builder.bytes()));
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_THAT(infer(*graph, {{1, 1}}).at(0), ElementsAre(3.5F, 2));
}

TEST(ImportOnnx, ConstantsListedAsInputsToo) {
  Builder builder(7);
  builder.input("x", {1, 2})
      .input("w", {2, 2})
      .output("y")
      .floats("w", {2, 2}, {1, 2, 3, 4})
      .node("MatMul", {"x", "w"}, {"y"});
  const auto graph = import(builder);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->inputs.size(), 1U);
}

std::filesystem::path shared(const std::string& folder) {
  const char* root = std::getenv("ALGEAN_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return std::filesystem::path(root == nullptr ? "" : root) / folder;
}

// The worst |y - expected| over a batch, relative to max(1, max|expected|).
double worst_error(const kernels::Graph& graph, std::span<const float> inputs, std::span<const float> expected,
                   std::size_t batch) {
  double worst = 0;
  double largest = 1;
  for (const float value : expected) largest = std::max(largest, std::abs(static_cast<double>(value)));
  for (std::size_t n = 0; n < batch; ++n) {
    const auto x = inputs.subspan(n * (inputs.size() / batch), inputs.size() / batch);
    const auto y = infer(graph, {{x.begin(), x.end()}}).at(0);
    EXPECT_EQ(y.size(), expected.size() / batch);
    for (std::size_t i = 0; i < y.size(); ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(y[i]) - static_cast<double>(expected[n * y.size() + i])));
    }
  }
  return worst / largest;
}

TEST(OnnxModels, JetTaggers) {
  const auto folder = shared("models/hls4ml_jet_tagging");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto inputs = read_arrays(folder / "synthetic_inputs.npy");
  ASSERT_TRUE(inputs) << inputs.error().message;
  for (const std::string name : {"three_layer_keras", "three_layer_pytorch"}) {
    const auto graph = import_file(folder / (name + ".onnx"));
    ASSERT_TRUE(graph) << graph.error().message;
    const auto expected = read_arrays(folder / ("expected_" + name + ".npy"));
    ASSERT_TRUE(expected) << expected.error().message;
    EXPECT_LE(worst_error(*graph, inputs->at(0).tensor.elements<float>(), expected->at(0).tensor.elements<float>(), 64),
              1e-5)
        << name;
  }
}

TEST(OnnxModels, Autoencoder) {
  const auto folder = shared("models/mlperf_tiny_ad_autoencoder");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto sample = read_file(folder / "normal_id_01_00000000_hist_librosa.bin");
  const auto expected = read_arrays(folder / "expected_fp32_first16.npy");
  ASSERT_TRUE(sample && expected);
  const std::span<const float> frames(reinterpret_cast<const float*>(sample->data()), sample->size() / sizeof(float));
  std::vector<float> windows;  // window i: frames i to i + 4 of 128 mels
  for (std::size_t i = 0; i < 16; ++i)
    windows.insert(windows.end(), frames.begin() + static_cast<std::ptrdiff_t>(i * 128),
                   frames.begin() + static_cast<std::ptrdiff_t>(i * 128 + 640));
  const auto graph = import_file(folder / "ad01_fp32_bn.onnx");
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_LE(worst_error(*graph, windows, expected->at(0).tensor.elements<float>(), 16), 1e-5);
}

}  // namespace
}  // namespace algean::partitioner::testing_onnx
