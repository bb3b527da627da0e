#include "kernels/conv/runs.hpp"

#include <algorithm>

namespace algean::kernels::conv {
namespace {

std::int64_t offset(const Image& image, const Tap& down, const Tap& across) {
  const auto row = static_cast<std::size_t>(down.shift + static_cast<std::int64_t>(image.top));
  const auto column = static_cast<std::size_t>(across.shift + static_cast<std::int64_t>(image.left));
  return static_cast<std::int64_t>(row * image.row_bytes() + column * image.pixel_bytes);
}

}  // namespace

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
