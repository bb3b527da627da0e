// Operators of windows that move over an input: convolutions and pools.
#include <algorithm>

#include "partitioner/import_tflite/operators.hpp"
#include "partitioner/import_tflite/weights.hpp"

namespace algean::partitioner::tflite {
namespace {

constexpr std::int64_t max_stride = 65536;

// One axis of a window that moves over an input.
struct Window {
  std::int64_t in, kernel, stride, dilation;

  [[nodiscard]] std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
};

// What SAME puts before and after an axis: all windows that begin inside the input, one every stride.
std::pair<std::int64_t, std::int64_t> same_padding(const Window& window) {
  const std::int64_t out = (window.in + window.stride - 1) / window.stride;
  const std::int64_t total = std::max<std::int64_t>((out - 1) * window.stride + window.reach() - window.in, 0);
  return {total / 2, total - total / 2};
}

Result<> check_window(const Window& window) {
  for (const std::int64_t number : {window.stride, window.dilation}) {
    if (number < 1 || number > max_stride)
      return bad_input("stride or dilation {} must lie in 1..{}", number, max_stride);
  }
  return {};
}

// Attributes of a layer whose window has these two axes.
Result<kernels::Attributes> window_attributes(const Window& rows, const Window& columns, format::Padding padding) {
  ALGEAN_TRY(check_window(rows));
  ALGEAN_TRY(check_window(columns));
  if (padding != format::Padding_SAME && padding != format::Padding_VALID) {
    return bad_input("padding {} is unknown", int{padding});
  }
  kernels::Attributes attributes{{"strides", Extents{rows.stride, columns.stride}},
                                 {"dilations", Extents{rows.dilation, columns.dilation}}};
  if (padding == format::Padding_SAME) {
    const auto [top, bottom] = same_padding(rows);
    const auto [left, right] = same_padding(columns);
    attributes.set("padding", Extents{top, left, bottom, right});
  }
  return attributes;
}

bool is_unsigned(const TfliteConverter& converter, const TfliteOperator& op) {
  return converter.output(op).type == TfliteType::uint8;
}

}  // namespace

Result<> convert_conv(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, Conv2DOptions);
  ALGEAN_ASSIGN(const TfliteValue x, converter.sample(op, 0, 3));
  ALGEAN_ASSIGN(Constant weight, weight_of(converter, op, 1, 4));
  const Shape in = converter.shape(x);
  const Shape& w = weight->shape();
  if (in[2] % w[3] != 0) return bad_input("{} channels for weights {}", in[2], w.text());
  kernels::LayerSpec spec{converter.layer_name(op), "conv2d", {}, {}};
  ALGEAN_ASSIGN(spec.attributes, window_attributes({in[0], w[1], options->stride_h(), options->dilation_h_factor()},
                                                   {in[1], w[2], options->stride_w(), options->dilation_w_factor()},
                                                   options->padding()));
  if (in[2] != w[3]) spec.attributes.set("groups", in[2] / w[3]);
  ALGEAN_ASSIGN(std::string activation, activation_text(options->fused_activation_function()));
  spec.attributes.set("activation", std::move(activation));
  ALGEAN_TRY(add_constants(converter, op, spec, std::move(weight), 2, x));
  set_scale_product(spec, is_unsigned(converter, op));
  return converter.make(op, std::move(spec), {&x.id, 1}, true);
}

Result<> convert_depthwise_conv(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, DepthwiseConv2DOptions);
  ALGEAN_ASSIGN(const TfliteValue x, converter.sample(op, 0, 3));
  ALGEAN_ASSIGN(const Constant given, weight_of(converter, op, 1, 4));
  const Shape in = converter.shape(x);
  const Shape& w = given->shape();  // [1, kH, kW, channels * multiplier]
  if (w[0] != 1 || w[3] % in[2] != 0) return bad_input("{} channels for weights {}", in[2], w.text());
  ALGEAN_TRY(converter.spend(given->bytes().size()));
  Constant weight = permuted(*given, {3, 1, 2, 0});
  kernels::LayerSpec spec{converter.layer_name(op), "conv2d", {}, {}};
  ALGEAN_ASSIGN(spec.attributes, window_attributes({in[0], w[1], options->stride_h(), options->dilation_h_factor()},
                                                   {in[1], w[2], options->stride_w(), options->dilation_w_factor()},
                                                   options->padding()));
  spec.attributes.set("groups", in[2]);
  ALGEAN_ASSIGN(std::string activation, activation_text(options->fused_activation_function()));
  spec.attributes.set("activation", std::move(activation));
  ALGEAN_TRY(add_constants(converter, op, spec, std::move(weight), 2, x));
  set_scale_product(spec, is_unsigned(converter, op));
  return converter.make(op, std::move(spec), {&x.id, 1}, true);
}

// Inputs: the output's extents, weights [C_out, kH, kW, C_in], x, bias.
Result<> convert_transpose_conv(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, TransposeConvOptions);
  ALGEAN_ASSIGN(const Extents extents, converter.integers(op, 0));
  ALGEAN_ASSIGN(Constant weight, weight_of(converter, op, 1, 4));
  ALGEAN_ASSIGN(const TfliteValue x, converter.sample(op, 2, 3));
  const Shape in = converter.shape(x);
  const Shape w = weight->shape();
  if (extents.size() != 4 || extents[0] != converter.batch() || extents[3] != w[0] || in[2] != w[3]) {
    return bad_input("input {} and weights {} cannot make [{}]", in.text(), w.text(), fmt::join(extents, ","));
  }
  ALGEAN_TRY(Shape::make({extents.begin() + 1, extents.end()}));
  const Window rows{extents[1], w[1], options->stride_h(), 1};
  const Window columns{extents[2], w[2], options->stride_w(), 1};
  ALGEAN_ASSIGN(kernels::Attributes attributes, window_attributes(rows, columns, options->padding()));
  // The padding is that of the convolution from the output to the input; here it is cut off the full result.
  Extents cut{0, 0, 0, 0};
  if (attributes.has("padding")) {
    ALGEAN_ASSIGN(cut, attributes.integers("padding"));
  }
  cut[2] = (in[0] - 1) * rows.stride + rows.kernel - cut[0] - rows.in;
  cut[3] = (in[1] - 1) * columns.stride + columns.kernel - cut[1] - columns.in;
  attributes.set("padding", cut);
  ALGEAN_ASSIGN(std::string activation, activation_text(options->fused_activation_function()));
  attributes.set("activation", std::move(activation));
  kernels::LayerSpec spec{converter.layer_name(op), "conv2d_transpose", std::move(attributes), {}};
  ALGEAN_TRY(add_constants(converter, op, spec, std::move(weight), 3, x));
  return converter.make(op, std::move(spec), {&x.id, 1}, true);
}

// AVERAGE_POOL_2D, MAX_POOL_2D.
Result<> convert_pool(TfliteConverter& converter, const TfliteOperator& op) {
  ALGEAN_TFLITE_OPTIONS(op, Pool2DOptions);
  ALGEAN_ASSIGN(const TfliteValue x, converter.sample(op, 0, 3));
  const Shape in = converter.shape(x);
  const Window rows{in[0], options->filter_height(), options->stride_h(), 1};
  const Window columns{in[1], options->filter_width(), options->stride_w(), 1};
  if (rows.kernel < 1 || columns.kernel < 1) return bad_input("window {} by {}", rows.kernel, columns.kernel);
  ALGEAN_ASSIGN(kernels::Attributes attributes, window_attributes(rows, columns, options->padding()));
  attributes.erase("dilations");
  attributes.set("window", Extents{rows.kernel, columns.kernel});
  ALGEAN_ASSIGN(std::string activation, activation_text(options->fused_activation_function()));
  attributes.set("activation", std::move(activation));
  const bool average = op.name == "AVERAGE_POOL_2D";
  if (average && is_unsigned(converter, op)) attributes.set("rounding", std::string("half_up"));
  const char* operation = average ? "average_pool2d" : "max_pool2d";
  return converter.make(op, {converter.layer_name(op), operation, std::move(attributes), {}}, {&x.id, 1}, true);
}

}  // namespace algean::partitioner::tflite
