#include "kernels/conv/hardware_plan.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "kernels/family/options.hpp"

namespace algean::kernels::conv {
namespace {

// Cycles from the moment in which a pixel's last beat comes to the one in which a tap that waits for it is taken.
constexpr std::int64_t window_latency = 3;

// Output pixels along one axis whose last tap comes soonest or latest by what borders do, within 0..out-1.
std::vector<std::int64_t> critical(std::int64_t in, std::int64_t reach, std::int64_t stride, std::int64_t before,
                                   std::int64_t out) {
  const std::int64_t whole = before / stride;                                        // the first without padding before
  const std::int64_t end = std::max<std::int64_t>(0, in - reach + before) / stride;  // the last without behind
  std::vector<std::int64_t> list;
  for (const std::int64_t at : {std::int64_t{0}, whole, whole + 1, end, end + 1, out - 2, out - 1}) {
    list.push_back(std::clamp<std::int64_t>(at, 0, out - 1));
  }
  std::ranges::sort(list);
  list.erase(std::ranges::unique(list).begin(), list.end());
  return list;
}

}  // namespace

Result<WindowShape> window_shape(const LayerSpec& layer, const Shape& input) {
  const Geometry g = geometry(layer, Direction::forward, input);
  const bool flat = input.rank() == 2;
  const std::size_t axes = flat ? 1 : 2;
  constexpr std::int64_t any = std::int64_t{1} << 32;
  ALGEAN_ASSIGN(const auto strides, list_option(layer, "strides", axes, 1, 1, any));
  ALGEAN_ASSIGN(const auto dilations, list_option(layer, "dilations", axes, 1, 1, any));
  ALGEAN_ASSIGN(const auto padding, list_option(layer, "padding", 2 * axes, 0, 0, any));
  WindowShape shape{.height = g.in_h, .width = g.in_w, .channels = g.c_in, .k_h = g.k_h, .k_w = g.k_w};
  shape.out_h = g.out_h;
  shape.out_w = g.out_w;
  shape.stride_w = strides[axes - 1];
  shape.dilation_w = dilations[axes - 1];
  shape.left = padding[axes - 1];
  shape.right = padding[2 * axes - 1];
  if (!flat) {
    shape.stride_h = strides[0];
    shape.dilation_h = dilations[0];
    shape.top = padding[0];
    shape.bottom = padding[2];
  }
  if (std::max(shape.top, shape.bottom) > (shape.k_h - 1) * shape.dilation_h ||
      std::max(shape.left, shape.right) > (shape.k_w - 1) * shape.dilation_w) {
    return bad_input("attribute 'padding': there is hardware for less than the kernel's reach only");
  }
  return shape;
}

std::int64_t Window::interval(std::int64_t pixel_cycles) const {
  return std::max(shape.pixels() * std::max(pixel_cycles, beats_per_pixel()), input_beats());
}

// The first tap waits for the image's first beat, the last one for its last. Besides, every pixel's taps wait for
// theirs, and what follows takes the slower one of the window and its reader; only pixels at borders can be the ones
// that decide.
std::int64_t Window::last_beat(std::int64_t pixel_cycles) const {
  const std::int64_t each = std::max(pixel_cycles, beats_per_pixel());
  const std::int64_t reach_w = (shape.k_w - 1) * shape.dilation_w + 1;
  std::int64_t latest = std::max(input_beats(), shape.pixels() * each - (each - beats_per_pixel()));
  for (const std::int64_t x : critical(shape.width, reach_w, shape.stride_w, shape.left, shape.out_w)) {
    for (std::int64_t y = 0; y < shape.out_h; ++y) {
      const std::int64_t behind = (shape.pixels() - 1 - (y * shape.out_w + x)) * each;
      for (std::int64_t ky = 0; ky < shape.k_h; ++ky) {
        const std::int64_t row = y * shape.stride_h + ky * shape.dilation_h - shape.top;
        if (row < 0 || row >= shape.height) continue;
        for (std::int64_t kx = 0; kx < shape.k_w; ++kx) {
          const std::int64_t column = x * shape.stride_w + kx * shape.dilation_w - shape.left;
          if (column < 0 || column >= shape.width) continue;
          const std::int64_t there = (row * shape.width + column + 1) * blocks();
          const std::int64_t before = order == Order::rows     ? kx * blocks()
                                      : order == Order::blocks ? ky * shape.k_w + kx
                                                               : (ky * shape.k_w + kx) * blocks();
          latest = std::max(latest, there + beats_per_pixel() - 1 - before + behind);
        }
      }
    }
  }
  return latest + window_latency;
}

std::int64_t Window::lag_beats() const {
  if (shape.pixels() == 1) return input_beats();
  std::int64_t last = 0;
  for (std::int64_t ky = 0; ky < shape.k_h; ++ky) {
    const std::int64_t row = ky * shape.dilation_h - shape.top;
    if (row < 0 || row >= shape.height) continue;
    for (std::int64_t kx = 0; kx < shape.k_w; ++kx) {
      const std::int64_t column = kx * shape.dilation_w - shape.left;
      if (column < 0 || column >= shape.width) continue;
      last = std::max(last, row * shape.width + column + 1);
    }
  }
  return std::max<std::int64_t>(1, last * blocks());
}

// What the last beat brings leaves as this many beats, and but for the form that only narrows a cycle later.
std::int64_t Window::repack_cycles(std::int64_t simd) const {
  const bool whole = shape.channels % lanes == 0;
  if (whole && output_lanes() == simd) return 0;
  const std::int64_t elements = shape.taps() * shape.channels;
  const std::int64_t last = whole ? output_lanes() : shape.channels - (blocks() - 1) * lanes;
  const std::int64_t leave = (elements + simd - 1) / simd - (elements - last) / simd;
  const std::int64_t together = std::gcd(std::gcd(output_lanes(), simd), whole ? elements : shape.channels);
  return leave - 1 + (together == simd ? 0 : 1);
}

std::int64_t Window::source(std::int64_t element) const {
  if (order != Order::rows) return element;
  const std::int64_t column = element / (blocks() * shape.k_h * lanes);
  const std::int64_t block = element / (shape.k_h * lanes) % blocks();
  const std::int64_t row = element / lanes % shape.k_h;
  return (row * shape.k_w + column) * shape.channels + block * lanes + element % lanes;
}

Window choose_window(const WindowShape& shape, std::int64_t simd, std::int64_t vector_cycles) {
  Window best;
  std::tuple<std::int64_t, std::int64_t, bool, std::int64_t> least;
  const auto consider = [&](Order order, std::int64_t lanes) {
    const Window window{shape, order, lanes};
    const std::int64_t out = window.output_lanes();
    const bool whole = shape.channels % lanes == 0;  // no lanes to be left out behind a pixel's last channel
    const std::int64_t repack = whole && out == simd                            ? 0
                                : whole && (out % simd == 0 || simd % out == 0) ? 1
                                : whole                                         ? 2
                                                                                : 3;
    const std::tuple rank(window.interval(vector_cycles), repack, order == Order::rows, lanes);
    if (best.shape.channels != shape.channels || rank < least) {
      best = window;
      least = rank;
    }
  };
  best.shape.channels = 0;
  for (std::int64_t lanes = 1; lanes <= shape.channels; ++lanes) {
    if (shape.channels % lanes == 0) {
      consider(Order::window, lanes);
      if (shape.k_h > 1) consider(Order::rows, lanes);
    } else if (lanes == simd) {
      consider(Order::window, lanes);
    }
  }
  return best;
}

}  // namespace algean::kernels::conv
