// The loops for any CPU.
#include "kernels/pool/loops.hpp"

namespace algean::kernels::pool {

const Kernel portable{largest, sum};

}  // namespace algean::kernels::pool
