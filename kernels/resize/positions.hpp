// Which input indices the output indices of one axis read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace algean::kernels::resize {

enum class Coordinates : std::uint8_t {
  half_pixel,
  pytorch_half_pixel,
  half_pixel_symmetric,
  tf_half_pixel_for_nn,
  asymmetric,
  align_corners,
};
enum class Rounding : std::uint8_t { floor, ceil, round, round_down };

std::optional<Coordinates> parse_coordinates(const std::string& name);
std::optional<Rounding> parse_rounding(const std::string& name);

// One axis. Extents in 1..2^24; scale > 0 is out / in unless the layer has its own.
struct AxisRule {
  std::int64_t in = 1;
  std::int64_t out = 1;
  std::optional<double> scale;
  Coordinates coordinates = Coordinates::half_pixel;
};

// The two neighbours of a position; both lie in the input. lower == upper: the upper's share is 0.
struct Neighbours {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  double share = 0;             // of the upper one, in [0, 1)
  std::int32_t share_1024 = 0;  // the same in 1/1024, 0..1024
};

// Indices that `nearest` reads, for each output index; tflite: positions in binary32.
std::vector<std::int64_t> nearest(const AxisRule& rule, Rounding rounding, bool tflite);
// Neighbours in binary64, share_1024 rounded half up.
std::vector<Neighbours> linear(const AxisRule& rule);
// Those of TensorFlow Lite's integer kernel: positions in 1/1024 (`share` stays 0). Coordinates half_pixel, asymmetric
// or align_corners.
std::vector<Neighbours> linear_tflite(const AxisRule& rule);

}  // namespace algean::kernels::resize
