// Between real numbers and the integers that stand for them: the only place where a client or a calibration rounds.
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean {

// integer = saturate(round(x / scale) + zero_point), the quotient in binary32, halves away from zero: TensorFlow Lite's
// quantize operator, so that one rule serves its models and ours. Infinities saturate. bad_input names the first
// element that is NaN. `type` must be quantised per tensor; its scale is rounded to binary32.
Result<Tensor> quantise(const Tensor& real, const ElementType& type);
// The same into storage that the caller owns; returns the index of the first NaN, or real.size() when there is none.
std::size_t quantise_into(std::span<const float> real, const ElementType& type, std::span<std::byte> integers);

// real = float(scale * (integer - zero_point)), the product in binary64. Per tensor or per channel.
Tensor dequantise(const Tensor& integers);
void dequantise_into(std::span<const std::byte> integers, const ElementType& type, std::span<float> real);

}  // namespace algean
