// What sums.cpp asks of its two inner loops (portable, and for AVX2 with FMA): plain data and declarations.
#pragma once

#include <cstddef>

namespace algean::kernels::conv {

inline constexpr int sum_lanes = 16;  // output channels that are summed side by side

// A row of output pixels, for sum_lanes channels.
struct SumRow {
  const double* const* x;        // [taps]: what the first pixel meets there
  const double* const* weights;  // [taps]: [inputs][sum_lanes]
  std::size_t taps, inputs;
  std::size_t pixel_step;  // numbers from a pixel's x to the next one's
  std::size_t pixels;
  const double* bias;  // [sum_lanes]
  double* sums;        // [pixels][sum_lanes]
};

struct SumKernel {
  void (*full)(const SumRow& row);       // every lane sums over all `inputs` numbers of each tap
  void (*depthwise)(const SumRow& row);  // lane l takes number l of each tap; inputs is 1
};

extern const SumKernel sums_portable, sums_avx2;

}  // namespace algean::kernels::conv
