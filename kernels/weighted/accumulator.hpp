#pragma once

#include "kernels/family/layer.hpp"

namespace algean::kernels {

// Bits of the narrowest two's complement accumulator that holds every sum of a weighted layer in integer form, whatever
// its int8 input; bad_input for more than 32, naming the channel.
Result<int> accumulator_bits(const LayerSpec& layer, std::int32_t zero_x);

}  // namespace algean::kernels
