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

namespace algean::partitioner {

// Where a tensor's bytes lie outside of the model file.
struct OnnxExternal {
  std::string location;
  std::uint64_t offset_bytes = 0;
  std::optional<std::uint64_t> length_bytes;
};

struct OnnxTensor {
  std::string name;
  std::string type;  // "float", "double", "float16", "int32", "int64", "bool", or another's name, then without bytes
  std::vector<std::int64_t> extents;  // each at least 0
  std::vector<std::byte> bytes;       // row-major, little endian, as many as extents and type say; none if external
  std::optional<OnnxExternal> external;
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

// Bytes of one element of a type that OnnxTensor holds; 0 for another.
std::size_t onnx_element_bytes(std::string_view type);

// Elements of a tensor without external data: float, double and float16 as float32; int32 and int64 as int64.
Result<std::vector<float>> float_elements(const OnnxTensor& tensor);
Result<std::vector<std::int64_t>> integer_elements(const OnnxTensor& tensor);

// Reads every external tensor's bytes. Only files inside `folder` are read; errors name the tensor.
Result<> load_external(OnnxModel& model, const std::filesystem::path& folder);

}  // namespace algean::partitioner
