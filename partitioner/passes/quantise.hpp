// From a float graph to one of int8, in the arithmetic `scaled`.
#pragma once

#include <map>
#include <span>
#include <string>

#include "kernels/graph/graph.hpp"

namespace algean::partitioner {

// int8, asymmetric, over the range widened to include 0, which is represented exactly:
// scale = (high - low) / 255, zero point = round(-128 - low / scale). Where every value was 0, the scale is 1/128.
[[nodiscard]] ElementType activation_type(kernels::Range range);

// The int8 types that a file gives its values, by name (Imported::types).
using ValueTypes = std::map<std::string, ElementType>;

// Gives a value without a type that of a value which holds the same codes: a layer that only moves codes (its family
// has the input's type as fixed output) passes its output's type on to its inputs. For before simplify(), which may
// remove the layer and the value that has the type.
void spread_types(const kernels::Graph& graph, kernels::Families families, ValueTypes& types);

// Rounds every value with a type to the numbers that the type has codes for, in float: what the file computes where it
// leaves some values unrounded, so that no integer graph is the same. Graph and types are as quantise() takes them.
Result<> round_to_types(kernels::Graph& graph, kernels::Families families, const ValueTypes& types);

inline constexpr int least_weight_bits = 2;
inline constexpr int most_weight_bits = 8;

struct QuantiseOptions {
  int weight_bits = most_weight_bits;  // of weights that are float32; those that the file quantised stay as they are
};

// The integer graph of the same names and ports. The type of a value is, in this order: what its family says
// (fixed_output), what the file says (`types`), activation_type of ranges[id], which calibrate() measured (`ranges` is
// empty where nobody did), and that of the whole range of a function which is bounded (sigmoid, tanh). bad_input names
// in one message all values that have none of these and all layers that cannot become integers; also for NaN or
// infinity in a constant. A port whose integers stand for no real numbers (the index of arg_max) gets the form
// `integer`. Deterministic.
Result<kernels::Graph> quantise(const kernels::Graph& graph, kernels::Families families,
                                std::span<const kernels::Range> ranges, const ValueTypes& types = {},
                                const QuantiseOptions& options = {});

}  // namespace algean::partitioner
