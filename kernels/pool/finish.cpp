#include "kernels/pool/finish.hpp"

#include <algorithm>

namespace algean::kernels::pool {
namespace {

constexpr std::int64_t max_taps = std::int64_t{1} << 23;  // so that 255 * taps has 31 bits
constexpr std::int64_t max_counts = 1 << 16;

}  // namespace

Result<std::vector<double>> average_ratios(const Geometry& geometry, double scale_x, double scale_y) {
  const std::int64_t window = geometry.window();
  if (window > max_taps) return bad_input("the window has {} taps, at most {} are summed up", window, max_taps);
  if (geometry.has_one_count()) return std::vector<double>{scale_x / (scale_y * static_cast<double>(window))};
  if (window > max_counts) {
    return bad_input("the window has {} taps, at most {} where windows reach into the padding", window, max_counts);
  }
  std::vector<double> ratios;
  for (std::int64_t n = 1; n <= window; ++n) ratios.push_back(scale_x / (scale_y * static_cast<double>(n)));
  return ratios;
}

Average::Average(const LayerSpec& layer, const Geometry& geometry, const TensorType& input, const TensorType& output)
    : is_scaled_(arithmetic_of(layer).value() == Arithmetic::scaled),
      is_half_up_(layer.attributes.text_or("rounding", "half_away") == "half_up"),
      has_one_count_(geometry.has_one_count()),
      zero_x_(input.element.quantisation()->zero_point()),
      range_(activation_codes(layer, *output.element.quantisation())) {
  if (is_scaled_) requantiser_ = Requantiser(layer, output);
}

std::int8_t Average::operator()(std::int32_t sum, std::int64_t taps, std::int64_t count) const {
  if (is_scaled_) {
    const std::int64_t acc = sum - taps * zero_x_;
    return requantiser_(static_cast<std::int32_t>(acc), has_one_count_ ? 0 : static_cast<std::size_t>(count - 1));
  }
  std::int64_t y = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
  if (is_half_up_) {  // codes were 128 higher, and all sums positive
    y = (sum + 128 * count + count / 2) / count - 128;
  }
  return static_cast<std::int8_t>(std::clamp<std::int64_t>(y, range_.low, range_.high));
}

}  // namespace algean::kernels::pool
