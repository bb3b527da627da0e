// The sums of convolutions with AVX2 and FMA: the same bits as without, since a fused multiplication of exact products
// rounds no otherwise. Compiled for its own instruction set: it includes no header with inline code.
#include "kernels/conv/sums_row.hpp"

#define VECTOR_BYTES 32
#define PIXELS 3  // 12 accumulators, of 16 registers
#include "kernels/conv/sums_row.inc"

namespace algean::kernels::conv {

const SumKernel sums_avx2{run<false>, run<true>};

}  // namespace algean::kernels::conv
