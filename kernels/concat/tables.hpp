// What the codes of a concat's inputs become in its output (concat.hpp has the rules).
#pragma once

#include <memory>
#include <span>

#include "runtime/tensor/tensor.hpp"

namespace algean::kernels::concat {

// int8 [inputs.size(), 256]. All types are int8, quantised per tensor. tflite: its rule; else that of `scaled`.
std::shared_ptr<const Tensor> make_tables(std::span<const TensorType> inputs, const TensorType& output, bool tflite);

}  // namespace algean::kernels::concat
