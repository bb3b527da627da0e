#pragma once

#include "kernels/cost/model.hpp"

namespace algean::kernels::cost {

// algean_matvec, and with a load port; kernels/dense/rtl.
Model matvec_model();
Model loadable_matvec_model();
// algean_depthwise, and with a load port; kernels/conv/rtl.
Model depthwise_model();
Model loadable_depthwise_model();

}  // namespace algean::kernels::cost
