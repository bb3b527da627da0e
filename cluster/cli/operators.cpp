#include "cluster/cli/operators.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "cluster/cli/table.hpp"
#include "partitioner/import_keras/import_keras.hpp"
#include "partitioner/import_onnx/import_onnx.hpp"
#include "partitioner/import_tflite/import_tflite.hpp"

namespace algean::cluster {
namespace {

// Operators of all formats that do the same kind of work. An operator of an importer that no group names goes to the
// last one.
struct Group {
  std::string_view what;
  std::string_view names;  // with blanks between and around
  std::string_view notes;
};

constexpr std::array<Group, 11> groups{{
    {"dense, matrix product",
     " Dense Dot Matmul Gemm MatMul QGemm QLinearMatMul MatMulInteger FULLY_CONNECTED BATCH_MATMUL ",
     "constant weights, or two activations"},
    {"convolution",
     " Conv1D Conv2D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D Conv QLinearConv ConvInteger "
     "CONV_2D "
     "DEPTHWISE_CONV_2D ",
     "1D and 2D: strides, padding, dilation, groups"},
    {"transposed convolution", " Conv1DTranspose Conv2DTranspose ConvTranspose TRANSPOSE_CONV ", "1D and 2D"},
    {"pooling",
     " AveragePooling1D AveragePooling2D GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D "
     "GlobalMaxPooling2D MaxPooling1D MaxPooling2D AveragePool GlobalAveragePool GlobalMaxPool MaxPool "
     "QLinearAveragePool QLinearGlobalAveragePool AVERAGE_POOL_2D MAX_POOL_2D ",
     "1D and 2D"},
    {"normalisation", " BatchNormalization BatchNormalizationV1 Normalization Rescaling Scaler ",
     "folded into weights beside it where that is exact, else kept"},
    {"joins",
     " Add Subtract Multiply Average Maximum Minimum Concatenate Divide TrueDivide AddV2 Sub Mul Div Max Min Mean Sum "
     "Concat Split "
     "QLinearAdd QLinearMul QLinearConcat ADD SUB MUL DIV MAXIMUM MINIMUM ADD_N SQUARED_DIFFERENCE CONCATENATION SPLIT "
     "SPLIT_V PACK UNPACK ",
     "two inputs, or one and a constant; broadcasting"},
    {"activation functions",
     " Activation ReLU LeakyReLU PReLU ELU Elu ThresholdedReLU Softmax Relu Relu6 LeakyRelu PRelu Selu Sigmoid Tanh "
     "HardSigmoid "
     "HardSwish HardSilu HardTanh Silu Gelu Softplus Softsign Celu Mish Clip LogSoftmax LogSigmoid Shrink SoftShrink "
     "ThresholdedRelu "
     "QLinearSigmoid QLinearLeakyRelu QLinearSoftmax RELU RELU6 RELU_N1_TO_1 RELU_0_TO_1 PRELU LEAKY_RELU ELU "
     "HARD_SWISH LOGISTIC "
     "TANH SOFTMAX LOG_SOFTMAX GELU ",
     "softmax over the last axis"},
    {"functions of elements",
     " Abs Absolute Neg Negative Exp Log Sqrt Rsqrt Square Reciprocal Pow Power Erf Sign Floor Ceil Round Sin Cos Tan "
     "Sinh Cosh "
     "Asin Acos Atan Asinh Acosh Atanh Arcsin Arccos Arctan Arcsinh Arccosh Arctanh ABS NEG EXP LOG SQRT RSQRT SQUARE "
     "POW SIGN FLOOR CEIL ROUND SIN COS ",
     "in int8 a table of 256 codes each"},
    {"shape and order",
     " Flatten Reshape Permute RepeatVector ExpandDims Squeeze Transpose Unsqueeze ZeroPadding1D ZeroPadding2D "
     "Cropping1D "
     "Cropping2D UpSampling1D UpSampling2D Pad Slice Gather GetItem Flip Tile Expand Resize Upsample DepthToSpace "
     "SpaceToDepth ArrayFeatureExtractor RESHAPE SQUEEZE EXPAND_DIMS TRANSPOSE PAD "
     "PADV2 MIRROR_PAD SLICE STRIDED_SLICE GATHER TILE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR DEPTH_TO_SPACE "
     "SPACE_TO_DEPTH REVERSE_V2 BROADCAST_TO ",
     "resizing: nearest and bilinear"},
    {"reduction",
     " ReduceMean ReduceSum ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax "
     "ArgMin Amax "
     "Amin MEAN SUM REDUCE_MAX REDUCE_MIN ARG_MAX ARG_MIN ",
     "over any axes but the batch"},
    {"others", " ",
     "no layer of its own: quantisation becomes types, training's layers and identities go, constants are folded"},
}};

// "com.microsoft.QGemm" -> " QGemm ", "Mod (of constants)" -> " Mod ".
std::string word_of(const std::string& name) {
  const std::size_t end = std::min(name.find(' '), name.size());
  const std::size_t dot = name.rfind('.', end);
  const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
  return fmt::format(" {} ", std::string_view(name).substr(begin, end - begin));
}

const Group& group_of(const std::string& name) {
  const std::string word = word_of(name);
  const auto found = std::ranges::find_if(
      groups, [&](const Group& group) { return group.names.find(word) != std::string_view::npos; });
  return found == groups.end() ? groups.back() : *found;
}

// Those of the names that are in the group, as Markdown.
std::string cell(const std::vector<std::string>& names, const Group& group) {
  std::string text;
  for (const std::string& name : names) {
    if (&group_of(name) == &group) text += fmt::format("{}`{}`", text.empty() ? "" : " ", name);
  }
  return text.empty() ? "-" : text;
}

// README.md has this table; a test holds the two together.
std::string markdown(const std::vector<std::string>& keras, const std::vector<std::string>& onnx,
                     const std::vector<std::string>& tflite) {
  std::string text = "| layers | Keras | ONNX | TensorFlow Lite | notes |\n| --- | --- | --- | --- | --- |\n";
  for (const Group& group : groups) {
    text += fmt::format("| {} | {} | {} | {} | {} |\n", group.what, cell(keras, group), cell(onnx, group),
                        cell(tflite, group), group.notes);
  }
  return text;
}

}  // namespace

Json show_operators(Context& context) {
  const auto keras = partitioner::keras_layer_types();
  const auto onnx = partitioner::onnx_operators();
  const auto tflite = partitioner::tflite_operators();
  Table table({{"operation"}, {"family"}});
  Json operations = Json::array();
  for (const kernels::Family* family : context.families) {
    for (const std::string_view operation : family->operations()) {
      table.add({std::string(operation), std::string(family->name())});
      operations.push_back({{"operation", operation}, {"family", family->name()}, {"hardware", family->hardware()}});
    }
  }
  const std::string formats = markdown(keras, onnx, tflite);
  context.console.text("What files may hold:\n");
  context.console.block(formats);
  context.console.text("\nWhat they become:\n");
  context.console.block(table.text());
  Json document;
  document["keras"] = keras;
  document["onnx"] = onnx;
  document["tflite"] = tflite;
  document["table"] = formats;
  document["operations"] = std::move(operations);
  return document;
}

}  // namespace algean::cluster
