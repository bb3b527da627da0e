#pragma once

#include "kernels/family/family.hpp"
#include "runtime/base/clock.hpp"

namespace algean::kernels {

// 8-bit multiply-accumulates of one thread on this CPU, 10^9 a second, by its best instruction set: a dense network of
// 4 layers of 256 x 256, whose weights (256 KiB) fit a second-level cache; the fastest of many runs within 5 ms, so
// that what else runs here is not measured. `families` has `dense`.
double measure_speed_gmacs(Families families, const Clock& clock);

}  // namespace algean::kernels
