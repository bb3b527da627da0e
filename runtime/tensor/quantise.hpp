// Between real numbers and the integers that stand for them: the only place where a client or a calibration rounds.
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean {

// integer = saturate(floor(double(x) * (1 / scale) + 0.5) + zero_point), all in binary64: round half up, as `scaled`
// requantises. Infinities saturate. bad_input names the first element that is NaN. `type` must be quantised per tensor.
Result<Tensor> quantise(const Tensor& real, const ElementType& type);
// The same into storage that the caller owns; returns the index of the first NaN, or real.size() when there is none.
std::size_t quantise_into(std::span<const float> real, const ElementType& type, std::span<std::byte> integers);

// real = float(scale * (integer - zero_point)), the product in binary64. Per tensor or per channel.
Tensor dequantise(const Tensor& integers);
void dequantise_into(std::span<const std::byte> integers, const ElementType& type, std::span<float> real);

}  // namespace algean
