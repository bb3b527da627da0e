// From a float graph to one of int8, in the arithmetic `scaled`.
#pragma once

#include <span>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

// int8, asymmetric, over the range widened to include 0, which is represented exactly:
// scale = (high - low) / 255, zero point = round(-128 - low / scale). Where every value was 0, the scale is 1/128.
[[nodiscard]] ElementType activation_type(kernels::Range range);

// The integer graph of the same names and ports. ranges[id] is what calibrate() measured for value `id`; a family's
// fixed_output() goes before it. bad_input for NaN or infinity in a constant, and names all layers that cannot become
// integers in one message. Deterministic.
Result<kernels::Graph> quantise(const kernels::Graph& graph, kernels::Families families,
                                std::span<const kernels::Range> ranges);

}  // namespace algean::partitioner
