// The loops for any CPU. Without vectors of 64-bit products, a table of all pairs of codes is faster than TensorFlow
// Lite's rules.
#include "kernels/eltwise/loops.hpp"

namespace algean::kernels::eltwise {

const Kernel portable{sum, product, largest, smallest, nullptr, nullptr};

}  // namespace algean::kernels::eltwise
