#include "partitioner/import_tflite/operators.hpp"

#include <algorithm>
#include <array>

namespace algean::partitioner::tflite {
namespace {

struct Supported {
  std::int32_t code;
  TfliteConversion convert;
  bool unsigned_too;  // its uint8 form is that of int8 with shifted codes, or handled
};

constexpr std::array<Supported, 47> supported{{
    {0, convert_join, true},              // ADD
    {1, convert_pool, true},              // AVERAGE_POOL_2D
    {2, convert_concatenation, true},     // CONCATENATION
    {3, convert_conv, true},              // CONV_2D
    {4, convert_depthwise_conv, true},    // DEPTHWISE_CONV_2D
    {5, convert_depth_and_space, true},   // DEPTH_TO_SPACE
    {6, convert_dequantise, true},        // DEQUANTIZE
    {9, convert_fully_connected, true},   // FULLY_CONNECTED
    {14, convert_function, false},        // LOGISTIC
    {17, convert_pool, true},             // MAX_POOL_2D
    {18, convert_join, true},             // MUL
    {19, convert_function, true},         // RELU
    {20, convert_function, true},         // RELU_N1_TO_1
    {21, convert_function, true},         // RELU6
    {22, convert_reshape, true},          // RESHAPE
    {23, convert_resize, false},          // RESIZE_BILINEAR
    {25, convert_softmax, true},          // SOFTMAX
    {26, convert_depth_and_space, true},  // SPACE_TO_DEPTH
    {28, convert_function, false},        // TANH
    {34, convert_pad, true},              // PAD
    {36, convert_gather, true},           // GATHER
    {39, convert_transpose, true},        // TRANSPOSE
    {40, convert_reduce, false},          // MEAN
    {41, convert_join, false},            // SUB
    {43, convert_reshape, true},          // SQUEEZE
    {45, convert_strided_slice, true},    // STRIDED_SLICE
    {49, convert_split, true},            // SPLIT
    {54, convert_prelu, false},           // PRELU
    {55, convert_join, true},             // MAXIMUM
    {56, convert_arg_max, true},          // ARG_MAX
    {57, convert_join, true},             // MINIMUM
    {60, convert_pad, true},              // PADV2
    {65, convert_slice, true},            // SLICE
    {67, convert_transpose_conv, false},  // TRANSPOSE_CONV
    {69, convert_tile, true},             // TILE
    {70, convert_reshape, true},          // EXPAND_DIMS
    {82, convert_reduce, true},           // REDUCE_MAX
    {83, convert_pack, true},             // PACK
    {88, convert_unpack, true},           // UNPACK
    {89, convert_reduce, true},           // REDUCE_MIN
    {97, convert_resize, true},           // RESIZE_NEAREST_NEIGHBOR
    {98, convert_function, false},        // LEAKY_RELU
    {100, convert_pad, true},             // MIRROR_PAD
    {102, convert_split, true},           // SPLIT_V
    {114, convert_quantise, true},        // QUANTIZE
    {117, convert_function, false},       // HARD_SWISH
    {126, convert_batch_matmul, false},   // BATCH_MATMUL
}};

const Supported* find(std::int32_t code) {
  const auto* found = std::ranges::find(supported, code, &Supported::code);
  return found == supported.end() ? nullptr : found;
}

}  // namespace

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const Supported& one : supported) names.push_back(tflite_operator_name(one.code));
  std::ranges::sort(names);
  return names;
}

Result<> convert_operator(TfliteConverter& converter, const TfliteOperator& op) {
  const Supported* found = find(op.code);
  if (found == nullptr) return bad_input("is not supported");
  ALGEAN_TRY(converter.check_outputs(op));
  if (!found->unsigned_too && converter.output(op).type == TfliteType::uint8) {
    return bad_input("its uint8 form is not supported");
  }
  return found->convert(converter, op);
}

Result<std::string> activation_text(format::ActivationFunctionType activation) {
  switch (activation) {
    case format::ActivationFunctionType_NONE:
      return std::string("linear");
    case format::ActivationFunctionType_RELU:
      return std::string("relu");
    case format::ActivationFunctionType_RELU_N1_TO_1:
      return std::string("relu_n1_to_1");
    case format::ActivationFunctionType_RELU6:
      return std::string("relu6");
    default:
      return bad_input("its fused activation {} is not supported", int{activation});
  }
}

Result<std::int64_t> resolved_axis(std::int64_t axis, std::size_t rank) {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis >= -count && axis < count) return axis < 0 ? axis + count : axis;
  return bad_input("axis {} does not exist among {}", axis, rank);
}

Result<TfliteValue> along(TfliteConverter& converter, const TfliteOperator& op, TfliteValue value, Extents& axes) {
  if (!value.batched) return value;
  if (std::ranges::find(axes, 0) != axes.end()) return converter.whole(op, value);
  for (std::int64_t& axis : axes) --axis;
  return value;
}

Result<std::int64_t> scalar(TfliteConverter& converter, const TfliteOperator& op, std::size_t i) {
  ALGEAN_ASSIGN(const Extents numbers, converter.integers(op, i));
  if (numbers.size() == 1) return numbers[0];
  return bad_input("input {} has {} numbers, must have one", i, numbers.size());
}

}  // namespace algean::partitioner::tflite

std::vector<std::string> algean::partitioner::tflite_operators() { return tflite::operator_names(); }
