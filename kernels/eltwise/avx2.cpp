// The loops for AVX2.
#include "kernels/eltwise/loops.hpp"

namespace algean::kernels::eltwise {

const Kernel avx2{sum, product, largest, smallest};

}  // namespace algean::kernels::eltwise
