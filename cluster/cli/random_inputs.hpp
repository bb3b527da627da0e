// Inputs for measurements and self-checks where a user gave none. Seeded: always the same.
#pragma once

#include <span>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::cluster {

// Reals in [-1, 1), integers over their type's whole range.
Tensor random_tensor(const TensorType& type, Random& random);

// For each port a tensor as it travels on the wire.
std::vector<Tensor> random_wire(std::span<const Port> ports);

// Inferences of tensors in the ports' user form; reals cover what the port's integers stand for.
std::vector<std::vector<Tensor>> random_inferences(std::span<const Port> ports, std::size_t count);

}  // namespace algean::cluster
