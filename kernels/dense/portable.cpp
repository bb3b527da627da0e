// The dense kernel for any CPU.
#include "kernels/dense/kernel.hpp"
#include "kernels/numeric/scaled.hpp"

namespace algean::kernels::dense {
namespace {

constexpr int lanes = 16;       // output channels of a block
constexpr int line_bytes = 64;  // of a block and quad

void run(const Packed& packed, const std::int8_t* x, Row row, std::int16_t*) noexcept {
  const std::uint8_t* at = packed.constants;
  for (int channel = 0; channel < packed.blocks * lanes; channel += lanes) {
    std::uint32_t acc[lanes];
    __builtin_memcpy(acc, at, sizeof(acc));
    at += line_bytes;
    for (int quad = 0; quad < packed.quads; ++quad, at += line_bytes) {
      for (int lane = 0; lane < lanes; ++lane) {
        std::int32_t sum = 0;
        for (int i = 0; i < 4; ++i) sum += (x[4 * quad + i] + 128) * static_cast<std::int8_t>(at[4 * lane + i]);
        acc[lane] += static_cast<std::uint32_t>(sum);
      }
    }
    at += line_bytes;  // its scales; this kernel takes multiplier and shift
    for (int lane = channel; lane < channel + lanes; ++lane) {
      const auto sum = static_cast<std::int32_t>(acc[lane - channel]);
      if (row.accumulators != nullptr) {
        row.accumulators[lane] = sum;
      } else {
        row.y[lane] = static_cast<std::int8_t>(scaled::requantise(sum, packed.multiplier[lane], packed.shift[lane],
                                                                  packed.zero_y, packed.low, packed.high));
      }
    }
  }
}

}  // namespace

const Kernel portable{run, 1};

}  // namespace algean::kernels::dense
