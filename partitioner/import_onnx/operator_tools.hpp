// What the importers of single operators share. Each turns a node into what its outputs stand for, or says why not.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "partitioner/import_onnx/operators.hpp"

namespace algean::partitioner::operators {

using Extents = std::vector<std::int64_t>;

// An attribute of that type, or `fallback` where the node has none.
template <class T>
Result<T> attribute(const OnnxNode& node, const std::string& name, T fallback, const char* type) {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return fallback;
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr) return bad_input("attribute '{}' must be {}", name, type);
  return *value;
}

Result<std::int64_t> integer(const OnnxNode& node, const std::string& name, std::int64_t fallback);
Result<double> real(const OnnxNode& node, const std::string& name, double fallback);
Result<std::string> word(const OnnxNode& node, const std::string& name, const std::string& fallback);
Result<Extents> integers(const OnnxNode& node, const std::string& name, const Extents& fallback);
// bad_input unless the attribute is `expected` or absent.
Result<> must_be(const OnnxNode& node, const std::string& name, std::int64_t expected);
// bad_input for any attribute but these.
Result<> only(const OnnxNode& node, const std::set<std::string>& known);

std::string text(const Extents& extents);                     // "[2,3]"
std::int64_t product(std::span<const std::int64_t> extents);  // of what fits into a Shape

// Input i's integers, or those of the attribute that took its place in older operator sets; nothing where neither is.
Result<std::optional<Extents>> integers_of(OnnxConverter& converter, const OnnxNode& node, std::size_t i,
                                           const std::string& attribute);
// The one number of input i.
Result<float> number(OnnxConverter& converter, const OnnxNode& node, std::size_t i);

// An axis that counts the batch, as index among the `rank` axes without it. bad_input for the batch.
Result<std::size_t> inner_axis(std::int64_t axis, std::size_t rank);
// Indices of `axes` among `rank` axes, batch among them.
Result<std::set<std::int64_t>> normalised(const Extents& axes, std::int64_t rank);
// Where the model's axis is stored.
std::size_t stored_axis(const PlacedValue& value, std::size_t axis);
// Numbers, one an axis of the model without batch, as the axes are stored.
Extents stored(const PlacedValue& value, const Extents& by_model_axis);

using Outputs = std::vector<OnnxMeaning>;
Outputs one(kernels::ValueId value, AxisOrder order);
Outputs one(PlacedValue value);
Outputs one(OnnxTensor constant);

// A layer of one input and output of the same shape, whose axes stay as they are stored.
Result<Outputs> same_shape(OnnxConverter& converter, const OnnxNode& node, const std::string& operation,
                           kernels::Attributes attributes = {});
// A layer whose output has its input's axes, stored in the same order.
Result<PlacedValue> layer(OnnxConverter& converter, kernels::LayerSpec spec, const PlacedValue& input,
                          const std::string& value_name);

// Constants.
// Finite elements of a constant; the error names the tensor and the element.
Result<std::vector<float>> weights(const OnnxTensor& tensor);
// The tensor with its axes in another order (entry i: which axis axis i was); a quantisation along an axis goes along.
Result<OnnxTensor> permuted(OnnxConverter& converter, const OnnxTensor& tensor, const AxisOrder& order);
OnnxTensor reshaped(OnnxTensor tensor, Extents extents);
OnnxTensor float_tensor(const std::string& name, const Extents& extents, std::span<const float> elements);
OnnxTensor integer_tensor(const std::string& name, const Extents& extents, std::span<const std::int64_t> elements);
// A constant of a layer: quantised integers per tensor or along axis 0 stay such (uint8 as int8 of the same real
// numbers), others become float32.
Result<Constant> layer_constant(OnnxConverter& converter, const OnnxTensor& tensor);
// A constant operand of a layer that works element by element on `value`: leading ones that it lacks are added, the
// batch's (which must be 1) is left out, and the axes are as the value's are stored.
Result<OnnxTensor> beside(OnnxConverter& converter, const OnnxTensor& tensor, const PlacedValue& value);

}  // namespace algean::partitioner::operators
