#include "kernels/conv/geometry.hpp"

#include <algorithm>

namespace algean::kernels::conv {
namespace {

constexpr std::int64_t largest = 1 << 28;  // extents have at most 2^32, so that products and their sums fit

// A transposed convolution becomes a plain one for each pair of remainders by the strides.
constexpr std::int64_t largest_transposed_stride = 256;

// The input with its padding is at most this many times as large as input and output, or has at most so many elements:
// a few bytes of a file must not make us allocate gigabytes.
constexpr std::int64_t largest_excess = 64;
constexpr std::int64_t always_allowed = 1 << 26;

// What the attributes say of one axis.
struct Window {
  std::int64_t in = 1, kernel = 1, stride = 1, dilation = 1, before = 0, after = 0;
};

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value >= 0 ? value / by : -((-value + by - 1) / by);
}

// Extent of the output; below 1 where the window does not fit.
std::int64_t extent(const Window& w, Direction direction) {
  const std::int64_t reach = (w.kernel - 1) * w.dilation + 1;
  if (direction == Direction::transposed) return (w.in - 1) * w.stride + reach - w.before - w.after;
  return floor_divide(w.in + w.before + w.after - reach, w.stride) + 1;
}

// The input's extent with all positions that a tap meets.
std::int64_t padded_extent(const Window& w, Direction direction, std::int64_t out) {
  const std::int64_t reach = (w.kernel - 1) * w.dilation;
  const bool transposed = direction == Direction::transposed;
  const std::int64_t low = transposed ? floor_divide(w.before - reach, w.stride) : -w.before;
  const std::int64_t high =
      transposed ? floor_divide(out - 1 + w.before, w.stride) : (out - 1) * w.stride + reach - w.before;
  return std::max(high, w.in - 1) - std::min<std::int64_t>(low, 0) + 1;
}

// An attribute of `count` integers from `low` to `high`; `fallback` for each where it is absent.
Result<std::vector<std::int64_t>> integers(const LayerSpec& layer, const std::string& name, std::size_t count,
                                           std::int64_t low, std::int64_t high, std::int64_t fallback) {
  if (!layer.attributes.has(name)) return std::vector<std::int64_t>(count, fallback);
  ALGEAN_ASSIGN(std::vector<std::int64_t> values, layer.attributes.integers(name));
  if (values.size() != count)
    return bad_input("attribute '{}' has {} numbers, must have {}", name, values.size(), count);
  for (const std::int64_t value : values) {
    if (value < low || value > high) {
      return bad_input("attribute '{}': {} must be in {}..{}", name, value, low, high);
    }
  }
  return values;
}

Result<std::vector<Window>> windows(const LayerSpec& layer, std::size_t dimensions, Direction direction,
                                    const Shape& input) {
  const bool transposed = direction == Direction::transposed;
  ALGEAN_ASSIGN(const auto strides,
                integers(layer, "strides", dimensions, 1, transposed ? largest_transposed_stride : largest, 1));
  ALGEAN_ASSIGN(const auto dilations, integers(layer, "dilations", dimensions, 1, largest, 1));
  ALGEAN_ASSIGN(const auto padding, integers(layer, "padding", 2 * dimensions, transposed ? -largest : 0, largest, 0));
  const Shape& weight = layer.required("weight").shape();
  std::vector<Window> result;
  for (std::size_t axis = 0; axis < dimensions; ++axis) {
    if (padding[axis] < 0) {
      return bad_input("attribute 'padding': {} before axis {} must not be negative", padding[axis], axis);
    }
    result.push_back(
        {input[axis], weight[axis + 1], strides[axis], dilations[axis], padding[axis], padding[dimensions + axis]});
  }
  return result;
}

Result<std::int64_t> group_count(const LayerSpec& layer, const Shape& input) {
  std::int64_t groups = 1;
  if (layer.attributes.has("groups")) {
    ALGEAN_ASSIGN(groups, layer.attributes.integer("groups"));
  }
  const Shape& weight = layer.required("weight").shape();
  if (groups < 1 || input.channels() % groups != 0 || weight[0] % groups != 0) {
    return bad_input("attribute 'groups' is {}, must divide the {} input and {} output channels", groups,
                     input.channels(), weight[0]);
  }
  if (weight.channels() != input.channels() / groups) {
    return bad_input("input {} has {} channels in {} groups, constant 'weight' {} takes {} a group", input.text(),
                     input.channels(), groups, weight.text(), weight.channels());
  }
  return groups;
}

Line forward_line(const Window& w, std::int64_t out) {
  Line line{0, 1, out, w.stride, {}};
  for (std::int64_t k = 0; k < w.kernel; ++k) line.taps.push_back({k, k * w.dilation - w.before});
  return line;
}

// Outputs first, first + stride, ...: output o stands at o + before of the full result, which input i and kernel index
// k reach where i * stride + k * dilation is that.
Line transposed_line(const Window& w, std::int64_t out, std::int64_t first) {
  Line line{first, w.stride, (out - first + w.stride - 1) / w.stride, 1, {}};
  for (std::int64_t k = 0; k < w.kernel; ++k) {
    const std::int64_t distance = first + w.before - k * w.dilation;
    if (distance % w.stride == 0) line.taps.push_back({k, distance / w.stride});
  }
  return line;
}

std::vector<Line> lines(const Window& w, Direction direction) {
  const std::int64_t out = extent(w, direction);
  if (direction == Direction::forward) return {forward_line(w, out)};
  std::vector<Line> result;
  for (std::int64_t first = 0; first < std::min(w.stride, out); ++first) {
    result.push_back(transposed_line(w, out, first));
  }
  return result;
}

}  // namespace

Result<Shape> infer(const LayerSpec& layer, std::size_t dimensions, Direction direction, const Shape& input) {
  const Tensor* weight = layer.constant("weight");
  if (weight == nullptr) return bad_input("constant 'weight' is missing");
  if (weight->shape().rank() != dimensions + 2) {
    return bad_input("constant 'weight' is {}, must have {} axes [C_out,kernel,C_in/groups]", weight->type().text(),
                     dimensions + 2);
  }
  if (input.rank() != dimensions + 1) {
    return bad_input("input is {}, must have {} axes, the last of channels", input.text(), dimensions + 1);
  }
  ALGEAN_TRY(group_count(layer, input));
  ALGEAN_ASSIGN(const std::vector<Window> window, windows(layer, dimensions, direction, input));
  std::vector<std::int64_t> out, padded;
  for (std::size_t axis = 0; axis < dimensions; ++axis) {
    out.push_back(extent(window[axis], direction));
    if (out.back() < 1) {
      return bad_input("axis {}: kernel {} with dilation {} and padding {}+{} leaves no output of input {}", axis,
                       window[axis].kernel, window[axis].dilation, window[axis].before, window[axis].after,
                       window[axis].in);
    }
    padded.push_back(padded_extent(window[axis], direction, out.back()));
  }
  out.push_back(weight->shape()[0]);
  padded.push_back(input.channels());
  const auto whole = Shape::make(std::move(padded));
  if (!whole) return std::unexpected(whole.error().within("input with its padding"));
  ALGEAN_ASSIGN(Shape output, Shape::make(std::move(out)));
  const std::int64_t most = std::max(always_allowed, largest_excess * std::max(input.elements(), output.elements()));
  if (whole->elements() > most) {
    return bad_input("input with its padding is {}, more than {} times input {} and output {}", whole->text(),
                     largest_excess, input.text(), output.text());
  }
  return output;
}

Geometry geometry(const LayerSpec& layer, Direction direction, const Shape& input) {
  const std::size_t dimensions = input.rank() - 1;
  const Shape& weight = layer.required("weight").shape();
  std::vector<Window> window = windows(layer, dimensions, direction, input).value();
  if (dimensions == 1) window.insert(window.begin(), Window{});
  Geometry result;
  result.c_in = input.channels();
  result.c_out = weight[0];
  result.groups = layer.attributes.integer_or("groups", 1);
  result.in_h = window[0].in;
  result.in_w = window[1].in;
  result.k_h = window[0].kernel;
  result.k_w = window[1].kernel;
  result.out_h = extent(window[0], direction);
  result.out_w = extent(window[1], direction);
  result.rows = lines(window[0], direction);
  result.columns = lines(window[1], direction);
  return result;
}

Border border(std::span<const Line> lines, std::int64_t extent) {
  Border result;
  for (const Line& line : lines) {
    for (const Tap& tap : line.taps) {
      result.before = std::max(result.before, -tap.shift);
      result.after = std::max(result.after, (line.count - 1) * line.stride + tap.shift - (extent - 1));
    }
  }
  return result;
}

}  // namespace algean::kernels::conv
