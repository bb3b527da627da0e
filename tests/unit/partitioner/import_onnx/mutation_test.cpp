// Hostile files: changed and cut bytes must give a graph or a named error, never a crash or a hang.
#include <gmock/gmock.h>

#include "runtime/base/random.hpp"
#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner::testing_onnx {
namespace {

using testing::HasSubstr;

// A dense network, with every way to store a constant but the external one.
std::string dense_model() {
  Builder builder;
  builder.input("x", {"N", 2, 2})
      .output("y")
      .output("z")
      .integers("shape", {0, -1})
      .floats("w", {4, 3}, std::vector<float>(12, 0.5F));
  builder.floats("b", {3}, {1, 2, 3}).floats("one", {3}, {1, 1, 1}).floats("raw", {2, 3}, {});
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  builder.last().set_raw_data(values.data(), 24);
  builder.node("Reshape", {"x", "shape"}, {"r"}).node("Flatten", {"r"}, {"f"}, {{"axis", std::int64_t{1}}});
  builder.node("MatMul", {"f", "w"}, {"m"}, {}, "fc1").node("Add", {"m", "b"}, {"a"});
  builder.node("BatchNormalization", {"a", "one", "b", "one", "one"}, {"n"}, {{"epsilon", 0.001F}});
  builder.node("LeakyRelu", {"n"}, {"l"}, {{"alpha", 0.5F}})
      .node("Dropout", {"l"}, {"d"})
      .node("Identity", {"d"}, {"i"});
  builder.node("Transpose", {"raw"}, {"t"}, {{"perm", std::vector<std::int64_t>{1, 0}}});
  builder.node("Gemm", {"i", "t"}, {"g"}, {{"alpha", 2.0F}}, "fc2")
      .node("Constant", {}, {"c"}, {{"value_ints", std::vector<std::int64_t>{2}}});
  builder.node("Unsqueeze", {"g", "c"}, {"u"})
      .node("Squeeze", {"u", "c"}, {"s"})
      .node("Softmax", {"s"}, {"y"})
      .node("Tanh", {"s"}, {"z"});
  return builder.bytes();
}

// A convolutional network, quantised, with shapes that are computed in the graph.
std::string convolutional_model() {
  using onnx::TensorProto;
  using Ints = std::vector<std::int64_t>;
  Builder builder;
  builder.input("x", {"N", 2, 4, 4}).output("y").floats("s", {}, {0.5F}).floats("sw", {4}, {1, 2, 1, 2});
  builder.codes("z", TensorProto::UINT8, {}, {128}).codes("zw", TensorProto::INT8, {4}, {0, 0, 0, 0});
  builder.codes("w", TensorProto::INT8, {4, 1, 3, 3}, std::vector<std::int32_t>(36, 1)).integers("first", {0});
  builder.floats("scales", {4}, {1, 1, 2, 2}).integers("rest", {-1}).floats("k", {4, 1, 1}, {1, 2, 3, 4});
  builder.node("QuantizeLinear", {"x", "s", "z"}, {"xq"}).node("DequantizeLinear", {"xq", "s", "z"}, {"xr"});
  builder.node("DequantizeLinear", {"w", "sw", "zw"}, {"wr"}, {{"axis", std::int64_t{0}}});
  builder.node("Conv", {"xr", "wr"}, {"c"}, {{"group", std::int64_t{2}}, {"pads", Ints{1, 1, 1, 1}}}, "conv");
  builder.node("MaxPool", {"c"}, {"p"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  builder.node("Resize", {"p", "", "scales"}, {"u"}, {{"mode", std::string("linear")}});
  builder.node("Concat", {"u", "c"}, {"j"}, {{"axis", std::int64_t{1}}})
      .node("Split", {"j"}, {"l", "r"}, {{"axis", std::int64_t{1}}});
  builder.node("Mul", {"l", "k"}, {"m"})
      .node("Clip", {"m"}, {"h"})
      .node("ReduceMean", {"h"}, {"g"}, {{"axes", Ints{2, 3}}});
  builder.node("Shape", {"g"}, {"e"}).node("Gather", {"e", "first"}, {"n"});
  builder.node("Concat", {"n", "rest"}, {"t"}, {{"axis", std::int64_t{0}}}).node("Reshape", {"g", "t"}, {"y"});
  return builder.bytes();
}

// Imports 5000 changed or cut copies.
void mutate(const std::string& whole, std::uint64_t seed) {
  const Folder folder;
  const auto first = import_file(folder.write("m.onnx", whole));
  ASSERT_TRUE(first) << first.error().message;
  constexpr int count = 5000;
  int imported = 0;
  int crashed = 0;
  Random random(seed);
  for (int i = 0; i < count; ++i) {
    std::string bytes = whole;
    if (i % 10 == 9) {
      bytes.resize(random.below(bytes.size()));
    } else {
      for (std::int64_t change = random.between(1, 4); change > 0; --change)
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    const auto graph = import_file(folder.write("m.onnx", bytes));
    if (graph) {
      ++imported;
      continue;
    }
    ASSERT_THAT(graph.error().message, HasSubstr("m.onnx: ")) << "mutation " << i;
    ASSERT_EQ(graph.error().kind, ErrorKind::bad_input) << "mutation " << i << ": " << graph.error().message;
    if (graph.error().message.find("crashed on this file") != std::string::npos) ++crashed;
  }
  std::printf("%d files: %d imported, %d refused, of those %d by a crash of the child\n", count, imported,
              count - imported, crashed);
  EXPECT_GT(imported, 0);
  EXPECT_LT(imported, count);
}

TEST(OnnxMutations, OfADenseNetwork) { mutate(dense_model(), 20); }
TEST(OnnxMutations, OfAConvolutionalNetwork) { mutate(convolutional_model(), 21); }

// A file of some kB whose nodes copy one constant again and again.
TEST(OnnxMutations, MultiplyingConstants) {
  Builder builder;
  builder.input("x", {"N", 1000}).output("y").floats("w0", {1000, 1000}, std::vector<float>(1'000'000, 1));
  for (int i = 0; i < 200; ++i) builder.node("Transpose", {fmt::format("w{}", i)}, {fmt::format("w{}", i + 1)});
  builder.node("MatMul", {"x", "w200"}, {"y"});
  EXPECT_THAT(import(builder).error().message, HasSubstr("constants are used over and over and take more than "));
}

}  // namespace
}  // namespace algean::partitioner::testing_onnx
