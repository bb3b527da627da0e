#include "kernels/pool/geometry.hpp"

#include <algorithm>

#include "kernels/family/options.hpp"

namespace algean::kernels::pool {
namespace {

constexpr std::int64_t largest = Shape::max_elements;  // of any extent, so that sums and products stay in 64 bits

std::int64_t reach(const Axis& axis) { return (axis.window - 1) * axis.dilation + 1; }

Result<> complete(Axis& axis) {
  const std::int64_t reached = reach(axis);
  if (axis.before >= reached || axis.after >= reached) {
    return bad_input("padding {} before and {} after must be below the window's extent {}", axis.before, axis.after,
                     reached);
  }
  if (axis.uncounted > axis.after) {
    return bad_input("attribute 'uncounted' is {}, more than the padding {} after", axis.uncounted, axis.after);
  }
  if (axis.before + axis.after > 0 && axis.dilation > axis.in) {
    return bad_input("dilation {} of a padded axis must be at most its extent {}", axis.dilation, axis.in);
  }
  const std::int64_t rest = axis.in + axis.before + axis.after - reached;
  if (rest < 0) {
    return bad_input("the window's extent {} must be at most the padded input's {}", reached,
                     axis.in + axis.before + axis.after);
  }
  axis.out = rest / axis.stride + 1;
  return {};
}

}  // namespace

Axis::Taps Axis::taps(std::int64_t position, bool count_padding) const {
  const std::int64_t start = position * stride - before;
  Taps taps{0, window, 0};
  if (start < 0) taps.first = (-start + dilation - 1) / dilation;
  if (start + (window - 1) * dilation >= in) taps.last = (in - start + dilation - 1) / dilation;
  const std::int64_t end = in + after - uncounted;  // of what counts
  taps.counted = count_padding ? std::min(window, (end - start + dilation - 1) / dilation) : taps.last - taps.first;
  return taps;
}

bool Axis::is_inside() const { return before == 0 && (out - 1) * stride + reach(*this) <= in; }

bool Geometry::has_one_count() const {
  if (is_inside()) return true;
  return count_padding && axes[0].uncounted == 0 && axes[1].uncounted == 0;
}

Result<Geometry> make_geometry(const LayerSpec& layer, const Shape& input) {
  const std::size_t n = layer.operation.ends_with("1d") ? 1 : 2;
  if (input.rank() != n + 1) return bad_input("input is {}, must be {}", input.text(), n == 1 ? "[L,C]" : "[H,W,C]");
  if (!layer.attributes.has("window")) return bad_input("attribute 'window' is missing");
  ALGEAN_ASSIGN(const auto windows, list_option(layer, "window", n, 1, 1, largest));
  ALGEAN_ASSIGN(const auto strides, list_option(layer, "strides", n, 1, 1, largest));
  ALGEAN_ASSIGN(const auto dilations, list_option(layer, "dilations", n, 1, 1, largest));
  ALGEAN_ASSIGN(const auto padding, list_option(layer, "padding", 2 * n, 0, 0, largest));
  ALGEAN_ASSIGN(const auto uncounted, list_option(layer, "uncounted", n, 0, 0, largest));
  Geometry geometry;
  geometry.channels = input.channels();
  geometry.is_max = layer.operation.starts_with("max");
  ALGEAN_ASSIGN(geometry.count_padding, flag_option(layer, "count_padding"));
  for (std::size_t i = 0; i < n; ++i) {
    if (windows[i] > 1 && dilations[i] > largest / (windows[i] - 1)) {
      return bad_input("window {} with dilation {} reaches further than {} elements", windows[i], dilations[i],
                       largest);
    }
    Axis& axis = geometry.axes.at(2 - n + i);
    axis = {input[i], 1, windows[i], strides[i], dilations[i], padding[i], padding[n + i], uncounted[i]};
    if (auto good = complete(axis); !good) return std::unexpected(good.error().within(fmt::format("axis {}", i)));
  }
  if (geometry.axes[0].window > largest / geometry.axes[1].window) {
    return bad_input("the window has more than {} taps", largest);
  }
  return geometry;
}

Shape output_shape(const LayerSpec& layer, const Geometry& geometry) {
  if (layer.operation.ends_with("1d")) return Shape{geometry.axes[1].out, geometry.channels};
  return Shape{geometry.axes[0].out, geometry.axes[1].out, geometry.channels};
}

}  // namespace algean::kernels::pool
