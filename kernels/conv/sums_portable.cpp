// The sums of convolutions on any CPU.
#include "kernels/conv/sums_row.hpp"

#define VECTOR_BYTES 16
#define PIXELS 1
#include "kernels/conv/sums_row.inc"

namespace algean::kernels::conv {

const SumKernel sums_portable{run<false>, run<true>};

}  // namespace algean::kernels::conv
