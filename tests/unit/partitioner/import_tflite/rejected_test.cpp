// What the importer does not take, and files that are broken.
#include <gmock/gmock.h>

#include "kernels/library/library.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"
#include "tests/unit/partitioner/import_tflite/tflite_fixture.hpp"

namespace algean::partitioner::testing_tflite {
namespace {

using ::testing::HasSubstr;

// The message without the file's name in front; "accepted" if there is none.
std::string refusal(const std::string& bytes) {
  const auto imported = import_tflite(std::as_bytes(std::span(bytes)), "m", kernels::library());
  if (imported) return "accepted";
  EXPECT_EQ(imported.error().kind, ErrorKind::bad_input);
  EXPECT_TRUE(imported.error().message.starts_with("m: ")) << imported.error().message;
  return imported.error().message.substr(3);
}

// x [1,2,2,4] int8 through one operator to y.
struct One {
  Builder b;
  std::int32_t x = b.int8("x", {1, 2, 2, 4});
  std::int32_t y = b.int8("y", {1, 2, 2, 4});

  std::string refused() { return refusal(b.bytes({x}, {y})); }
  // "operator 0 (NAME, which makes 'y'): " is taken off.
  std::string of_operator(const std::string& name) {
    const std::string message = refused();
    const std::string start = "operator 0 (" + name + ", which makes 'y'): ";
    EXPECT_TRUE(message.starts_with(start)) << message;
    return message.substr(std::min(start.size(), message.size()));
  }
};

TEST(TfliteRejects, AllUnsupportedOperatorsAtOnce) {
  One one;
  const auto a = one.b.int8("a", {1, 2, 2, 4}), c = one.b.int8("c", {1, 2, 2, 4}), d = one.b.int8("d", {1, 2, 2, 4});
  one.b.node(lstm, {one.x}, {a}).node(logistic, {a}, {c}).node(custom, {one.x}, {d}).node(sum, {d, c}, {one.y});
  EXPECT_EQ(one.refused(),
            "operator 0 (LSTM, which makes 'a'): is not supported; "
            "operator 2 (CUSTOM 'Own', which makes 'd'): is not supported; "
            "operator 3 (SUM, which makes 'y'): is not supported");
}

TEST(TfliteRejects, OtherKindsOfQuantisation) {
  Builder dynamic;
  const auto x = dynamic.real("x", {1, 2}), y = dynamic.real("y", {1, 1});
  const auto w = dynamic.constant<std::int8_t>("w", {1, 2}, format::TensorType_INT8, {1, 2}, {{1}, {0}});
  dynamic.node(fully_connected, {x, w}, {y}, format::CreateFullyConnectedOptions(dynamic.fbb));
  EXPECT_EQ(
      refusal(dynamic.bytes({x}, {y})),
      "operator 0 (FULLY_CONNECTED, which makes 'y'): dynamic-range quantised (float32 activations, int8 weights) "
      "is not supported; quantise the network in full, or give its float form");

  One wide;
  const auto wide_y = wide.b.tensor("wide", {1, 2, 2, 4}, format::TensorType_INT16, {{1}, {0}});
  wide.b.node(quantise, {wide.x}, {wide_y});
  EXPECT_EQ(refusal(wide.b.bytes({wide.x}, {wide_y})),
            "operator 0 (QUANTIZE, which makes 'wide'): output 'wide': int16 is not supported");

  One bare;
  const auto bare_y = bare.b.tensor("bare", {1, 2, 2, 4}, format::TensorType_INT8);
  bare.b.node(logistic, {bare.x}, {bare_y});
  EXPECT_EQ(refusal(bare.b.bytes({bare.x}, {bare_y})),
            "operator 0 (LOGISTIC, which makes 'bare'): 'bare' is int8 and must have one scale and one zero point");

  Builder uint8;
  const auto ux = uint8.uint8("x", {1, 2}), uy = uint8.uint8("y", {1, 2});
  uint8.node(logistic, {ux}, {uy});
  EXPECT_EQ(refusal(uint8.bytes({ux}, {uy})),
            "operator 0 (LOGISTIC, which makes 'y'): its uint8 form is not supported");
}

TEST(TfliteRejects, ScalesAndZeroPoints) {
  const auto with = [](float scale, std::int64_t zero) {
    Builder b;
    const auto x = b.int8("x", {1, 2}, scale, zero), y = b.int8("y", {1, 2});
    b.node(tanh_, {x}, {y});
    return refusal(b.bytes({x}, {y}));
  };
  EXPECT_EQ(with(0, 0), "input 'x': 'x': scale 0 is 0");
  EXPECT_EQ(with(-1, 0), "input 'x': 'x': scale 0 is -1");
  EXPECT_EQ(with(HUGE_VALF, 0), "input 'x': 'x': scale 0 is inf");
  EXPECT_EQ(with(1, 128), "input 'x': 'x': zero point 0 is 128");
  EXPECT_EQ(with(1, std::int64_t{1} << 40), "tensor 0: zero point 1099511627776 has more than 32 bits");
  EXPECT_EQ(with(1, -128), "accepted");
}

TEST(TfliteRejects, FloatsInTheMiddle) {
  One one;
  const auto f = one.b.real("f", {1, 2, 2, 4}), g = one.b.real("g", {1, 2, 2, 4});
  one.b.node(dequantise, {one.x}, {f}).node(tanh_, {f}, {g}).node(quantise, {g}, {one.y});
  EXPECT_EQ(one.refused(),
            "operator 0 (DEQUANTIZE, which makes 'f'): its float32 output is read by an operator; in a network of "
            "integers it must be an output");
  Builder b;
  const auto x = b.real("x", {1, 2}), q = b.int8("q", {1, 2}), r = b.int8("r", {1, 2}, 0.25F), y = b.int8("y", {1, 2});
  b.node(quantise, {x}, {q}).node(quantise, {x}, {r}).node(add, {q, r}, {y});
  EXPECT_EQ(refusal(b.bytes({x}, {y})), "input 'x': is quantised in two ways");
}

TEST(TfliteRejects, WrongOperands) {
  {
    One one;
    const auto w = one.b.constant<std::int8_t>("w", {1, 1, 1, 3}, format::TensorType_INT8, {1, 2, 3}, {{1}, {0}});
    one.b.node(conv, {one.x, w}, {one.y}, format::CreateConv2DOptions(one.b.fbb, format::Padding_SAME, 1, 1));
    EXPECT_EQ(one.of_operator("CONV_2D"), "4 channels for weights [1,1,1,3]");
  }
  {
    One one;
    one.b.node(conv, {one.x, one.x}, {one.y}, format::CreateConv2DOptions(one.b.fbb, format::Padding_SAME, 1, 1));
    EXPECT_EQ(one.of_operator("CONV_2D"), "input 1 ('x') must be a constant");
  }
  {
    One one;
    const auto w = one.b.constant<std::int8_t>("w", {4, 1, 1, 4}, format::TensorType_INT8, {1, 2, 3}, {{1}, {0}});
    one.b.node(conv, {one.x, w}, {one.y}, format::CreateConv2DOptions(one.b.fbb, format::Padding_SAME, 1, 1));
    EXPECT_EQ(one.of_operator("CONV_2D"), "constant 'w': int8[4,1,1,4] has 3 bytes, must have 16");
  }
  {
    One one;
    const auto w =
        one.b.constant<std::int8_t>("w", {1 << 20, 1 << 20, 1 << 20, 1}, format::TensorType_INT8, {1}, {{1}, {0}});
    one.b.node(conv, {one.x, w}, {one.y}, format::CreateConv2DOptions(one.b.fbb, format::Padding_SAME, 1, 1));
    EXPECT_EQ(one.of_operator("CONV_2D"),
              "constant 'w': shape [1048576,1048576,1048576,1]: more than 4294967296 elements");
  }
  {
    One one;
    const auto w = one.b.constant("w", {4, 1, 1, 4}, format::TensorType_INT8, std::vector<std::int8_t>(16, 1),
                                  {{1, 1, 1, 1}, {0, 0, 0, 0}, 3});
    one.b.node(conv, {one.x, w}, {one.y}, format::CreateConv2DOptions(one.b.fbb, format::Padding_SAME, 1, 1));
    EXPECT_EQ(one.of_operator("CONV_2D"), "weights are quantised along axis 3, must be that of the outputs");
  }
  {
    One one;
    const auto w =
        one.b.constant("w", {4, 1, 1, 4}, format::TensorType_INT8, std::vector<std::int8_t>(16, 1), {{1}, {0}});
    one.b.node(conv, {one.x, w}, {one.y}, format::CreateConv2DOptions(one.b.fbb, format::Padding_SAME, 0, 1));
    EXPECT_EQ(one.of_operator("CONV_2D"), "stride or dilation 0 must lie in 1..65536");
  }
  {
    One one;
    one.b.node(conv, {one.x}, {one.y});
    EXPECT_EQ(one.of_operator("CONV_2D"), "has no options of Conv2DOptions");
  }
  {
    One one;
    one.b.node(concatenation, {one.x, one.x}, {one.y}, format::CreateConcatenationOptions(one.b.fbb, 4));
    EXPECT_EQ(one.of_operator("CONCATENATION"), "axis 4 does not exist among 4");
  }
  {
    One one;
    const auto target = one.b.integers("target", {1, 3, -1});
    one.b.node(reshape, {one.x, target}, {one.y});
    EXPECT_EQ(one.of_operator("RESHAPE"), "[1,3,5] cannot hold 16 elements");
  }
  {
    One one;
    one.b.node(logistic, {}, {one.y});
    EXPECT_EQ(one.of_operator("LOGISTIC"), "input 0 is missing");
  }
}

TEST(TfliteRejects, MixedBatches) {
  Builder b;
  const auto x = b.int8("x", {4, 2}), y = b.int8("y", {8});
  const auto target = b.integers("target", {8});
  b.node(reshape, {x, target}, {y});
  EXPECT_EQ(refusal(b.bytes({x}, {y})), "operator 0 (RESHAPE, which makes 'y'): mixes the batch of 4 with other axes");
}

TEST(TfliteRejects, WrongWires) {
  One twice;
  twice.b.node(logistic, {twice.x}, {twice.y}).node(tanh_, {twice.x}, {twice.y});
  EXPECT_EQ(twice.refused(), "operator 1 (TANH, which makes 'y'): output 'y' is made a second time");
  One unmade;
  const auto z = unmade.b.int8("z", {1});
  unmade.b.node(logistic, {unmade.x}, {unmade.y});
  EXPECT_EQ(refusal(unmade.b.bytes({unmade.x}, {z})), "output 'z': is made by no operator");
  One outside;
  outside.b.node(logistic, {77}, {outside.y});
  EXPECT_EQ(outside.refused(), "operator 0: tensor 77 of 2 does not exist");
  One negative;
  negative.b.node(logistic, {negative.x}, {-1});
  EXPECT_EQ(negative.refused(), "operator 0: tensor -1 of 2 does not exist");
  One none;
  none.b.node(logistic, {none.x}, {});
  EXPECT_EQ(none.refused(), "operator 0: LOGISTIC has no output");
  One ports;
  EXPECT_EQ(refusal(ports.b.bytes({}, {ports.y})), "no input");
  One variable;
  variable.b.is_variable = true;
  const auto v = variable.b.int8("v", {1, 2, 2, 4});
  variable.b.node(add, {variable.x, v}, {variable.y});
  EXPECT_EQ(variable.refused(), "operator 0 (ADD, which makes 'y'): input 1 ('v'): variables are not supported");
}

TEST(TfliteRejects, FilesAsAWhole) {
  EXPECT_EQ(refusal(""), "no TensorFlow Lite file");
  EXPECT_EQ(refusal("abcdefghijkl"), "no TensorFlow Lite file");
  const std::string whole = convolutional_model();
  EXPECT_EQ(refusal(whole), "accepted");
  EXPECT_EQ(refusal(whole.substr(0, whole.size() / 2)), "not whole, or no TensorFlow Lite file");
  One version;
  version.b.version = 2;
  EXPECT_EQ(version.refused(), "format version 2, must be 3");
  One control;
  control.b.subgraphs = 2;
  EXPECT_EQ(control.refused(), "2 subgraphs, must be one (control flow is not supported)");
}

// A file of some kB whose operators copy one constant again and again.
TEST(TfliteRejects, MultipliedConstants) {
  Builder b;
  auto x = b.int8("x", {1, 1000});
  const auto first = x;
  const auto w =
      b.constant("w", {1000, 1000}, format::TensorType_INT8, std::vector<std::int8_t>(1'000'000, 1), {{0.001F}, {0}});
  for (int i = 0; i < 100; ++i) {
    const auto y = b.int8(fmt::format("y{}", i), {1, 1000});
    b.node(fully_connected, {x, w}, {y}, format::CreateFullyConnectedOptions(b.fbb));
    x = y;
  }
  EXPECT_THAT(refusal(b.bytes({first}, {x})),
              HasSubstr("constants and names are used over and over and take more than "));
}

}  // namespace
}  // namespace algean::partitioner::testing_tflite
