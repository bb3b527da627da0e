#include "partitioner/import_keras/windows.hpp"

#include <algorithm>

namespace algean::partitioner {
namespace {

using Wire = Recipe::Wire;

// Elements that a dilated window spans; less than 2^61.
std::int64_t reach(const Windows& windows, std::size_t axis) {
  return (windows.size[axis] - 1) * windows.dilations[axis] + 1;
}

Slid empty_slid(std::size_t axes) { return {std::vector<std::int64_t>(axes), std::vector<std::int64_t>(2 * axes)}; }

}  // namespace

Result<Windows> read_windows(const Json& config, const char* size_key, std::size_t axes) {
  const std::vector<std::int64_t> ones(axes, 1);
  const bool is_pool = std::string_view(size_key) == "pool_size";
  Windows windows;
  ALGEAN_ASSIGN(windows.size, per_axis(config, size_key, axes, 1));
  ALGEAN_ASSIGN(windows.strides, per_axis(config, "strides", axes, 1, is_pool ? windows.size : ones));
  ALGEAN_ASSIGN(windows.dilations, per_axis(config, "dilation_rate", axes, 1, ones));
  const Json* found = given(config, "padding");
  const std::string padding = found == nullptr ? "valid" : found->is_string() ? found->get<std::string>() : "";
  if (padding == "same") {
    windows.padding = Padding::same;
  } else if (padding == "causal" && axes == 1) {
    windows.padding = Padding::causal;
  } else if (padding != "valid") {
    return bad_input("attribute 'padding' must be 'valid' or 'same'{}, not {}", axes == 1 ? " or 'causal'" : "",
                     found->dump());
  }
  return windows;
}

Result<Slid> slide(const Windows& windows, const Shape& input) {
  const std::size_t axes = windows.size.size();
  Slid slid = empty_slid(axes);
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t extent = input[i];
    const std::int64_t stride = windows.strides[i];
    const std::int64_t window = reach(windows, i);
    std::int64_t total = 0;
    if (windows.padding == Padding::same) {
      total = std::max<std::int64_t>((extent - 1) / stride * stride + window - extent, 0);
    } else if (windows.padding == Padding::causal) {
      total = window - 1;
    }
    if (extent + total < window) {
      return bad_input("a window of {} does not fit axis {} of the input's shape {}", window, i + 1, input.text());
    }
    const std::int64_t before = windows.padding == Padding::causal ? total : total / 2;
    slid.outputs[i] = (extent + total - window) / stride + 1;
    slid.padding[i] = before;
    slid.padding[axes + i] = total - before;
  }
  return slid;
}

// Without output_padding the output is what a forward convolution of these windows would take to give the input; with
// it Keras' own formula (backend.common.backend_utils) holds. Its forward convolution's padding is cropped.
Result<Slid> spread(const Windows& windows, const std::vector<std::int64_t>& output_padding, const Shape& input) {
  const std::size_t axes = windows.size.size();
  Slid slid = empty_slid(axes);
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t stride = windows.strides[i];
    const std::int64_t window = reach(windows, i);
    const std::int64_t last = (input[i] - 1) * stride;
    const bool is_same = windows.padding == Padding::same;
    std::int64_t output = is_same ? last + stride : last + std::max(window, stride);
    if (!output_padding.empty()) output = last + window - (is_same ? window / 2 * 2 : 0) + output_padding[i];
    if (output < 1) return bad_input("makes nothing of axis {} of the input's shape {}", i + 1, input.text());
    const std::int64_t total = is_same ? std::max<std::int64_t>(last + window - output, 0) : 0;
    const std::int64_t before = total / 2;
    slid.outputs[i] = output;
    slid.padding[i] = before;
    slid.padding[axes + i] = last + window - before - output;
  }
  return slid;
}

Plan channel_last(std::size_t axes, bool channels_first, Applied applied) {
  return unary([=, applied = std::move(applied)](Recipe& recipe, Wire x) -> Result<Wire> {
    const std::size_t rank = recipe.shape(x).rank();
    if (rank != axes + 1) {
      return bad_input("its input has shape {}, {} axes wanted", recipe.shape(x).text(), axes + 1);
    }
    if (!channels_first) return applied(recipe, x);
    ALGEAN_ASSIGN(const Wire y, applied(recipe, recipe.transpose(x, moved_axis(rank, 0, axes))));
    const std::size_t rank_after = recipe.shape(y).rank();  // 1 behind a global pool
    return rank_after == rank ? recipe.transpose(y, moved_axis(rank, axes, 0)) : y;
  });
}

}  // namespace algean::partitioner
