// What the operators of a TensorFlow Lite file become.
#pragma once

#include <partitioner/import_tflite/tflite_generated.h>

#include "partitioner/import_tflite/converter.hpp"

namespace algean::partitioner::tflite {

// Adds the operator's layers and says what its outputs are. Errors say what is not supported: "axis 3 does not exist".
Result<> convert_operator(TfliteConverter& converter, const TfliteOperator& op);

// Names of the operators that convert_operator() takes, in order of the alphabet.
std::vector<std::string> operator_names();

namespace format = tflite_format;

// The operators' families. Each function takes those that its comment names; all have this type.
using TfliteConversion = Result<> (*)(TfliteConverter& converter, const TfliteOperator& op);

// operators_window.cpp
Result<> convert_conv(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_depthwise_conv(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_transpose_conv(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_pool(TfliteConverter& converter, const TfliteOperator& op);  // AVERAGE_POOL_2D, MAX_POOL_2D
// operators_dense.cpp
Result<> convert_fully_connected(TfliteConverter& converter, const TfliteOperator& op);
// operators_arithmetic.cpp
Result<> convert_join(TfliteConverter& converter, const TfliteOperator& op);      // ADD, SUB, MUL, MAXIMUM, MINIMUM
Result<> convert_function(TfliteConverter& converter, const TfliteOperator& op);  // LOGISTIC, RELU6 ...
Result<> convert_prelu(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_softmax(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_reduce(TfliteConverter& converter, const TfliteOperator& op);  // MEAN, REDUCE_MAX, REDUCE_MIN
Result<> convert_arg_max(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_batch_matmul(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_quantise(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_dequantise(TfliteConverter& converter, const TfliteOperator& op);
// operators_shape.cpp
Result<> convert_reshape(TfliteConverter& converter, const TfliteOperator& op);  // and SQUEEZE, EXPAND_DIMS
Result<> convert_concatenation(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_pack(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_split(TfliteConverter& converter, const TfliteOperator& op);  // and SPLIT_V
Result<> convert_unpack(TfliteConverter& converter, const TfliteOperator& op);
// operators_movement.cpp
Result<> convert_pad(TfliteConverter& converter, const TfliteOperator& op);  // and PADV2, MIRROR_PAD
Result<> convert_transpose(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_tile(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_slice(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_strided_slice(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_gather(TfliteConverter& converter, const TfliteOperator& op);
Result<> convert_depth_and_space(TfliteConverter& converter, const TfliteOperator& op);  // both ways
Result<> convert_resize(TfliteConverter& converter, const TfliteOperator& op);  // RESIZE_BILINEAR, ..._NEAREST_NEIGHBOR

// The text of attribute `activation`. bad_input for one that no layer applies.
Result<std::string> activation_text(format::ActivationFunctionType activation);
// An axis counted from either end, of `rank` axes, as one counted from the start.
Result<std::int64_t> resolved_axis(std::int64_t axis, std::size_t rank);
// A value for a layer that works along `axes` of the file's tensor (resolved): as it is where the batch is none of
// them, else whole. The axes become those of the value.
Result<TfliteValue> along(TfliteConverter& converter, const TfliteOperator& op, TfliteValue value, Extents& axes);
// The only number of a constant.
Result<std::int64_t> scalar(TfliteConverter& converter, const TfliteOperator& op, std::size_t i);

// Declares `options`, those of the operator's own kind, or returns bad_input.
#define ALGEAN_TFLITE_OPTIONS(op, Type)                           \
  const auto* options = (op).format->builtin_options_as_##Type(); \
  if (options == nullptr) return bad_input("has no options of " #Type)

}  // namespace algean::partitioner::tflite
