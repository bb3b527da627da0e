// Rules that several families state in the same words. Each error says what is wrong; the graph's verifier adds the
// layer.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/family/layer.hpp"
#include "runtime/base/result.hpp"

namespace algean::kernels {

// The layer has this many inputs.
Result<> check_inputs(std::span<const TensorType> inputs, std::size_t expected);
// Every attribute and every constant of the layer is one of those named.
Result<> check_attributes(const LayerSpec& layer, std::span<const std::string_view> known);
Result<> check_attributes(const LayerSpec& layer, std::initializer_list<std::string_view> known);
Result<> check_constants(const LayerSpec& layer, std::initializer_list<std::string_view> known);
// The constant of that role, which must be there and have this element type (its quantisation aside) and shape.
Result<const Tensor*> check_constant(const LayerSpec& layer, const std::string& role, const ElementType& element,
                                     const Shape& shape);
// No NaN and no infinity. `what` names the tensor in the error.
Result<> check_finite(std::string_view what, const Tensor& tensor);
// int8, quantised per tensor, scale finite and > 0, zero point in -128..127. `what`: "input", "output".
Result<> check_quantised_int8(std::string_view what, const TensorType& type);
// int8 storage with 2 to 8 signed bits, quantised per tensor or along axis 0; one scale and zero point, or as many as
// the axis has, each scale finite and above 0.
Result<> check_quantised_weight(std::string_view what, const Tensor& tensor);
// The real numbers that a constant holds: float32 elements as they are, integers dequantised (scale * (q - zero_point),
// the product in binary64, rounded to binary32). The constant is float32 or quantised per tensor or along axis 0.
std::vector<float> real_elements(const Tensor& tensor);
// True when all types are float32, false when none is; bad_input for a mixture.
Result<bool> all_float(std::span<const TensorType> inputs, std::span<const TensorType> outputs);

}  // namespace algean::kernels
