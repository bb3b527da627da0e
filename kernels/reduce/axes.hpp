// Which axes a layer reduces.
#pragma once

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels::reduce {

struct Reduction {
  Shape kept;              // the input's shape with 1 for each reduced axis: broadcasts to the input
  Shape output;            // without the reduced axes, unless they are kept
  std::int64_t count = 1;  // elements that one result is made of
};

// bad_input for attributes that break a rule of reduce.hpp.
Result<Reduction> make_reduction(const LayerSpec& layer, const Shape& input);

// True for mean_squared_error and kl_divergence.
[[nodiscard]] bool is_score(const LayerSpec& layer);

}  // namespace algean::kernels::reduce
