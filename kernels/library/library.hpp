#pragma once

#include "kernels/family/family.hpp"

namespace algean::kernels {

// The one list of families. Constant, valid for the life of the process.
Families library();

}  // namespace algean::kernels
