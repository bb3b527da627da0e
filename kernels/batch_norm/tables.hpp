// Batch normalisation in integers as tables: what hardware and HLS make of it.
#pragma once

#include <vector>

#include "kernels/family/layer.hpp"

namespace algean::kernels::batch_norm {

// 256 entries a channel, one channel after the other, from code -128 on: the reference's answer to each code.
std::vector<std::int64_t> channel_tables(const LayerSpec& layer, const TensorType& input, const TensorType& output);

}  // namespace algean::kernels::batch_norm
