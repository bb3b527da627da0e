// Random integers for tests of what must equal the reference.
#pragma once

#include <cstring>

#include "runtime/base/random.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::testing_support {

// A tensor of an integer type: every value of the type, the extremes more often.
inline Tensor random_integers(const TensorType& type, Random& random) {
  Tensor tensor(type);
  const std::int64_t lowest = type.element.lowest();
  const auto values = static_cast<std::uint64_t>(type.element.highest() - lowest) + 1;
  const auto bytes = tensor.bytes();
  const std::size_t size = type.element.bytes();
  for (std::size_t i = 0; i < bytes.size(); i += size) {
    const std::uint64_t draw = random.next();
    std::int64_t value = lowest + static_cast<std::int64_t>((draw >> 8U) % values);
    if (draw % 16 == 0) value = lowest;
    if (draw % 16 == 1) value = type.element.highest();
    std::memcpy(&bytes[i], &value, size);
  }
  return tensor;
}

}  // namespace algean::testing_support
