// The loops for AVX2.
#include "kernels/eltwise/loops.hpp"

namespace algean::kernels::eltwise {

const Kernel avx2{sum, product, largest, smallest, tflite_sum, tflite_product};

}  // namespace algean::kernels::eltwise
