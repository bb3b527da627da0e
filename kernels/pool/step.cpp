// Compiled layers.
#include <algorithm>

#include "kernels/pool/finish.hpp"
#include "kernels/pool/kernel.hpp"
#include "kernels/pool/pool.hpp"

namespace algean::kernels {
namespace {

using pool::Axis;
using pool::Geometry;

// visit(window, first element of the position's channels, taps inside, number to divide by) for every output position.
template <class Visit>
void for_each_window(const Geometry& geometry, const signed char* x, const Visit& visit) {
  const auto& [rows, columns] = geometry.axes;
  const auto column_bytes = static_cast<long>(geometry.channels);
  const auto row_bytes = static_cast<long>(columns.in * geometry.channels);
  std::size_t at = 0;
  for (std::int64_t i = 0; i < rows.out; ++i) {
    const Axis::Taps down = rows.taps(i, geometry.count_padding);
    const std::int64_t row = i * rows.stride + down.first * rows.dilation - rows.before;
    for (std::int64_t j = 0; j < columns.out; ++j) {
      const Axis::Taps across = columns.taps(j, geometry.count_padding);
      const std::int64_t column = j * columns.stride + across.first * columns.dilation - columns.before;
      const pool::Window window{x + row * row_bytes + column * column_bytes, row_bytes * rows.dilation,
                                column_bytes * columns.dilation, static_cast<long>(down.last - down.first),
                                static_cast<long>(across.last - across.first)};
      visit(window, at, window.rows * window.columns, down.counted * across.counted);
      at += static_cast<std::size_t>(geometry.channels);
    }
  }
}

class MaxStep final : public Step {
 public:
  MaxStep(const Geometry& geometry, const pool::Kernel& kernel, CodeRange range)
      : geometry_(geometry), kernel_(kernel), range_(range) {}
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte*) const noexcept override {
    auto* y = reinterpret_cast<signed char*>(outputs[0]);
    const auto channels = static_cast<long>(geometry_.channels);
    for_each_window(geometry_, reinterpret_cast<const signed char*>(inputs[0]),
                    [&](const pool::Window& window, std::size_t at, std::int64_t, std::int64_t) {
                      kernel_.largest(window, y + at, channels);
                      if (range_.low > -128 || range_.high < 127) cut(y + at, channels);
                    });
  }

 private:
  void cut(signed char* y, long channels) const noexcept {
    for (long c = 0; c < channels; ++c) {
      y[c] = static_cast<signed char>(std::clamp<std::int32_t>(y[c], range_.low, range_.high));
    }
  }

  Geometry geometry_;
  const pool::Kernel& kernel_;
  CodeRange range_;
};

class AverageStep final : public Step {
 public:
  AverageStep(const Geometry& geometry, const pool::Kernel& kernel, pool::Average average)
      : geometry_(geometry), kernel_(kernel), average_(std::move(average)) {}
  [[nodiscard]] std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(geometry_.channels) * sizeof(int);
  }
  void run(const std::byte* const* inputs, std::byte* const* outputs, std::byte* scratch) const noexcept override {
    auto* y = reinterpret_cast<std::int8_t*>(outputs[0]);
    int* sums = reinterpret_cast<int*>(scratch);
    const auto channels = static_cast<std::size_t>(geometry_.channels);
    for_each_window(geometry_, reinterpret_cast<const signed char*>(inputs[0]),
                    [&](const pool::Window& window, std::size_t at, std::int64_t taps, std::int64_t count) {
                      kernel_.sum(window, sums, static_cast<long>(channels));
                      for (std::size_t c = 0; c < channels; ++c) y[at + c] = average_(sums[c], taps, count);
                    });
  }

 private:
  Geometry geometry_;
  const pool::Kernel& kernel_;
  pool::Average average_;
};

const pool::Kernel& find_kernel(InstructionSet instructions) {
#ifdef __x86_64__
  if (instructions == InstructionSet::avx512_vnni) return pool::avx512;
  if (instructions != InstructionSet::portable) return pool::avx2;
#endif
  (void)instructions;
  return pool::portable;
}

}  // namespace

Result<std::unique_ptr<Step>> Pool::compile(const LayerSpec& layer, std::span<const TensorType> inputs,
                                            std::span<const TensorType> outputs, InstructionSet instructions) const {
  ALGEAN_ASSIGN(const Geometry geometry, pool::make_geometry(layer, inputs[0].shape));
  const pool::Kernel& kernel = find_kernel(instructions);
  if (geometry.is_max) {
    return std::make_unique<MaxStep>(geometry, kernel, activation_codes(layer, *outputs[0].element.quantisation()));
  }
  return std::make_unique<AverageStep>(geometry, kernel, pool::Average(layer, geometry, inputs[0], outputs[0]));
}

}  // namespace algean::kernels
