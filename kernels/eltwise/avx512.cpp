// The loops for AVX-512.
#include "kernels/eltwise/loops.hpp"

namespace algean::kernels::eltwise {

const Kernel avx512{sum, product, largest, smallest, tflite_sum, tflite_product};

}  // namespace algean::kernels::eltwise
