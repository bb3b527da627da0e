#include "kernels/conv/runs.hpp"

#include <algorithm>

#include "kernels/numeric/scaled.hpp"
#include "kernels/weighted/weighted.hpp"

namespace algean::kernels::conv {
namespace {

std::int64_t offset(const Image& image, const Tap& down, const Tap& across) {
  const auto row = static_cast<std::size_t>(down.shift + static_cast<std::int64_t>(image.top));
  const auto column = static_cast<std::size_t>(across.shift + static_cast<std::int64_t>(image.left));
  return static_cast<std::int64_t>(row * image.row_bytes() + column * image.pixel_bytes);
}

}  // namespace

Weights::Weights(const LayerSpec& layer)
    : weights_(layer.required("weight").elements<std::int8_t>()),
      zero_points_(weight_zero_points(layer)),
      of_output_(weights_.size() / zero_points_.size()) {
  for (std::size_t o = 0; o < zero_points_.size(); ++o) {
    const auto row = weights_.subspan(o * of_output_, of_output_);
    const int most = *std::ranges::max_element(row) - zero_points_[o];
    const int least = *std::ranges::min_element(row) - zero_points_[o];
    while (most > 127 * copies_ || least < -128 * copies_) ++copies_;
  }
}

std::int8_t Weights::at(std::size_t o, std::size_t index, int copy) const {
  int rest = weights_[o * of_output_ + index] - zero_points_[o];
  for (; copy > 0; --copy) rest -= std::clamp(rest, -128, 127);
  return static_cast<std::int8_t>(std::clamp(rest, -128, 127));
}

std::int64_t Weights::sum(std::size_t o, std::size_t first, std::size_t count) const {
  std::int64_t result = 0;
  for (std::size_t i = first; i < first + count; ++i) result += weights_[o * of_output_ + i] - zero_points_[o];
  return result;
}

std::int64_t Weights::largest_sum(std::size_t o, std::int32_t bias, std::int32_t zero_x) const {
  const auto range =
      scaled::accumulator_range(&weights_[o * of_output_], of_output_, bias, zero_x, -128, 127, zero_points_[o]);
  return std::max(-range.low, range.high);
}

Runs::Runs(const Geometry& g, const Line& rows, const Line& columns, const Image& image, int copies,
           std::size_t multiple) {
  std::vector<Tap> across = columns.taps;
  std::ranges::sort(across, {}, &Tap::shift);
  const auto gap = [](const Tap& a, const Tap& b) { return a.shift + 1 != b.shift; };
  const bool merge = g.groups == 1 && multiple == 1 && std::ranges::adjacent_find(across, gap) == across.end();
  for (int copy = 0; copy < copies; ++copy) {
    for (const Tap& down : rows.taps) {
      for (const Tap& tap : across) {
        if (!merge || &tap == across.data()) runs_.push_back({offset(image, down, tap), copy, {}});
        runs_.back().taps.push_back(static_cast<std::size_t>(down.kernel * g.k_w + tap.kernel));
      }
    }
  }
  while (runs_.size() % multiple != 0) runs_.push_back({runs_.front().offset, 0, {}});
}

std::size_t Runs::bytes(std::size_t inputs) const { return runs_.empty() ? 1 : runs_.front().taps.size() * inputs; }

std::vector<std::int64_t> Runs::offsets() const {
  std::vector<std::int64_t> result;
  for (const ByteRun& run : runs_) result.push_back(run.offset);
  return result;
}

}  // namespace algean::kernels::conv
