// Tables of 256 codes: what a function of one element is in integers.
#pragma once

#include <vector>

#include "kernels/family/layer.hpp"
#include "kernels/requantise/requantise.hpp"

namespace algean::kernels::activation {

// Codes of the output, as int8 or uint8 numbers, for the input's codes from the lowest on. `layer` is a verified float
// layer of a function of one element; the types are int8 or uint8, quantised per tensor. bad_input for ratios that the
// arithmetic cannot express.
Result<std::vector<std::int32_t>> make_table(const LayerSpec& layer, Arithmetic arithmetic, const ElementType& from,
                                             const ElementType& to);

// The same of prelu with one slope: a real number; in `tflite` the code and the quantisation of a slope.
std::vector<std::int32_t> make_scaled_prelu(double slope, const Quantisation& from, const Quantisation& to);
Result<std::vector<std::int32_t>> make_tflite_prelu(std::int32_t code, const Quantisation& slope,
                                                    const Quantisation& from, const Quantisation& to);

}  // namespace algean::kernels::activation
