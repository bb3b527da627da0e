#pragma once

#include "kernels/cost/model.hpp"

namespace algean::kernels::cost {

// algean_window; kernels/conv/rtl.
Model window_model();

}  // namespace algean::kernels::cost
