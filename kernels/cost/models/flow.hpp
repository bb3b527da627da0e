#pragma once

#include "kernels/cost/model.hpp"

namespace algean::kernels::cost {

// Modules that take a few elements a cycle as they come:
// kernels/{eltwise,activation,reduce,concat,movement,resize}/rtl.
Model join_model();
Model table_model();
Model reduce_model();
Model score_model();
Model concat_model();
Model split_model();
Model pad_model();
Model repeat_model();
Model softmax_model();
Model move_model();

}  // namespace algean::kernels::cost
