// ResNet-50 v1 (He et al., "Deep Residual Learning for Image Recognition", 2015; stride 2 in the first 1x1 of a stage),
// 224 x 224 x 3, without softmax.
#pragma once

#include "kernels/graph/graph.hpp"

namespace algean::bench {

// Seeded weights of variance 1 / (taps * mean square of the input), so that activations keep their size; quantised as
// kernels do, with scales that fit. Zero points: -128 behind relu (0 as an unsigned byte), 0 elsewhere.
kernels::Graph resnet50();

}  // namespace algean::bench
