// The loops for any CPU.
#include "kernels/eltwise/loops.hpp"

namespace algean::kernels::eltwise {

const Kernel portable{sum, product, largest, smallest};

}  // namespace algean::kernels::eltwise
