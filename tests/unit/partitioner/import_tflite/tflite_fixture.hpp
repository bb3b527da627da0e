// Builds small TensorFlow Lite files for tests.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <partitioner/import_tflite/tflite_generated.h>

#include <cstring>
#include <string>
#include <vector>

namespace algean::partitioner::testing_tflite {

namespace format = tflite_format;

// How codes stand for real numbers; no scale: not quantised.
struct Codes {
  std::vector<float> scales = {};
  std::vector<std::int64_t> zero_points = {};
  std::int32_t axis = 0;
};

class Builder {
 public:
  Builder() { buffers_.push_back(format::CreateBuffer(fbb)); }

  // A tensor; one with data is a constant.
  std::int32_t tensor(const std::string& name, const std::vector<std::int32_t>& dims, format::TensorType type,
                      const Codes& codes = {}, const std::string& data = "") {
    std::uint32_t buffer = 0;
    if (!data.empty()) {
      buffer = static_cast<std::uint32_t>(buffers_.size());
      buffers_.push_back(
          format::CreateBuffer(fbb, fbb.CreateVector(reinterpret_cast<const std::uint8_t*>(data.data()), data.size())));
    }
    flatbuffers::Offset<format::QuantizationParameters> quantisation = 0;
    if (!codes.scales.empty()) {
      quantisation = format::CreateQuantizationParameters(fbb, fbb.CreateVector(codes.scales),
                                                          fbb.CreateVector(codes.zero_points), 0, codes.axis);
    }
    const auto extents = fbb.CreateVector(dims);
    const auto text = fbb.CreateString(name);
    tensors_.push_back(format::CreateTensor(fbb, extents, type, buffer, text, quantisation, is_variable));
    return static_cast<std::int32_t>(tensors_.size()) - 1;
  }
  std::int32_t int8(const std::string& name, const std::vector<std::int32_t>& dims, float scale = 0.5F,
                    std::int64_t zero = 0) {
    return tensor(name, dims, format::TensorType_INT8, {{scale}, {zero}});
  }
  std::int32_t uint8(const std::string& name, const std::vector<std::int32_t>& dims, float scale = 0.5F,
                     std::int64_t zero = 128) {
    return tensor(name, dims, format::TensorType_UINT8, {{scale}, {zero}});
  }
  std::int32_t real(const std::string& name, const std::vector<std::int32_t>& dims) {
    return tensor(name, dims, format::TensorType_FLOAT32);
  }
  template <class T>
  std::int32_t constant(const std::string& name, const std::vector<std::int32_t>& dims, format::TensorType type,
                        const std::vector<T>& values, const Codes& codes = {}) {
    return tensor(name, dims, type, codes,
                  std::string(reinterpret_cast<const char*>(values.data()), sizeof(T) * values.size()));
  }
  std::int32_t integers(const std::string& name, const std::vector<std::int32_t>& values) {
    return constant(name, {static_cast<std::int32_t>(values.size())}, format::TensorType_INT32, values);
  }

  Builder& node(std::int32_t code, const std::vector<std::int32_t>& inputs, const std::vector<std::int32_t>& outputs,
                format::BuiltinOptions kind = format::BuiltinOptions_NONE, flatbuffers::Offset<void> options = 0) {
    const auto small = static_cast<std::int8_t>(code < 127 ? code : 127);
    const auto custom = code == 32 ? fbb.CreateString("Own") : flatbuffers::Offset<flatbuffers::String>(0);
    codes_.push_back(format::CreateOperatorCode(fbb, small, custom, 1, code));
    const auto from = fbb.CreateVector(inputs);
    const auto to = fbb.CreateVector(outputs);
    operators_.push_back(
        format::CreateOperator(fbb, static_cast<std::uint32_t>(codes_.size() - 1), from, to, kind, options));
    return *this;
  }
  template <class Options>
  Builder& node(std::int32_t code, const std::vector<std::int32_t>& inputs, const std::vector<std::int32_t>& outputs,
                flatbuffers::Offset<Options> options) {
    return node(code, inputs, outputs, format::BuiltinOptionsTraits<Options>::enum_value, options.Union());
  }

  // The file; ends the builder.
  std::string bytes(const std::vector<std::int32_t>& inputs, const std::vector<std::int32_t>& outputs) {
    const auto from = fbb.CreateVector(inputs);
    const auto to = fbb.CreateVector(outputs);
    const auto tensors = fbb.CreateVector(tensors_);
    const auto operators = fbb.CreateVector(operators_);
    const auto graph = format::CreateSubGraph(fbb, tensors, from, to, operators);
    const std::vector<flatbuffers::Offset<format::SubGraph>> graphs(subgraphs, graph);
    const auto all = fbb.CreateVector(graphs);
    const auto codes = fbb.CreateVector(codes_);
    const auto buffers = fbb.CreateVector(buffers_);
    format::FinishModelBuffer(fbb, format::CreateModel(fbb, version, codes, all, 0, buffers));
    return {reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize()};
  }

  flatbuffers::FlatBufferBuilder fbb;
  std::uint32_t version = 3;
  std::size_t subgraphs = 1;
  bool is_variable = false;  // of tensors to come

 private:
  std::vector<flatbuffers::Offset<format::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<format::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<format::OperatorCode>> codes_;
  std::vector<flatbuffers::Offset<format::Operator>> operators_;
};

// Codes of operators.
enum : std::int32_t {
  add = 0,
  average_pool = 1,
  concatenation = 2,
  conv = 3,
  depthwise = 4,
  depth_to_space = 5,
  dequantise = 6,
  fully_connected = 9,
  logistic = 14,
  lstm = 16,
  max_pool = 17,
  mul = 18,
  relu = 19,
  relu6 = 21,
  reshape = 22,
  resize_bilinear = 23,
  softmax = 25,
  space_to_depth = 26,
  tanh_ = 28,
  custom = 32,
  pad = 34,
  gather = 36,
  transpose = 39,
  mean = 40,
  sub = 41,
  squeeze = 43,
  strided_slice = 45,
  split = 49,
  prelu = 54,
  maximum = 55,
  arg_max = 56,
  padv2 = 60,
  slice = 65,
  transpose_conv = 67,
  tile = 69,
  expand_dims = 70,
  sum = 74,
  reduce_max = 82,
  pack = 83,
  unpack = 88,
  resize_nearest = 97,
  leaky_relu = 98,
  mirror_pad = 100,
  split_v = 102,
  quantise = 114,
  hard_swish = 117,
  batch_matmul = 126
};

// float32 -> int8: conv, depthwise, pool, flat, fully connected, softmax -> float32.
inline std::string convolutional_model() {
  Builder b;
  const auto x = b.real("x", {1, 6, 6, 2});
  const auto q = b.int8("q", {1, 6, 6, 2}, 0.05F, 3);
  const auto w1 = b.constant("w1", {4, 3, 3, 2}, format::TensorType_INT8, std::vector<std::int8_t>(72, 3),
                             {{0.1F, 0.2F, 0.3F, 0.4F}, {0, 0, 0, 0}, 0});
  const auto b1 = b.constant<std::int32_t>("b1", {4}, format::TensorType_INT32, {1, -2, 300, -400});
  const auto y1 = b.int8("y1", {1, 3, 3, 4}, 0.3F, -128);
  const auto w2 = b.constant("w2", {1, 3, 3, 4}, format::TensorType_INT8, std::vector<std::int8_t>(36, -2),
                             {{0.1F, 0.2F, 0.3F, 0.4F}, {0, 0, 0, 0}, 3});
  const auto y2 = b.int8("y2", {1, 3, 3, 4}, 0.4F, 5);
  const auto y3 = b.int8("y3", {1, 1, 1, 4}, 0.4F, 5);
  const auto target = b.integers("target", {1, -1});
  const auto y4 = b.int8("y4", {1, 4}, 0.4F, 5);
  const auto w5 = b.constant<std::int8_t>("w5", {3, 4}, format::TensorType_INT8,
                                          {1, 2, 3, 4, -5, 6, -7, 8, 9, 10, 11, 12}, {{0.02F}, {0}});
  const auto y5 = b.int8("y5", {1, 3}, 0.1F, 1);
  const auto y6 = b.int8("y6", {1, 3}, 1.0F / 256, -128);
  const auto y = b.real("y", {1, 3});
  b.node(quantise, {x}, {q});
  b.node(conv, {q, w1, b1}, {y1},
         format::CreateConv2DOptions(b.fbb, format::Padding_SAME, 2, 2, format::ActivationFunctionType_RELU));
  b.node(depthwise, {y1, w2}, {y2}, format::CreateDepthwiseConv2DOptions(b.fbb, format::Padding_SAME, 1, 1, 1));
  b.node(average_pool, {y2}, {y3}, format::CreatePool2DOptions(b.fbb, format::Padding_VALID, 1, 1, 3, 3));
  b.node(reshape, {y3, target}, {y4});
  b.node(fully_connected, {y4, w5, -1}, {y5}, format::CreateFullyConnectedOptions(b.fbb));
  b.node(softmax, {y5}, {y6}, format::CreateSoftmaxOptions(b.fbb, 1));
  b.node(dequantise, {y6}, {y});
  return b.bytes({x}, {y});
}

// uint8: pad, slice, split, pack, concatenation, add, mul, transpose, gather, unpack.
inline std::string unsigned_model() {
  Builder b;
  const auto x = b.uint8("x", {1, 3, 4});
  const auto pads = b.constant<std::int32_t>("pads", {3, 2}, format::TensorType_INT32, {0, 0, 1, 0, 0, 2});
  const auto y1 = b.uint8("y1", {1, 4, 6});
  const auto begin = b.integers("begin", {0, -1, 1});
  const auto end = b.integers("end", {0, 0, 6});
  const auto strides = b.integers("strides", {1, -1, 2});
  const auto y2 = b.uint8("y2", {1, 4, 3});
  const auto axis = b.integers("axis", {1});
  const auto y3 = b.uint8("y3", {1, 2, 3}), y4 = b.uint8("y4", {1, 2, 3});
  const auto y5 = b.uint8("y5", {1, 2, 2, 3});
  const auto y6 = b.uint8("y6", {1, 2, 3}), y7 = b.uint8("y7", {1, 2, 3});
  const auto y8 = b.uint8("y8", {1, 2, 3}, 0.7F, 100), y9 = b.uint8("y9", {1, 2, 3}, 0.7F, 100);
  const auto y10 = b.uint8("y10", {1, 4, 3}, 0.6F, 110);
  const auto permutation = b.integers("permutation", {0, 2, 1});
  const auto y11 = b.uint8("y11", {1, 3, 4}, 0.6F, 110);
  const auto indices = b.integers("indices", {2, 0, 2});
  const auto y12 = b.uint8("y12", {1, 3, 4}, 0.6F, 110);
  b.node(pad, {x, pads}, {y1});
  b.node(strided_slice, {y1, begin, end, strides}, {y2}, format::CreateStridedSliceOptions(b.fbb, 0, 3));
  b.node(split, {axis, y2}, {y3, y4});
  b.node(pack, {y3, y4}, {y5}, format::CreatePackOptions(b.fbb, 2, 1));
  b.node(unpack, {y5}, {y6, y7}, format::CreateUnpackOptions(b.fbb, 2, 1));
  b.node(add, {y6, y7}, {y8}, format::CreateAddOptions(b.fbb, format::ActivationFunctionType_RELU));
  b.node(mul, {y6, y7}, {y9});
  b.node(concatenation, {y8, y9}, {y10}, format::CreateConcatenationOptions(b.fbb, 1));
  b.node(transpose, {y10, permutation}, {y11});
  b.node(gather, {y11, indices}, {y12}, format::CreateGatherOptions(b.fbb, 1));
  return b.bytes({x}, {y12, y7});
}

// int8: most of the other operators, on one branch each.
inline std::string branching_model() {
  Builder b;
  const auto x = b.int8("x", {1, 4, 4, 4});
  std::vector<std::int32_t> outputs;
  const auto out = [&](const std::string& name, const std::vector<std::int32_t>& dims) {
    outputs.push_back(b.int8(name, dims));
    return outputs.back();
  };
  const auto size = b.integers("size", {5, 7});
  b.node(resize_bilinear, {x, size}, {out("bilinear", {1, 5, 7, 4})},
         format::CreateResizeBilinearOptions(b.fbb, false, true));
  b.node(resize_nearest, {x, size}, {out("nearest", {1, 5, 7, 4})},
         format::CreateResizeNearestNeighborOptions(b.fbb, true, false));
  b.node(depth_to_space, {x}, {out("d2s", {1, 8, 8, 1})}, format::CreateDepthToSpaceOptions(b.fbb, 2));
  b.node(space_to_depth, {x}, {out("s2d", {1, 2, 2, 16})}, format::CreateSpaceToDepthOptions(b.fbb, 2));
  const auto axes = b.integers("axes", {1, -2});
  b.node(mean, {x, axes}, {out("mean", {1, 4})}, format::CreateReducerOptions(b.fbb, false));
  b.node(reduce_max, {x, axes}, {out("max", {1, 1, 1, 4})}, format::CreateReducerOptions(b.fbb, true));
  const auto slope = b.constant<std::int8_t>("slope", {1, 1, 4}, format::TensorType_INT8, {1, 2, 3, 4}, {{0.1F}, {0}});
  b.node(prelu, {x, slope}, {out("prelu", {1, 4, 4, 4})});
  b.node(leaky_relu, {x}, {out("leaky", {1, 4, 4, 4})}, format::CreateLeakyReluOptions(b.fbb, 0.2F));
  b.node(hard_swish, {x}, {out("swish", {1, 4, 4, 4})});
  b.node(batch_matmul, {x, x}, {out("matmul", {1, 4, 4, 4})}, format::CreateBatchMatMulOptions(b.fbb, false, true));
  const auto pads = b.constant<std::int32_t>("pads", {4, 2}, format::TensorType_INT32, {0, 0, 1, 2, 3, 0, 0, 0});
  b.node(mirror_pad, {x, pads}, {out("mirror", {1, 7, 7, 4})}, format::CreateMirrorPadOptions(b.fbb));
  const auto extents = b.integers("extents", {1, 8, 8, 3});
  const auto w =
      b.constant("w", {3, 3, 3, 4}, format::TensorType_INT8, std::vector<std::int8_t>(108, 1), {{0.1F}, {0}});
  b.node(transpose_conv, {extents, w, x}, {out("deconv", {1, 8, 8, 3})},
         format::CreateTransposeConvOptions(b.fbb, format::Padding_SAME, 2, 2));
  const auto last = b.constant<std::int32_t>("last", {}, format::TensorType_INT32, {-1});
  const auto largest = b.tensor("largest", {1, 4, 4}, format::TensorType_INT32);
  b.node(arg_max, {x, last}, {largest}, format::CreateArgMaxOptions(b.fbb, format::TensorType_INT32));
  outputs.push_back(largest);
  const auto sizes = b.integers("sizes", {1, -1});
  b.node(split_v, {x, sizes, last}, {out("front", {1, 4, 4, 1}), out("back", {1, 4, 4, 3})});
  const auto repeats = b.integers("repeats", {1, 2, 1, 3});
  b.node(tile, {x, repeats}, {out("tiled", {1, 8, 4, 12})});
  return b.bytes({x}, outputs);
}

}  // namespace algean::partitioner::testing_tflite
