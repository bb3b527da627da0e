// Layers to be synthesised, each written as a line: "conv2d in=56x56x64 out=64 window=3x3 strides=1x1 padding=1x1x1x1
// arithmetic=scaled packed=1 simd=26 pe=16 seed=5". Weights and scales follow from the seed.
#pragma once

#include <string>
#include <vector>

#include "kernels/circuit/design.hpp"
#include "kernels/family/family.hpp"

namespace algean::testing_support {

struct CostLayer {
  kernels::LayerSpec spec;  // of integers
  std::vector<TensorType> inputs, outputs;
  kernels::LayerHardware hardware;
};

// bad_input where the line says nothing that a family takes.
Result<CostLayer> cost_layer(const std::string& line, kernels::Families families);

// `count` lines drawn from that seed, ResNet-50's layers at an interval of 300,000 cycles among them; small enough to
// be synthesised in minutes.
std::vector<std::string> draw_cost_layers(std::uint64_t seed, std::size_t count, kernels::Families families);

}  // namespace algean::testing_support
