// Which window a folding of a convolution has in front, and what it costs in cycles.
#pragma once

#include <cstdint>

#include "kernels/conv/geometry.hpp"
#include "kernels/weighted/unit.hpp"

namespace algean::kernels::conv {

// Parameters of algean_window but for lanes and order.
struct WindowShape {
  std::int64_t height = 1, width = 1, channels = 1;
  std::int64_t k_h = 1, k_w = 1;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t dilation_h = 1, dilation_w = 1;
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
  std::int64_t out_h = 1, out_w = 1;

  [[nodiscard]] std::int64_t taps() const { return k_h * k_w; }
  [[nodiscard]] std::int64_t pixels() const { return out_h * out_w; }
  // Every window is one pixel, and every pixel one window: nothing to be done.
  [[nodiscard]] bool trivial() const { return taps() == 1 && stride_h == 1 && stride_w == 1; }
};

// Of a verified layer. bad_input for what algean_window does not do.
Result<WindowShape> window_shape(const LayerSpec& layer, const Shape& input);

enum class Order : std::uint8_t { window = 0, blocks = 1, rows = 2 };  // as algean_window's parameter

// A window in `order` with `lanes` channels a beat.
struct Window {
  WindowShape shape;
  Order order = Order::window;
  std::int64_t lanes = 1;

  [[nodiscard]] std::int64_t blocks() const { return (shape.channels + lanes - 1) / lanes; }
  [[nodiscard]] std::int64_t output_lanes() const { return order == Order::rows ? shape.k_h * lanes : lanes; }
  // Beats that one output pixel, the whole input, takes.
  [[nodiscard]] std::int64_t beats_per_pixel() const {
    return blocks() * (order == Order::rows ? shape.k_w : shape.taps());
  }
  [[nodiscard]] std::int64_t input_beats() const { return shape.height * shape.width * blocks(); }
  // Cycles an image where each output pixel takes its reader `pixel_cycles`.
  [[nodiscard]] std::int64_t interval(std::int64_t pixel_cycles) const;
  // Cycle, counted from the first input beat, of the last beat of an image's last pixel, where its readers take
  // `pixel_cycles` a pixel and the source is never idle.
  [[nodiscard]] std::int64_t last_beat(std::int64_t pixel_cycles) const;
  // Cycles more until a matrix unit of `simd` lanes has the last beat, behind an algean_repack where it needs one.
  [[nodiscard]] std::int64_t repack_cycles(std::int64_t simd) const;
  // Input beats that must have come before all of the first output pixel can leave.
  [[nodiscard]] std::int64_t lag_beats() const;
  // Where element i of an output pixel, as the window gives it, comes from: tap * channels + channel.
  [[nodiscard]] std::int64_t source(std::int64_t element) const;
};

// The window for a matrix unit of `simd` lanes that takes `vector_cycles` a pixel: one that it never waits for, if
// there is one, then one without a repack behind it or with a cheap one, then the narrowest.
Window choose_window(const WindowShape& shape, std::int64_t simd, std::int64_t vector_cycles);

}  // namespace algean::kernels::conv
