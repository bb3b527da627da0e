// A layer that keeps its whole input and reads it in another order, in HLS C++.
#pragma once

#include "kernels/family/hls.hpp"

namespace algean::kernels::movement {

// bad_input for tensors of more elements than that: each has an entry in the index.
inline constexpr std::int64_t most_moved = std::int64_t{1} << 22;

// Repacked to one lane, moved, and repacked to rows of `output`. index: for each element of the output the input's, or
// -1 for `fill`.
[[nodiscard]] Result<HlsLayer> move_stages(const TensorType& input, const TensorType& output,
                                           std::vector<std::int64_t> index, std::int64_t fill);

}  // namespace algean::kernels::movement
