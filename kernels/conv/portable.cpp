// The convolution kernels for any CPU.
#include "kernels/conv/kernel.hpp"
#include "kernels/numeric/scaled.hpp"
#include "kernels/numeric/tflite.hpp"

namespace algean::kernels::conv {
namespace {

constexpr int lanes = 16;       // output channels of a block
constexpr int line_bytes = 64;  // of a block and quad
constexpr int depthwise_taps = 4;

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

void run(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte*) noexcept {
  const std::uint8_t* constants = packed.constants;
  const std::int64_t block_bytes = (std::int64_t{packed.runs} * packed.quads + 3) * line_bytes;
  for (int b = 0; b < packed.blocks; ++b, constants += block_bytes) {
    for_each_pixel(packed, image, y, [&](const std::uint8_t* pixel, std::int8_t* to) {
      std::uint32_t acc[lanes];
      __builtin_memcpy(acc, constants, sizeof(acc));
      const std::uint8_t* weights = constants + line_bytes;
      for (int r = 0; r < packed.runs; ++r) {
        const std::uint8_t* u = pixel + packed.run_offsets[r];
        for (int quad = 0; quad < packed.quads; ++quad, u += 4, weights += line_bytes) {
          for (int lane = 0; lane < lanes; ++lane) {
            std::int32_t sum = 0;
            for (int i = 0; i < 4; ++i) sum += u[i] * static_cast<std::int8_t>(weights[4 * lane + i]);
            acc[lane] += static_cast<std::uint32_t>(sum);
          }
        }
      }
      write_block(packed, acc, b * lanes, to);
    });
  }
}

void run_depthwise(const Packed& packed, const std::uint8_t* image, std::int8_t* y, std::byte*) noexcept {
  const std::uint8_t* constants = packed.constants;
  const std::int64_t block_bytes = (packed.runs / depthwise_taps + 3) * line_bytes;
  for (int b = 0; b < packed.blocks; ++b, constants += block_bytes) {
    for_each_pixel(packed, image + b * lanes, y, [&](const std::uint8_t* pixel, std::int8_t* to) {
      std::uint32_t acc[lanes];
      __builtin_memcpy(acc, constants, sizeof(acc));
      const std::uint8_t* weights = constants + line_bytes;
      for (int r = 0; r < packed.runs; r += depthwise_taps, weights += line_bytes) {
        for (int i = 0; i < depthwise_taps; ++i) {
          const std::uint8_t* u = pixel + packed.run_offsets[r + i];
          for (int lane = 0; lane < lanes; ++lane) {
            acc[lane] += static_cast<std::uint32_t>(u[lane] * static_cast<std::int8_t>(weights[4 * lane + i]));
          }
        }
      }
      write_block(packed, acc, b * lanes, to);
    });
  }
}

}  // namespace

const Kernel portable{run, 1, false, no_scratch};
const DepthwiseKernel depthwise_portable{run_depthwise, depthwise_taps, 1};

}  // namespace algean::kernels::conv
