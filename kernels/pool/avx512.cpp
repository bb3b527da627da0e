// The loops for AVX-512.
#include "kernels/pool/loops.hpp"

namespace algean::kernels::pool {

const Kernel avx512{largest, sum};

}  // namespace algean::kernels::pool
