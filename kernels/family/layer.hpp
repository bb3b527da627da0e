#pragma once

#include <map>
#include <memory>
#include <string>

#include "kernels/family/attributes.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::kernels {

// A layer without its wires: what a family needs to know of it besides the types of its inputs and outputs.
struct LayerSpec {
  std::string name;       // unique in its graph; the model's own
  std::string operation;  // "dense", "relu": one of its family's operations()
  Attributes attributes;
  std::map<std::string, std::shared_ptr<const Tensor>> constants;  // by role: "weight", "bias", "multiplier"

  // The constant of that role, or nullptr.
  [[nodiscard]] const Tensor* constant(const std::string& role) const {
    const auto found = constants.find(role);
    return found == constants.end() ? nullptr : found->second.get();
  }
  // A constant that the verifier has found present.
  [[nodiscard]] const Tensor& required(const std::string& role) const {
    const Tensor* tensor = constant(role);
    ALGEAN_INVARIANT(tensor != nullptr);
    return *tensor;
  }
};

}  // namespace algean::kernels
