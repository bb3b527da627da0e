// Where the taps of a convolution's kernel meet its input, for convolutions and transposed ones, in one and two
// dimensions. One dimension is two with a height of 1.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels::conv {

enum class Direction : std::uint8_t { forward, transposed };

// One index of the kernel along an axis: output i of a line meets input i * stride + shift there. Where that lies
// outside the input, it meets padding.
struct Tap {
  std::int64_t kernel = 0;
  std::int64_t shift = 0;
};

// Outputs along an axis that meet the same taps: first, first + step, ... (`count` of them).
struct Line {
  std::int64_t first = 0, step = 1, count = 0;
  std::int64_t stride = 1;
  std::vector<Tap> taps;  // by ascending kernel index; none: the outputs hold only the bias
};

// Positions before 0 and behind the last input that some tap meets.
struct Border {
  std::int64_t before = 0, after = 0;
};

// A convolution has one line for its rows and one for its columns. A transposed one has a line for each remainder of
// the output's index by the stride: each pair of lines then is a convolution of stride 1.
struct Geometry {
  std::int64_t in_h = 1, in_w = 1, c_in = 1;
  std::int64_t out_h = 1, out_w = 1, c_out = 1;
  std::int64_t k_h = 1, k_w = 1;
  std::int64_t groups = 1;
  std::vector<Line> rows, columns;

  [[nodiscard]] std::int64_t inputs() const { return c_in / groups; }    // channels of a group
  [[nodiscard]] std::int64_t outputs() const { return c_out / groups; }  // channels of a group
  [[nodiscard]] bool depthwise() const { return groups > 1 && inputs() == 1; }
};

// The output's shape. Never trusts the layer: its attributes `strides` and `dilations` (each 1..2^28; strides of a
// transposed one at most 256), `padding` (0..2^28; behind a transposed one's end also negative), `groups`, the constant
// `weight` [C_out, kernel..., C_in/groups] and the input must fit together. The input with its padding may have 2^32
// elements, but beyond 2^26 not more than 64 times those of input and output.
Result<Shape> infer(const LayerSpec& layer, std::size_t dimensions, Direction direction, const Shape& input);

// Of a layer that infer() accepted.
Geometry geometry(const LayerSpec& layer, Direction direction, const Shape& input);

Border border(std::span<const Line> lines, std::int64_t extent);

}  // namespace algean::kernels::conv
