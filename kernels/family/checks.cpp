#include "kernels/family/checks.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "runtime/tensor/quantise.hpp"

namespace algean::kernels {
namespace {

template <class Map>
Result<> check_names(const Map& named, std::span<const std::string_view> known, const char* kind,
                     const std::string& operation) {
  for (const auto& [name, value] : named) {
    if (std::ranges::find(known, name) == known.end()) {
      return bad_input("{} '{}' is unknown to '{}', which takes [{}]", kind, name, operation, fmt::join(known, ", "));
    }
  }
  return {};
}

}  // namespace

Result<> check_inputs(std::span<const TensorType> inputs, std::size_t expected) {
  if (inputs.size() == expected) return {};
  return bad_input("{} inputs, must be {}", inputs.size(), expected);
}

Result<> check_attributes(const LayerSpec& layer, std::span<const std::string_view> known) {
  return check_names(layer.attributes.all(), known, "attribute", layer.operation);
}

Result<> check_attributes(const LayerSpec& layer, std::initializer_list<std::string_view> known) {
  return check_attributes(layer, std::span(known.begin(), known.size()));
}

Result<> check_constants(const LayerSpec& layer, std::initializer_list<std::string_view> known) {
  return check_names(layer.constants, std::span(known.begin(), known.size()), "constant", layer.operation);
}

Result<const Tensor*> check_constant(const LayerSpec& layer, const std::string& role, const ElementType& element,
                                     const Shape& shape) {
  const Tensor* tensor = layer.constant(role);
  if (tensor == nullptr) return bad_input("constant '{}' is missing", role);
  if (tensor->type().element.name() != element.name() || tensor->shape() != shape) {
    return bad_input("constant '{}' is {}, must be {}{}", role, tensor->type().text(), element.name(), shape.text());
  }
  return tensor;
}

Result<> check_finite(std::string_view what, const Tensor& tensor) {
  const auto elements = tensor.elements<float>();
  const auto found = std::ranges::find_if(elements, [](float value) { return !std::isfinite(value); });
  if (found == elements.end()) return {};
  return bad_input("{}: element {} is {}, must be finite", what, found - elements.begin(), *found);
}

Result<> check_quantised_int8(std::string_view what, const TensorType& type) {
  if (type.element.name() != "int8") return bad_input("{} is {}, must be int8", what, type.text());
  const auto& quantisation = type.element.quantisation();
  if (!quantisation || quantisation->axis >= 0 || quantisation->scales.size() != 1 ||
      quantisation->zero_points.size() != 1) {
    return bad_input("{} must be quantised with one scale and one zero point for the tensor", what);
  }
  if (!(quantisation->scale() > 0) || !std::isfinite(quantisation->scale())) {
    return bad_input("{}: scale {} must be finite and above 0", what, quantisation->scale());
  }
  if (quantisation->zero_point() < -128 || quantisation->zero_point() > 127) {
    return bad_input("{}: zero point {} must lie in -128..127", what, quantisation->zero_point());
  }
  return {};
}

Result<> check_quantised_weight(std::string_view what, const Tensor& tensor) {
  const ElementType& element = tensor.type().element;
  if (!holds<std::int8_t>(element) || element.bits() < 2) {
    return bad_input("{} is {}, must be int2 to int8", what, tensor.type().text());
  }
  const auto& quantisation = element.quantisation();
  const bool per_channel = quantisation && quantisation->axis == 0 && tensor.shape().rank() > 0;
  const std::size_t wanted = per_channel ? static_cast<std::size_t>(tensor.shape()[0]) : 1;
  if (!quantisation || (quantisation->axis >= 0 && !per_channel) || quantisation->scales.size() != wanted ||
      quantisation->zero_points.size() != wanted) {
    return bad_input("{} must be quantised with one scale and zero point, or along axis 0 with one a channel", what);
  }
  for (std::size_t o = 0; o < wanted; ++o) {
    if (quantisation->scales[o] > 0 && std::isfinite(quantisation->scales[o])) continue;
    return bad_input("{}: scale {} of channel {} must be finite and above 0", what, quantisation->scales[o], o);
  }
  return {};
}

std::vector<float> real_elements(const Tensor& tensor) {
  if (tensor.type().element.is_integer()) {
    const Tensor real = dequantise(tensor);
    const auto elements = real.elements<float>();
    return {elements.begin(), elements.end()};
  }
  const auto elements = tensor.elements<float>();
  return {elements.begin(), elements.end()};
}

Result<bool> all_float(std::span<const TensorType> inputs, std::span<const TensorType> outputs) {
  const auto is_float = [](const TensorType& type) { return type.element.is_float(); };
  const auto floats = std::ranges::count_if(inputs, is_float) + std::ranges::count_if(outputs, is_float);
  if (floats == 0) return false;
  if (static_cast<std::size_t>(floats) == inputs.size() + outputs.size()) return true;
  return bad_input("inputs and outputs must be all float32 or all integers");
}

}  // namespace algean::kernels
