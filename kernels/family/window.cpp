#include "kernels/family/window.hpp"

#include <algorithm>
#include <vector>

namespace algean::kernels {
namespace {

constexpr std::int64_t pipeline = 2;  // registers behind the reader's counters

// The writer: rows of the image as they come into the ring. Cycles count from the first beat taken.
class Writer {
 public:
  explicit Writer(const WindowShape& shape) : rows_(shape.axes[0]), row_beats_(shape.axes[1].in * shape.blocks) {
    const std::int64_t step = std::min(rows_.stride, rows_.reach());
    std::int64_t kept = 0;
    for (std::int64_t row = 0; row < rows_.in; ++row) kept += rows_.keeps(row) ? 1 : 0;
    const std::int64_t last_base = std::max<std::int64_t>(0, (rows_.out() - 1) * step - rows_.before);
    ring_ = std::max(kept + rows_.reach() - rows_.before - last_base, rows_.out() > 1 ? rows_.reach() + step : 1);
    step_ = step;
  }

  // The reader is done with output row y, which was row number `rows_read` from 1, in that cycle.
  void release(std::int64_t cycle) { released_.push_back(cycle); }

  // The cycle behind that in which the row's beat number `beats` (from 1) was taken.
  std::int64_t taken(std::int64_t row, std::int64_t beats) {
    while (static_cast<std::int64_t>(starts_.size()) <= row) start_next();
    return starts_[static_cast<std::size_t>(row)] + beats;
  }

 private:
  // A row begins behind the one before it, once the ring has room: fewer than ring_ kept rows from the reader's base
  // on.
  void start_next() {
    std::int64_t start = starts_.empty() ? 0 : starts_.back() + row_beats_;
    const auto row = static_cast<std::int64_t>(starts_.size());
    const std::int64_t base = complete_ - ring_ + 1;  // the reader's must be this at least
    if (base > 0) {
      const auto rows = static_cast<std::size_t>((base + rows_.before + step_ - 1) / step_);
      if (rows <= released_.size()) start = std::max(start, released_[rows - 1] + 1);
    }
    starts_.push_back(start);
    complete_ += rows_.keeps(row) ? 1 : 0;
  }

  WindowShape::Axis rows_;
  std::int64_t row_beats_, ring_ = 1, step_ = 1;
  std::int64_t complete_ = 0;           // kept rows before the next
  std::vector<std::int64_t> starts_;    // of the rows so far
  std::vector<std::int64_t> released_;  // cycles in which output rows ended
};

// Beats of one output pixel, and of them, those of a tap of its first block: first_tap + tap * tap_step.
struct Pixel {
  std::int64_t beats, tap_step, taps_y;
};
Pixel pixel_of(const WindowShape& shape) {
  const std::int64_t taps_y = shape.order == 2 ? 1 : shape.axes[0].window;
  return {taps_y * shape.axes[1].window * shape.blocks, shape.order == 1 ? 1 : shape.blocks, taps_y};
}

}  // namespace

std::int64_t WindowShape::out_beats() const { return axes[0].out() * axes[1].out() * pixel_of(*this).beats; }

WindowTimes window_times(const WindowShape& shape) {
  const auto& [rows, columns] = shape.axes;
  const Pixel pixel = pixel_of(shape);
  Writer writer(shape);
  WindowTimes times{-1, 0};
  std::int64_t next = 1;  // first cycle in which the reader may give its next tap
  for (std::int64_t y = 0; y < rows.out(); ++y) {
    for (std::int64_t x = 0; x < columns.out(); ++x) {
      // The pixel's taps are given without rest, as late as the latest of them asks for; those before it wait in
      // between, which the last one does not show.
      std::int64_t last = next + pixel.beats - 1;
      std::int64_t first = next;
      for (std::int64_t ky = 0; ky < pixel.taps_y; ++ky) {
        std::int64_t row = y * rows.stride + ky * rows.dilation - rows.before;
        if (shape.order == 2) row = std::min(y * rows.stride + rows.reach() - 1 - rows.before, rows.in - 1);
        if (row < 0 || row >= rows.in) continue;
        for (std::int64_t kx = 0; kx < columns.window; ++kx) {
          const std::int64_t column = x * columns.stride + kx * columns.dilation - columns.before;
          if (column < 0 || column >= columns.in) continue;
          const std::int64_t place = (ky * columns.window + kx) * pixel.tap_step;
          const std::int64_t there = writer.taken(row, (column + 1) * shape.blocks);
          last = std::max(last, there + pixel.beats - 1 - place);
          if (place == 0) first = std::max(first, there);
        }
      }
      if (times.first < 0) times.first = first + pipeline;
      next = last + 1;
    }
    writer.release(next - 1);
  }
  const std::int64_t complete = writer.taken(rows.in - 1, columns.in * shape.blocks);
  times.last = std::max(next - 1, complete) + pipeline;
  return times;
}

std::int64_t window_lag(const WindowShape& shape) {
  const auto last_of = [](const WindowShape::Axis& axis) {
    return std::clamp<std::int64_t>(axis.reach() - 1 - axis.before, 0, axis.in - 1);
  };
  return (last_of(shape.axes[0]) * shape.axes[1].in + last_of(shape.axes[1]) + 1) * shape.blocks;
}

}  // namespace algean::kernels
