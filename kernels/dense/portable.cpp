// The dense kernel for any CPU.
#include "kernels/dense/kernel.hpp"
#include "kernels/numeric/scaled.hpp"

namespace algean::kernels::dense {
namespace {

constexpr int lanes = 16;       // output channels of a block
constexpr int line_bytes = 64;  // of a block and quad

void run_block(const Packed& packed, const std::uint8_t* bias, const std::uint8_t* weights, int stride_bytes,
               const std::int8_t* x, int first_channel, std::int8_t* y) noexcept {
  std::uint32_t acc[lanes];
  __builtin_memcpy(acc, bias, sizeof(acc));
  for (int quad = 0; quad < packed.quads; ++quad, weights += stride_bytes) {
    for (int lane = 0; lane < lanes; ++lane) {
      std::int32_t sum = 0;
      for (int i = 0; i < 4; ++i) {
        sum += (x[4 * quad + i] + 128) * static_cast<std::int8_t>(weights[4 * lane + i]);
      }
      acc[lane] += static_cast<std::uint32_t>(sum);
    }
  }
  for (int lane = 0; lane < lanes; ++lane) {
    const int channel = first_channel + lane;
    y[lane] =
        static_cast<std::int8_t>(scaled::requantise(static_cast<std::int32_t>(acc[lane]), packed.multiplier[channel],
                                                    packed.shift[channel], packed.zero_y, packed.low, 127));
  }
}

}  // namespace

void run_portable(const Packed& packed, const std::int8_t* x, std::int8_t* y, std::int16_t*) noexcept {
  const std::uint8_t* group = packed.groups;
  const int groups = (packed.blocks + largest_group - 1) / largest_group;
  int channel = 0;
  for (int g = 0; g < groups; ++g) {
    const int size = packed.blocks / groups + (g < packed.blocks % groups ? 1 : 0);
    const std::uint8_t* weights = group + size * line_bytes;
    for (int block = 0; block < size; ++block, channel += lanes) {
      run_block(packed, group + block * line_bytes, weights + block * line_bytes, size * line_bytes, x, channel,
                y + channel);
    }
    group = weights + static_cast<std::ptrdiff_t>(packed.quads + 1) * size * line_bytes;
  }
}

}  // namespace algean::kernels::dense
