// What an ONNX file holds, as plain values, read with libonnx's protobuf classes in a contained child.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/base/contained.hpp"
#include "runtime/base/result.hpp"
#include "runtime/tensor/element_type.hpp"

namespace algean::partitioner {

// Where a tensor's bytes lie outside of the model file.
struct OnnxExternal {
  std::string location;
  std::uint64_t offset_bytes = 0;
  std::optional<std::uint64_t> length_bytes;
};

struct OnnxTensor {
  std::string name;
  // "float", "double", "float16", "bool", "int4" to "int64", "uint4" to "uint64", or another's name, then without bytes
  std::string type;
  std::vector<std::int64_t> extents;  // each at least 0
  // Row-major, little endian, as many as extents and type say (an int4 takes a byte); none if external.
  std::vector<std::byte> bytes;
  std::optional<OnnxExternal> external;
  // Where its integers stand for real numbers, as DequantizeLinear makes them; a file's tensors have none.
  std::optional<Quantisation> quantisation;
};

// The last is an attribute of a type that we never use, as that type's number.
using OnnxAttribute =
    std::variant<double, std::int64_t, std::string, std::vector<double>, std::vector<std::int64_t>, OnnxTensor, int>;

struct OnnxNode {
  std::string name;    // often empty
  std::string domain;  // "" for ONNX's own operators
  std::string operation;
  std::vector<std::string> inputs;  // "" where an optional one is left out
  std::vector<std::string> outputs;
  std::map<std::string, OnnxAttribute> attributes;
};

struct OnnxPort {
  std::string name;
  std::string type;
  bool has_shape = false;
  std::vector<std::optional<std::int64_t>> extents;  // none where symbolic
};

struct OnnxModel {
  std::string name;                            // of the graph
  std::map<std::string, std::int64_t> opsets;  // version by domain
  std::vector<OnnxPort> inputs;
  std::vector<OnnxPort> outputs;
  std::vector<OnnxTensor> constants;  // initialisers
  std::vector<OnnxNode> nodes;
  bool has_sparse_constants = false;
};

// Parses the bytes of a .onnx file. `where` names it in errors.
Result<OnnxModel> read_onnx(std::span<const std::byte> bytes, std::string_view where);
Result<OnnxModel> read_onnx(std::span<const std::byte> bytes, std::string_view where, const ContainedLimits& limits);
// The answer of the child (pack_onnx() of onnx_reader) as a model; trusts none of it.
Result<OnnxModel> unpack_onnx(std::span<const std::byte> packed, std::string_view where);

// Bytes of one element of a type that OnnxTensor holds; 0 for another.
std::size_t onnx_element_bytes(std::string_view type);

// The nibbles of int4 and uint4 tensors, the lower half of a byte first, as a byte each.
std::vector<std::byte> unpack_nibbles(std::span<const std::byte> packed, std::size_t elements, bool is_signed);

// Elements of a tensor without external data: float, double and float16 as float32, quantised integers as what they
// stand for; integers and bool as int64 (uint64 saturates).
Result<std::vector<float>> float_elements(const OnnxTensor& tensor);
Result<std::vector<std::int64_t>> integer_elements(const OnnxTensor& tensor);

// Reads every external tensor's bytes. Only files inside `folder` are read; errors name the tensor.
Result<> load_external(OnnxModel& model, const std::filesystem::path& folder);

}  // namespace algean::partitioner
