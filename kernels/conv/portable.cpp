// The convolution kernels for any CPU.
#include "kernels/conv/kernel.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"

namespace algean::kernels::conv {
namespace {

constexpr int lanes = 16;       // output channels of a block
constexpr int line_bytes = 64;  // of a block and quad

// Requantises a block's accumulators, and writes those of them that are channels.
void write_block(const Packed& packed, const std::uint32_t* acc, int channel, std::int8_t* y) {
  for (int lane = 0; lane < lanes && channel + lane < packed.channels; ++lane) {
    const auto sum = static_cast<std::int32_t>(acc[lane]);
    const std::int32_t multiplier = packed.multiplier[channel + lane];
    const int shift = packed.shift[channel + lane];
    const int low = packed.low - packed.zero_y;
    const int high = packed.high - packed.zero_y;
    const std::int32_t product =
        packed.tflite ? tflite::mbqm(sum, multiplier, shift) : scaled::requantise(sum, multiplier, shift, 0, low, high);
    const std::int32_t cut = product < low ? low : product > high ? high : product;
    y[channel + lane] = static_cast<std::int8_t>(cut + packed.zero_y);
  }
}

// Calls block(image at the pixel, output at the pixel) for each pixel of the grid.
template <class Block>
void for_each_pixel(const Packed& packed, const std::uint8_t* image, std::int8_t* y, const Block& block) {
  for (int row = 0; row < packed.rows; ++row) {
    const std::uint8_t* pixel = image + packed.first + row * packed.row_step;
    std::int8_t* to = y + packed.y_first + row * packed.y_row_step;
    for (int column = 0; column < packed.columns; ++column) {
      block(pixel, to);
      pixel += packed.column_step;
      to += packed.y_column_step;
    }
  }
}

// A block's weights as 16-bit numbers, [byte of the runs][lane]: compilers make vector code of that.
void unpack(const std::uint8_t* weights, std::int64_t quads, std::int16_t* to) {
  for (std::int64_t quad = 0; quad < quads; ++quad, weights += line_bytes, to += line_bytes) {
    for (int i = 0; i < line_bytes; ++i) to[i % 4 * lanes + i / 4] = std::int16_t{static_cast<std::int8_t>(weights[i])};
  }
}

struct Sums {
  std::uint32_t of[lanes];  // modulo 2^32
};

// Adds one run's products; by value, since what a byte pointer reads may be anything.
Sums add_run(Sums sums, const std::uint8_t* u, std::uint8_t flip, std::int64_t bytes, const std::int16_t* weights) {
  for (std::int64_t i = 0; i < bytes; ++i, weights += lanes) {
    const auto x = static_cast<std::int16_t>(u[i] ^ flip);
    for (int lane = 0; lane < lanes; ++lane) sums.of[lane] += static_cast<std::uint32_t>(x * weights[lane]);
  }
  return sums;
}

void run(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte* scratch) noexcept {
  auto* weights = reinterpret_cast<std::int16_t*>(scratch);
  const std::int64_t quads = std::int64_t{packed.runs} * packed.quads;
  const std::uint8_t* constants = packed.constants;
  for (int b = 0; b < packed.blocks; ++b, constants += (quads + 3) * line_bytes) {
    unpack(constants + line_bytes, quads, weights);
    for_each_pixel(packed, image, y, [&](const std::uint8_t* pixel, std::int8_t* to) {
      Sums sums{};
      const std::int64_t bytes = std::int64_t{4} * packed.quads;
      for (int r = 0; r < packed.runs; ++r) {
        const std::uint8_t* u = pixel + packed.run_offsets[r];
        sums = add_run(sums, u, packed.flip, bytes, weights + r * bytes * lanes);
      }
      std::uint32_t acc[lanes];
      __builtin_memcpy(acc, constants, sizeof(acc));
      for (int lane = 0; lane < lanes; ++lane) acc[lane] += sums.of[lane];
      write_block(packed, acc, b * lanes, to);
    });
  }
}

std::size_t scratch_bytes(const Packed& packed) {
  return static_cast<std::size_t>(packed.runs) * static_cast<std::size_t>(packed.quads) * line_bytes *
         sizeof(std::int16_t);
}

void run_depthwise(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte*) noexcept {
  const std::uint8_t* constants = packed.constants;
  const std::int64_t weight_bytes = (std::int64_t{packed.runs} * lanes + line_bytes - 1) / line_bytes * line_bytes;
  for (int b = 0; b < packed.blocks; ++b, constants += weight_bytes + 3 * line_bytes) {
    for_each_pixel(packed, image + b * lanes, y, [&](const std::uint8_t* pixel, std::int8_t* to) {
      std::uint32_t acc[lanes];
      __builtin_memcpy(acc, constants, sizeof(acc));
      const std::uint8_t* weights = constants + line_bytes;
      for (int r = 0; r < packed.runs; ++r, weights += lanes) {
        const std::uint8_t* u = pixel + packed.run_offsets[r];
        for (int lane = 0; lane < lanes; ++lane) {
          acc[lane] += static_cast<std::uint32_t>(u[lane] * static_cast<std::int8_t>(weights[lane]));
        }
      }
      write_block(packed, acc, b * lanes, to);
    });
  }
}

}  // namespace

const Kernel portable{run, 1, true, scratch_bytes};
const DepthwiseKernel depthwise_portable{run_depthwise, 1, 1};

}  // namespace algean::kernels::conv
