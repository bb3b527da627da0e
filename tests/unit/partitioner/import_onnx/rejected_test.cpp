// The rejected twins: what is wrong with a model, and what the message says.
#include <gmock/gmock.h>

#include <limits>

#include "tests/unit/partitioner/import_onnx/onnx_fixture.hpp"

namespace algean::partitioner::testing_onnx {
namespace {

using testing::HasSubstr;

// The message of importing these bytes as m.onnx, without the folder's path.
std::string message(std::string_view bytes) {
  const Folder folder;
  const auto graph = import_file(folder.write("m.onnx", bytes));
  if (graph) return "imported";
  EXPECT_EQ(graph.error().kind, ErrorKind::bad_input);
  const std::string path = (folder / "").string();
  std::string text = graph.error().message;
  for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;) text.erase(at, path.size());
  return text;
}

std::string message(const Builder& builder) { return message(builder.bytes()); }

// x [N,2] -> MatMul with w [2,2] -> y.
Builder net(std::int64_t opset = 13) {
  Builder builder(opset);
  builder.input("x", {"N", 2})
      .output("y")
      .floats("w", {2, 2}, {1, 2, 3, 4})
      .node("MatMul", {"x", "w"}, {"y"}, {}, "fc");
  return builder;
}

TEST(RejectedOnnx, TheTwinIsImported) { EXPECT_EQ(message(net()), "imported"); }

TEST(RejectedOnnx, NoModel) {
  EXPECT_EQ(message(""), "m.onnx: not an ONNX model: it has no graph");
  EXPECT_EQ(message("this is text"),
            "m.onnx: not an ONNX model: its protobuf cannot be parsed, it is cut off or damaged");
  const std::string whole = net().bytes();
  EXPECT_EQ(message(whole.substr(0, whole.size() / 2)),
            "m.onnx: not an ONNX model: its protobuf cannot be parsed, it is cut off or damaged");
  EXPECT_THAT(import_file("/nowhere/m.onnx").error().message, HasSubstr("/nowhere/m.onnx: cannot read: No such file"));
}

TEST(RejectedOnnx, OperatorSets) {
  EXPECT_EQ(message(net(6)), "m.onnx: operator set 6 not supported (7 to 21 are)");
  EXPECT_EQ(message(net(22)), "m.onnx: operator set 22 not supported (7 to 21 are)");
  Builder builder = net();
  builder.model.clear_opset_import();
  EXPECT_EQ(message(builder), "m.onnx: no version of ONNX's operator set is given");
}

TEST(RejectedOnnx, UnsupportedOperatorsAllInOneRun) {
  Builder builder;
  builder.input("x", {"N", 2}).output("y").floats("w", {2, 2}, {1, 2, 3, 4}).floats("k", {2, 1}, {1, 2});
  builder.floats("k1", {1}, {1})
      .node("Conv", {"x", "k1"}, {"a"}, {}, "conv1")
      .node("Gemm", {"a", "w"}, {"b"}, {{"transA", std::int64_t{1}}}, "fc");
  builder.node("Einsum", {"x"}, {"c"}).node("Add", {"x", "k"}, {"d"}, {}, "shift").node("Quant", {"d"}, {"y"}, {}, "q");
  builder.model.mutable_graph()->mutable_node(4)->set_domain("qonnx");
  EXPECT_EQ(
      message(builder),
      "m.onnx: conv1 (Conv): weight 'k1' of shape [1] not supported (one or two spatial axes are); fc (Gemm): transA "
      "is 1, which is not supported (0 is); c (Einsum): operator not supported; shift (Add): 'k' of shape [2,1] "
      "has an extent for the batch, or more axes than the other operand; q (qonnx.Quant): operator not supported");
}

TEST(RejectedOnnx, Attributes) {
  const auto with = [](const std::string& operation, const std::pair<std::string, Attribute>& attribute,
                       const std::vector<Extent>& input = {"N", 2, 2}) {
    Builder builder;
    builder.input("x", input).output("y").floats("c", {2}, {1, 1}).floats("w", {2, 2}, {1, 2, 3, 4});
    const bool normalises = operation == "BatchNormalization";
    builder.node(operation,
                 normalises            ? std::vector<std::string>{"x", "c", "c", "c", "c"}
                 : operation == "Gemm" ? std::vector<std::string>{"x", "w"}
                                       : std::vector<std::string>{"x"},
                 {"y"}, {attribute}, "n");
    return message(builder);
  };
  EXPECT_EQ(with("BatchNormalization", {"training_mode", std::int64_t{1}}),
            "m.onnx: n (BatchNormalization): training_mode is 1, which is not supported (0 is)");
  EXPECT_EQ(with("BatchNormalization", {"epsilon", std::int64_t{1}}),
            "m.onnx: n (BatchNormalization): attribute 'epsilon' must be a float");
  EXPECT_EQ(with("Softmax", {"axis", std::int64_t{3}}), "m.onnx: n (Softmax): axis 3 of 3 axes");
  EXPECT_EQ(with("Softmax", {"axis", std::int64_t{0}}),
            "m.onnx: n (Softmax): axis 0 is the batch, which is not supported");
  EXPECT_EQ(with("Flatten", {"axis", std::int64_t{2}}),
            "m.onnx: n (Flatten): axis 2 would mix the batch with other axes, which is not supported");
  EXPECT_EQ(with("Gemm", {"unheard_of", 1.0F}, {"N", 2}), "m.onnx: n (Gemm): attribute 'unheard_of' not supported");
  EXPECT_EQ(with("Gemm", {"alpha", 1.0F}), "m.onnx: n (Gemm): input of shape [2,2] (without batch), one axis expected");
  EXPECT_EQ(with("Transpose", {"perm", std::vector<std::int64_t>{1, 0, 2}}),
            "m.onnx: n (Transpose): perm [1,0,2] moves the batch, which is not supported");
}

TEST(RejectedOnnx, Weights) {
  Builder wrong;
  wrong.input("x", {"N", 2})
      .output("y")
      .floats("fc.w", {3, 2}, {1, 2, 3, 4, 5, 6})
      .node("MatMul", {"x", "fc.w"}, {"y"}, {}, "fc");
  EXPECT_EQ(message(wrong),
            "m.onnx: fc (MatMul): weight 'fc.w' of shape [3,2] does not fit the input's shape [2] (without batch)");
  for (const auto& [value, word] : {std::pair(std::numeric_limits<float>::quiet_NaN(), "NaN"),
                                    std::pair(std::numeric_limits<float>::infinity(), "infinite")}) {
    Builder builder = net();
    builder.last().set_float_data(2, value);
    EXPECT_EQ(message(builder), fmt::format("m.onnx: fc (MatMul): 'w'[1,0] is {}", word));
  }
  Builder bias = net();
  bias.model.mutable_graph()->mutable_node(0)->set_output(0, "m");
  bias.floats("b", {2, 1}, {1, 2}).node("Add", {"m", "b"}, {"y"}, {}, "bias");
  EXPECT_EQ(message(bias),
            "m.onnx: bias (Add): 'b' of shape [2,1] has an extent for the batch, or more axes than the other operand");
  Builder integers = net();
  integers.last().set_data_type(onnx::TensorProto::INT64);
  integers.last().clear_float_data();
  for (int i = 0; i < 4; ++i) integers.last().add_int64_data(i);
  EXPECT_EQ(message(integers), "m.onnx: fc (MatMul): tensor 'w' is of type int64, a float type expected");
  Builder computed;
  computed.input("x", {"N", 2}).input("w", {2, 2}).output("y").node("MatMul", {"x", "w"}, {"y"}, {}, "fc");
  EXPECT_EQ(
      message(computed),
      "m.onnx: fc (MatMul): factors of shapes [2] and [2] (without batch): as many axes, two or more, are supported");
}

TEST(RejectedOnnx, TensorsOfAnotherSize) {
  Builder few = net();
  few.last().mutable_float_data()->RemoveLast();
  EXPECT_EQ(message(few), "m.onnx: tensor 'w' has 3 elements, 4 expected");
  Builder raw = net();
  raw.last().set_raw_data("1234567");
  EXPECT_EQ(message(raw), "m.onnx: tensor 'w' has 7 bytes of data, 16 expected");
  Builder negative = net();
  negative.last().set_dims(0, -2);
  EXPECT_EQ(message(negative), "m.onnx: tensor 'w' has extent -2");
  Builder large = net();
  large.last().set_dims(0, std::int64_t{1} << 62);
  EXPECT_EQ(message(large), "m.onnx: tensor 'w' has more than 536870912 elements");
}

TEST(RejectedOnnx, Wiring) {
  Builder early = net();
  early.node("Relu", {"later"}, {"z"}, {}, "r").node("Relu", {"x"}, {"later"});
  EXPECT_EQ(message(early), "m.onnx: r (Relu) uses 'later', which nothing before it produces");
  Builder twice = net();
  twice.node("Relu", {"x"}, {"y"});
  EXPECT_EQ(message(twice), "m.onnx: 'y' is produced twice");
  Builder nowhere = net();
  nowhere.output("z");
  EXPECT_EQ(message(nowhere), "m.onnx: output 'z' is produced by no node");
  Builder none = net();
  none.model.mutable_graph()->clear_output();
  EXPECT_EQ(message(none), "m.onnx: the graph has no outputs");
  Builder missing = net();
  missing.node("Relu", {""}, {"z"}, {}, "r");
  EXPECT_EQ(message(missing), "m.onnx: r (Relu): input 0 is missing");
  Builder mask = net();
  mask.node("Dropout", {"x"}, {"d", "mask"}, {}, "drop").node("Relu", {"mask"}, {"z"}, {}, "r");
  EXPECT_EQ(message(mask), "m.onnx: r (Relu): 'mask' is output 1 of drop (Dropout), which is not supported");
  Builder constant = net();
  constant.output("w");
  EXPECT_EQ(message(constant), "m.onnx: output 'w': a constant, which is not supported");
}

TEST(RejectedOnnx, Inputs) {
  const auto with = [](const std::vector<Extent>& extents, int type = onnx::TensorProto::FLOAT) {
    Builder builder;
    builder.input("x", extents, type).output("y").node("Relu", {"x"}, {"y"});
    return message(builder);
  };
  EXPECT_EQ(with({"N", "M"}), "m.onnx: input 'x': axis 1 has no fixed extent, which is not supported");
  EXPECT_EQ(with({}), "m.onnx: input 'x': no shape with a batch axis");
  EXPECT_EQ(with({"N", 2}, onnx::TensorProto::INT64),
            "m.onnx: input 'x': type int64 not supported (float, int8, uint8 are)");
}

TEST(RejectedOnnx, ExternalData) {
  const Folder folder;
  folder.write("secret.bin", std::string(64, 'x'));
  const auto with = [&](const std::string& location, const std::string& offset = "0") {
    Builder builder = net();
    builder.last().clear_float_data();
    builder.last().set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : {std::pair("location", location), std::pair("offset", offset)}) {
      auto* entry = builder.last().add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    std::filesystem::create_directories(folder / "model");
    const auto graph = import_file(folder.write("model/m.onnx", builder.bytes()));
    return graph ? "imported" : graph.error().message;
  };
  EXPECT_THAT(with("../secret.bin"),
              HasSubstr("m.onnx: tensor 'w': external data '../secret.bin' must lie in the model's folder"));
  EXPECT_THAT(with((folder / "secret.bin").string()), HasSubstr("must lie in the model's folder"));
  EXPECT_THAT(with(""), HasSubstr("must lie in the model's folder"));
  std::filesystem::create_symlink(folder / "secret.bin", folder / "model/link.bin");
  EXPECT_THAT(with("link.bin"), HasSubstr("external data 'link.bin' must lie in the model's folder"));
  EXPECT_THAT(with("gone.bin"), HasSubstr("external data 'gone.bin': No such file or directory"));
  folder.write("model/short.bin", "12345678");
  EXPECT_THAT(with("short.bin"), HasSubstr("external data 'short.bin' has 8 bytes, 16 from 0 on are wanted"));
  EXPECT_THAT(with("short.bin", "9999999999999999999999"),
              HasSubstr("offset of its external data is '9999999999999999999999'"));
}

TEST(RejectedOnnx, TooManyNodes) {
  const auto with = [](std::size_t count) {
    Builder builder;
    builder.input("v0", {"N", 2}).output(fmt::format("v{}", count));
    for (std::size_t i = 0; i < count; ++i) builder.node("Relu", {fmt::format("v{}", i)}, {fmt::format("v{}", i + 1)});
    return message(builder);
  };
  EXPECT_EQ(with(max_onnx_nodes), "imported");
  EXPECT_EQ(with(max_onnx_nodes + 1), "m.onnx: 10001 nodes, at most 10000 are accepted");
}

// MatMul would give its result the weight's further axes.
TEST(RejectedOnnx, WeightsOfMoreAxesThanTheInput) {
  const auto with = [](const std::vector<Extent>& input, const std::vector<std::int64_t>& weight) {
    Builder builder;
    builder.input("x", input).output("y");
    builder.floats("w", weight, {1, 2, 3, 4, 5, 6, 7, 8}).node("MatMul", {"x", "w"}, {"y"}, {}, "fc");
    return message(builder);
  };
  EXPECT_EQ(with({"N", 2}, {2, 4}), "imported");
  EXPECT_EQ(with({"N", 3, 2}, {1, 2, 4}), "imported");
  EXPECT_EQ(with({"N", 2}, {1, 2, 4}),
            "m.onnx: fc (MatMul): weight 'w' of shape [1,2,4] has more axes than the input of shape [2] (without "
            "batch) with its batch");
  EXPECT_EQ(with({"N", 3, 2}, {1, 1, 2, 4}),
            "m.onnx: fc (MatMul): weight 'w' of shape [1,1,2,4] has more axes than the input of shape [3,2] (without "
            "batch) with its batch");
  EXPECT_EQ(with({"N", 3, 2}, {2, 2, 2}),
            "m.onnx: fc (MatMul): weight 'w' of shape [2,2,2] not supported (two axes are)");
}

}  // namespace
}  // namespace algean::partitioner::testing_onnx
