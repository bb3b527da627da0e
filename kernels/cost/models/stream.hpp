#pragma once

#include "kernels/cost/model.hpp"

namespace algean::kernels::cost {

// kernels/stream/rtl.
Model register_model();
Model fifo_model();
Model clone_model();
Model repack_model();

}  // namespace algean::kernels::cost
