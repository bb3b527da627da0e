#include "kernels/movement/copy.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/base/result.hpp"

namespace algean::kernels {
namespace {

bool is_filled(const Run& run) { return run.from == Run::nothing; }
bool is_single(const AxisRuns& axis) { return axis.size() == 1 && !is_filled(axis[0]); }

// Axes without those of one index, whose offset goes to `base`, and with neighbours joined that walk as one.
std::vector<AxisRuns> joined(std::vector<AxisRuns> axes, std::int64_t& base) {
  std::vector<AxisRuns> result;
  for (AxisRuns& axis : axes) {
    if (is_single(axis) && axis[0].count == 1) {
      base += axis[0].from;
      continue;
    }
    if (!result.empty() && is_single(axis) && is_single(result.back())) {
      Run& outer = result.back()[0];
      const Run& inner = axis[0];
      if (outer.step == inner.step * inner.count) {
        outer = {outer.from + inner.from, inner.step, outer.count * inner.count};
        continue;
      }
    }
    result.push_back(std::move(axis));
  }
  return result;
}

template <class T>
void copy_spaced(const std::byte* from, std::ptrdiff_t step, std::byte* to, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i, from += step) std::memcpy(to + i * sizeof(T), from, sizeof(T));
}

// `count` pieces of `bytes`, `step` bytes apart in the input, side by side in the output.
void copy_pieces(const std::byte* from, std::ptrdiff_t step, std::byte* to, std::size_t count,
                 std::size_t bytes) noexcept {
  if (step == static_cast<std::ptrdiff_t>(bytes)) {
    std::memcpy(to, from, count * bytes);
    return;
  }
  switch (bytes) {
    case 1:
      if (step == 0) {
        std::memset(to, std::to_integer<int>(*from), count);
      } else {
        copy_spaced<std::uint8_t>(from, step, to, count);
      }
      return;
    case 2:
      return copy_spaced<std::uint16_t>(from, step, to, count);
    case 4:
      return copy_spaced<std::uint32_t>(from, step, to, count);
    default:
      for (std::size_t i = 0; i < count; ++i, from += step) std::memcpy(to + i * bytes, from, bytes);
  }
}

}  // namespace

void append(AxisRuns& axis, const Run& run) {
  if (run.count == 0) return;
  if (axis.empty() || is_filled(axis.back()) || is_filled(run)) {
    axis.push_back(run);
    return;
  }
  Run& last = axis.back();
  const std::int64_t step = last.count > 1 ? last.step : run.from - last.from;
  const bool fits = run.from == last.from + last.count * step && (run.count == 1 || run.step == step);
  if (!fits) {
    axis.push_back(run);
    return;
  }
  last = {last.from, step, last.count + run.count};
}

std::vector<std::int64_t> element_strides(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.rank(), 1);
  for (std::size_t axis = shape.rank(); axis > 1; --axis) strides[axis - 2] = strides[axis - 1] * shape[axis - 1];
  return strides;
}

Copy::Copy(std::vector<AxisRuns> axes, std::size_t element_bytes, std::span<const std::byte> filler)
    : chunk_bytes_(element_bytes), filler_(filler.begin(), filler.end()) {
  const auto bytes = static_cast<std::int64_t>(element_bytes);
  std::int64_t base = 0;
  std::vector<AxisRuns> rest = joined(std::move(axes), base);
  if (!rest.empty() && is_single(rest.back()) && rest.back()[0].step == 1) {
    base += rest.back()[0].from;
    chunk_bytes_ *= static_cast<std::size_t>(rest.back()[0].count);
    rest.pop_back();
  }
  base_ = base * bytes;
  std::size_t block_bytes = chunk_bytes_;
  for (std::size_t level = rest.size(); level-- > 0;) {
    std::size_t count = 0;
    for (Run& run : rest[level]) {
      count += static_cast<std::size_t>(run.count);
      ALGEAN_INVARIANT(!is_filled(run) || filler_.size() == element_bytes);
      if (!is_filled(run)) run = {run.from * bytes, run.step * bytes, run.count};
    }
    levels_.push_back({std::move(rest[level]), block_bytes});
    block_bytes *= count;
  }
  std::ranges::reverse(levels_);
}

void Copy::run(const std::byte* from, std::byte* to) const noexcept { walk(0, from + base_, to); }

void Copy::walk(std::size_t level, const std::byte* from, std::byte* to) const noexcept {
  if (level == levels_.size()) {
    std::memcpy(to, from, chunk_bytes_);
    return;
  }
  const Level& here = levels_[level];
  for (const Run& run : here.runs) {
    const std::size_t bytes = static_cast<std::size_t>(run.count) * here.block_bytes;
    if (is_filled(run)) {
      fill(to, bytes);
    } else if (level + 1 == levels_.size()) {
      copy_pieces(from + run.from, run.step, to, static_cast<std::size_t>(run.count), here.block_bytes);
    } else {
      for (std::int64_t i = 0; i < run.count; ++i) {
        walk(level + 1, from + run.from + i * run.step, to + static_cast<std::size_t>(i) * here.block_bytes);
      }
    }
    to += bytes;
  }
}

void Copy::fill(std::byte* to, std::size_t bytes) const noexcept {
  if (filler_.size() == 1) {
    std::memset(to, std::to_integer<int>(filler_[0]), bytes);
    return;
  }
  for (std::size_t at = 0; at < bytes; at += filler_.size()) std::memcpy(to + at, filler_.data(), filler_.size());
}

}  // namespace algean::kernels
