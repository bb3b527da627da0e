// What a circuit takes of an FPGA.
#pragma once

#include <cstdint>

namespace algean::kernels {

// Counts as Yosys' synth_xilinx -family xcup gives them after synthesis, before placement: lut sums LUT1 to LUT6 and
// what LUT memories take, bram18 counts RAMB18E2 as 1 and RAMB36E2 as 2.
struct Resources {
  std::int64_t dsp_multiply = 0;    // of matrices and products
  std::int64_t dsp_requantise = 0;  // from accumulators to codes
  std::int64_t bram18 = 0;
  std::int64_t uram = 0;
  std::int64_t lut = 0;
  std::int64_t ff = 0;
  bool operator==(const Resources&) const = default;

  Resources& operator+=(const Resources& more) {
    dsp_multiply += more.dsp_multiply;
    dsp_requantise += more.dsp_requantise;
    bram18 += more.bram18;
    uram += more.uram;
    lut += more.lut;
    ff += more.ff;
    return *this;
  }
  [[nodiscard]] std::int64_t dsp() const { return dsp_multiply + dsp_requantise; }
};

}  // namespace algean::kernels
