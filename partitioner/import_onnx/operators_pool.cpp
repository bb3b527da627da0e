// Pooling over windows, and over everything.
#include "partitioner/import_onnx/operators_pool.hpp"

#include "partitioner/import_onnx/operator_list.hpp"
#include "partitioner/import_onnx/operators_weighted.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::ValueId;

Result<AxisOrder> spatial_order(const PlacedValue& input) {
  if (input.order.size() != 2 && input.order.size() != 3) {
    return bad_input("input of {} axes with the batch, 3 or 4 (one or two spatial ones) are supported",
                     input.order.size() + 1);
  }
  return channel_last_order(input.order.size());
}

Result<Outputs> max_pool(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(PlacedValue result, make_pool(converter, node, input, true, node.outputs[0]));
  return one(std::move(result));
}

Result<Outputs> average_pool(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(
      only(node, {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(PlacedValue result, make_pool(converter, node, input, false, node.outputs[0]));
  return one(std::move(result));
}

Result<Outputs> global_average(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(PlacedValue result, make_global(converter, node, input, "reduce_mean"));
  return one(std::move(result));
}

Result<Outputs> global_max(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(PlacedValue result, make_global(converter, node, input, "reduce_max"));
  return one(std::move(result));
}

}  // namespace

Result<PlacedValue> make_pool(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input, bool maximum,
                              const std::string& value_name) {
  ALGEAN_ASSIGN(const AxisOrder order, spatial_order(input));
  const Extents extents = converter.extents(input);
  ALGEAN_ASSIGN(const Extents window, integers(node, "kernel_shape", {}));
  ALGEAN_ASSIGN(const Windows sizes, windows(node, window, {extents.begin() + 1, extents.end()}));
  kernels::Attributes attributes{{"window", sizes.window}, {"strides", sizes.strides}, {"padding", sizes.padding()}};
  const std::string axes = window.size() == 1 ? "1d" : "2d";
  if (maximum) {
    attributes.set("dilations", sizes.dilations);
  } else {
    if (sizes.dilations != Extents(window.size(), 1)) {
      return bad_input("dilations {} of an average not supported", text(sizes.dilations));
    }
    ALGEAN_ASSIGN(const std::int64_t counted, integer(node, "count_include_pad", 0));
    attributes.set("count_padding", std::int64_t{counted != 0 ? 1 : 0});
    if (counted != 0) attributes.set("uncounted", sizes.uncounted);
  }
  ALGEAN_ASSIGN(const ValueId channel_last, converter.in_order(input, order));
  kernels::LayerSpec spec{
      OnnxConverter::layer_name(node), (maximum ? "max_pool" : "average_pool") + axes, std::move(attributes), {}};
  return layer(converter, std::move(spec), {channel_last, order}, value_name);
}

Result<PlacedValue> make_global(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input,
                                const std::string& operation) {
  if (input.order.size() < 2) return bad_input("input without spatial axes");
  const AxisOrder order = channel_last_order(input.order.size());
  Extents axes;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  ALGEAN_ASSIGN(const ValueId channel_last, converter.in_order(input, order));
  kernels::LayerSpec spec{
      OnnxConverter::layer_name(node), operation, {{"axes", axes}, {"keep_axes", std::int64_t{1}}}, {}};
  return layer(converter, std::move(spec), {channel_last, order}, node.outputs[0]);
}

std::span<const Operator> pool_operators() {
  static constexpr std::array rows{Operator{"MaxPool", max_pool, Integers::moved},
                                   Operator{"AveragePool", average_pool}, Operator{"GlobalAveragePool", global_average},
                                   Operator{"GlobalMaxPool", global_max, Integers::moved}};
  return rows;
}

}  // namespace algean::partitioner::operators
