// The loops for AVX2.
#include "kernels/pool/loops.hpp"

namespace algean::kernels::pool {

const Kernel avx2{largest, sum};

}  // namespace algean::kernels::pool
