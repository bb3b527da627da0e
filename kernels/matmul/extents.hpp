// The extents of a product.
#pragma once

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels::matmul {

struct Extents {
  std::int64_t rows = 1, inner = 1, columns = 1;  // M, K, N
  bool transpose_a = false, transpose_b = false;
  Shape batch_a, batch_b, batch;  // leading axes of the operands, and what they broadcast to
  Shape output;
};

// bad_input for attributes and shapes that break a rule of matmul.hpp.
Result<Extents> make_extents(const LayerSpec& layer, const Shape& a, const Shape& b);

}  // namespace algean::kernels::matmul
