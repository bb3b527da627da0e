// ONNX models, float or quantised, become float graphs and the types that they give their values.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernels/family/family.hpp"
#include "partitioner/import_common/imported.hpp"

namespace algean::partitioner {

// Operator sets that we know the rules of.
inline constexpr std::int64_t lowest_onnx_opset = 7;
inline constexpr std::int64_t highest_onnx_opset = 21;
inline constexpr std::size_t max_onnx_nodes = 10'000;

// The model as a float graph that verify() accepts. The first axis of every input is the batch; a size written there is
// ignored. Values and ports have the model's own names, layers those of the nodes (of its first output where a node has
// none); ports have the model's order of axes. onnx_operators() lists what is supported; all that is not is named in
// one error.
//
// Quantised models, with QuantizeLinear and DequantizeLinear or with operators on integers, become the float graph of
// what their integers stand for, with the file's integers as quantised constants, and `types` says which numbers the
// file rounds to what. A port of integers takes and gives the integers themselves, as real numbers.
Result<Imported> import_onnx(const std::filesystem::path& path, kernels::Families families);

struct OnnxModel;
// The same of a model that was read, without external data. `where` names it in errors.
Result<Imported> convert_onnx(const OnnxModel& model, kernels::Families families, std::string_view where);

// Names of the operators that import_onnx() takes, in order of the alphabet.
std::vector<std::string> onnx_operators();

}  // namespace algean::partitioner
