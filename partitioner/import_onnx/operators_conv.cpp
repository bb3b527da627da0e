// Conv and ConvTranspose.
#include <algorithm>

#include "partitioner/import_onnx/operators_weighted.hpp"

namespace algean::partitioner::operators {
namespace {

using kernels::LayerSpec;
using kernels::ValueId;

// Numbers above this are no window of any tensor; sums and products of them stay exact.
constexpr std::int64_t most = std::int64_t{1} << 29;

Result<Extents> list(const OnnxNode& node, const std::string& name, std::size_t count, std::int64_t fallback,
                     std::int64_t lowest) {
  ALGEAN_ASSIGN(Extents values, integers(node, name, Extents(count, fallback)));
  const bool bad = std::ranges::any_of(values, [&](std::int64_t value) { return value < lowest || value > most; });
  if (values.size() != count || bad) {
    return bad_input("{} is {}, {} numbers of at least {} expected", name, text(values), count, lowest);
  }
  return values;
}

std::int64_t span_of(const Windows& windows, std::size_t i) {
  return (windows.window[i] - 1) * windows.dilations[i] + 1;
}

// Padding for as many outputs as steps fit into the input, the odd one behind or in front.
void pad_to_same(Windows& windows, const Extents& extents, bool odd_behind) {
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const std::int64_t outputs = (extents[i] + windows.strides[i] - 1) / windows.strides[i];
    const std::int64_t all =
        std::max<std::int64_t>(0, (outputs - 1) * windows.strides[i] + span_of(windows, i) - extents[i]);
    windows.before[i] = odd_behind ? all / 2 : all - all / 2;
    windows.after[i] = all - windows.before[i];
  }
}

// The last window may stick out of the end, if it starts inside the input or the padding in front of it.
void pad_for_ceil(Windows& windows, const Extents& extents) {
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const std::int64_t stride = windows.strides[i];
    const std::int64_t room = extents[i] + windows.before[i] + windows.after[i] - span_of(windows, i);
    if (room < 0) continue;  // the family says what does not fit
    std::int64_t last = (room + stride - 1) / stride;
    if (last * stride >= extents[i] + windows.before[i]) --last;
    windows.uncounted[i] = std::max<std::int64_t>(0, last * stride - room);
    windows.after[i] += windows.uncounted[i];
  }
}

Extents spatial(const OnnxConverter& converter, const PlacedValue& input) {
  const Extents all = converter.extents(input);
  return {all.begin() + 1, all.end()};
}

Result<OnnxTensor> without_channel_scales(OnnxConverter& converter, const OnnxTensor& tensor) {
  if (!tensor.quantisation || tensor.quantisation->axis < 0) return tensor;
  ALGEAN_TRY(converter.spend(4 * tensor.bytes.size()));
  ALGEAN_ASSIGN(const std::vector<float> elements, weights(tensor));
  return float_tensor(tensor.name, tensor.extents, elements);
}

// [C_in, C_out/groups, kernel...] as [C_out, kernel..., C_in/groups].
Result<OnnxTensor> transposed_weight(OnnxConverter& converter, const OnnxTensor& weight, std::int64_t groups) {
  const Extents& from = weight.extents;
  const std::size_t kernel = from.size() - 2;
  if (from[0] % groups != 0) return bad_input("weight of shape {} does not fit {} groups", text(from), groups);
  if (groups == 1) {
    AxisOrder order{1};
    for (std::size_t i = 0; i < kernel; ++i) order.push_back(2 + i);
    order.push_back(0);
    return permuted(converter, weight, order);
  }
  ALGEAN_ASSIGN(OnnxTensor grouped, without_channel_scales(converter, weight));
  grouped.extents.insert(grouped.extents.begin(), groups);
  grouped.extents[1] /= groups;
  AxisOrder order{0, 2};
  for (std::size_t i = 0; i < kernel; ++i) order.push_back(3 + i);
  order.push_back(1);
  ALGEAN_ASSIGN(OnnxTensor result, permuted(converter, grouped, order));
  result.extents.erase(result.extents.begin());
  result.extents[0] *= groups;
  return result;
}

Result<> check_weight(const OnnxNode& node, const OnnxTensor& weight, const PlacedValue& input) {
  const std::size_t rank = weight.extents.size();
  if (rank != 3 && rank != 4) {
    return bad_input("weight '{}' of shape {} not supported (one or two spatial axes are)", weight.name,
                     text(weight.extents));
  }
  if (std::ranges::any_of(weight.extents, [](std::int64_t extent) { return extent < 1; }) ||
      input.order.size() + 1 != rank) {
    return bad_input("weight '{}' of shape {} does not fit an input of {} axes with the batch", weight.name,
                     text(weight.extents), input.order.size() + 1);
  }
  const Extents window(weight.extents.begin() + 2, weight.extents.end());
  ALGEAN_ASSIGN(const Extents written, integers(node, "kernel_shape", window));
  if (written != window) {
    return bad_input("kernel_shape {} for a weight of shape {}", text(written), text(weight.extents));
  }
  return {};
}

Result<std::int64_t> groups_of(const OnnxNode& node) {
  ALGEAN_ASSIGN(const std::int64_t groups, integer(node, "group", 1));
  if (groups < 1 || groups > most) return bad_input("group is {}", groups);
  return groups;
}

Result<Outputs> finish(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input, LayerSpec spec,
                       const OnnxTensor& weight, const OnnxTensor* bias) {
  ALGEAN_ASSIGN(spec.constants["weight"], layer_constant(converter, weight));
  if (bias != nullptr) {
    ALGEAN_ASSIGN(spec.constants["bias"], layer_constant(converter, *bias));
  }
  const AxisOrder order = channel_last_order(input.order.size());
  ALGEAN_ASSIGN(const ValueId channel_last, converter.in_order(input, order));
  ALGEAN_ASSIGN(PlacedValue result, layer(converter, std::move(spec), {channel_last, order}, node.outputs[0]));
  return one(std::move(result));
}

LayerSpec spec_of(const OnnxNode& node, const std::string& operation, const Windows& windows, std::int64_t groups) {
  return {OnnxConverter::layer_name(node),
          operation,
          {{"strides", windows.strides},
           {"dilations", windows.dilations},
           {"padding", windows.padding()},
           {"groups", groups}},
          {}};
}

// Cuts off the full result what ConvTranspose says: `pads`, or so much that `output_shape` or `auto_pad` is met;
// `output_padding` is added behind.
Result<> crop(const OnnxNode& node, const Extents& extents, Windows& windows) {
  const std::size_t count = extents.size();
  ALGEAN_ASSIGN(const Extents extra, list(node, "output_padding", count, 0, 0));
  ALGEAN_ASSIGN(const std::string automatic, word(node, "auto_pad", "NOTSET"));
  Extents wanted;
  if (node.attributes.contains("output_shape")) {
    ALGEAN_ASSIGN(wanted, integers(node, "output_shape", {}));
    if (wanted.size() == count + 2) wanted.erase(wanted.begin(), wanted.begin() + 2);
    if (wanted.size() != count) return bad_input("output_shape {} for {} spatial axes", text(wanted), count);
  } else if (automatic.starts_with("SAME")) {
    for (std::size_t i = 0; i < count; ++i) wanted.push_back(extents[i] * windows.strides[i]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!wanted.empty()) {
      const std::int64_t full = (extents[i] - 1) * windows.strides[i] + extra[i] + span_of(windows, i);
      if (wanted[i] < 1 || wanted[i] > most) return bad_input("output_shape {}", text(wanted));
      const std::int64_t all = std::max<std::int64_t>(0, full - wanted[i]);
      windows.before[i] = automatic == "SAME_UPPER" ? all / 2 : all - all / 2;
      windows.after[i] = full - wanted[i] - windows.before[i];
    }
    windows.after[i] -= extra[i];
  }
  return {};
}

}  // namespace

Extents Windows::padding() const {
  Extents both = before;
  both.insert(both.end(), after.begin(), after.end());
  return both;
}

Result<Windows> windows(const OnnxNode& node, const Extents& window, const Extents& extents) {
  const std::size_t count = window.size();
  Windows result{.window = window, .strides = {}, .dilations = {}, .before = {}, .after = {}, .uncounted = {}};
  if (extents.size() != count) return bad_input("a window of {} axes for {} spatial axes", count, extents.size());
  if (std::ranges::any_of(window, [](std::int64_t extent) { return extent < 1 || extent > most; })) {
    return bad_input("kernel_shape is {}", text(window));
  }
  ALGEAN_ASSIGN(result.strides, list(node, "strides", count, 1, 1));
  ALGEAN_ASSIGN(result.dilations, list(node, "dilations", count, 1, 1));
  ALGEAN_ASSIGN(const Extents pads, list(node, "pads", 2 * count, 0, 0));
  result.before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(count));
  result.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(count), pads.end());
  result.uncounted.assign(count, 0);
  ALGEAN_ASSIGN(const std::string automatic, word(node, "auto_pad", "NOTSET"));
  ALGEAN_ASSIGN(const std::int64_t ceil_mode, integer(node, "ceil_mode", 0));
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    pad_to_same(result, extents, automatic == "SAME_UPPER");
  } else if (automatic == "VALID") {
    result.before.assign(count, 0);
    result.after.assign(count, 0);
  } else if (automatic != "NOTSET" && !automatic.empty()) {
    return bad_input("auto_pad is '{}', which is not supported", automatic);
  } else if (ceil_mode != 0) {
    pad_for_ceil(result, extents);
  }
  return result;
}

Result<Outputs> make_conv(OnnxConverter& converter, const OnnxNode& node, const PlacedValue& input,
                          const OnnxTensor& weight, const OnnxTensor* bias) {
  ALGEAN_TRY(check_weight(node, weight, input));
  ALGEAN_ASSIGN(const std::int64_t groups, groups_of(node));
  const Extents window(weight.extents.begin() + 2, weight.extents.end());
  ALGEAN_ASSIGN(const Windows sizes, windows(node, window, spatial(converter, input)));
  AxisOrder order{0};
  for (std::size_t i = 0; i < window.size(); ++i) order.push_back(2 + i);
  order.push_back(1);
  ALGEAN_ASSIGN(const OnnxTensor channel_last, permuted(converter, weight, order));
  const char* operation = window.size() == 1 ? "conv1d" : "conv2d";
  return finish(converter, node, input, spec_of(node, operation, sizes, groups), channel_last, bias);
}

Result<Outputs> conv(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(node, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(const OnnxConstant weight, converter.constant(node, 1));
  OnnxConstant bias;
  if (OnnxConverter::has_input(node, 2)) {
    ALGEAN_ASSIGN(bias, converter.constant(node, 2));
  }
  return make_conv(converter, node, input, *weight, bias.get());
}

Result<Outputs> conv_transpose(OnnxConverter& converter, const OnnxNode& node) {
  ALGEAN_TRY(only(
      node, {"auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides"}));
  ALGEAN_ASSIGN(const PlacedValue input, converter.placed(node, 0));
  ALGEAN_ASSIGN(const OnnxConstant weight, converter.constant(node, 1));
  OnnxConstant bias;
  if (OnnxConverter::has_input(node, 2)) {
    ALGEAN_ASSIGN(bias, converter.constant(node, 2));
  }
  ALGEAN_TRY(check_weight(node, *weight, input));
  ALGEAN_ASSIGN(const std::int64_t groups, groups_of(node));
  const Extents window(weight->extents.begin() + 2, weight->extents.end());
  const Extents extents = spatial(converter, input);
  ALGEAN_ASSIGN(Windows sizes, windows(node, window, extents));
  ALGEAN_TRY(crop(node, extents, sizes));
  ALGEAN_ASSIGN(const OnnxTensor channel_last, transposed_weight(converter, *weight, groups));
  const char* operation = window.size() == 1 ? "conv1d_transpose" : "conv2d_transpose";
  return finish(converter, node, input, spec_of(node, operation, sizes, groups), channel_last, bias.get());
}

}  // namespace algean::partitioner::operators
