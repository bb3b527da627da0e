// A sum as another family's code can compute it with its own layer, in one step.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "kernels/family/layer.hpp"

namespace algean::kernels::eltwise {

// y = clamp(zero + ((a * m0 + b * m1 + offset) >> shift), low, high) of two codes; everything stays within 32 bits, and
// the multipliers within 16 (kernels/numeric/joint.hpp).
struct Sum {
  std::int32_t m0, m1, offset, shift, zero, low, high;
};

// A verified integer layer as a sum: add, subtract or average in arithmetic `scaled`, of two inputs of the output's
// shape. Nothing for any other layer.
std::optional<Sum> sum_of(const LayerSpec& layer, std::span<const TensorType> inputs,
                          std::span<const TensorType> outputs);

}  // namespace algean::kernels::eltwise
