// The seam between the steps and the code for each instruction set. Plain numbers only: the files behind it are
// compiled for their own instruction set and include no header with inline code of others.
#pragma once

namespace algean::kernels::pool {

// The taps of one window that lie inside the input: rows x columns of them, these many bytes apart, the first at x.
struct Window {
  const signed char* x;
  long row_bytes, column_bytes;
  long rows, columns;
};

struct Kernel {
  // y[c] = the largest tap, c = 0..channels - 1; and their sum.
  void (*largest)(const Window& window, signed char* y, long channels) noexcept;
  void (*sum)(const Window& window, int* y, long channels) noexcept;
};

extern const Kernel portable;
extern const Kernel avx2;    // AVX2
extern const Kernel avx512;  // AVX-512 F, DQ, BW, VL

}  // namespace algean::kernels::pool
