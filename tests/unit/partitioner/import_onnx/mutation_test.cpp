// Hostile files: changed and cut bytes must give a graph or a named error, never a crash or a hang.
#include <gmock/gmock.h>

#include "runtime/base/random.hpp"
#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner::testing_onnx {
namespace {

using testing::HasSubstr;

// Every operator that we import, and every way to store a constant but the external one.
std::string whole_model() {
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

TEST(OnnxMutations, TenThousand) {
  const Folder folder;
  const std::string whole = whole_model();
  const auto first = import_file(folder.write("m.onnx", whole));
  ASSERT_TRUE(first) << first.error().message;
  constexpr int count = 10'000;
  int imported = 0;
  int crashed = 0;
  Random random(20);
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
