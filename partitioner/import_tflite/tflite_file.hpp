// A .tflite file as plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/tensor/tensor.hpp"

namespace algean::tflite_format {
struct Operator;
}

namespace algean::partitioner {

inline constexpr std::size_t max_tflite_operators = 10'000;
inline constexpr std::size_t max_tflite_tensors = 100'000;
inline constexpr std::size_t max_tflite_copied_bytes = std::size_t{64} << 20U;  // of names, shapes and scales together

enum class TfliteType : std::uint8_t { float32, float16, int8, uint8, int32, int64, other };

struct TfliteTensor {
  std::string name;                     // not empty; control characters replaced
  std::vector<std::int64_t> dims;       // with the batch axis; of any value
  std::vector<std::int64_t> signature;  // the same with -1 for open extents, or empty
  TfliteType type = TfliteType::other;
  std::string type_name;                     // "int16": for messages
  std::optional<Quantisation> quantisation;  // not yet checked against the type
  std::span<const std::byte> data;           // of a constant: bytes of the file
  bool is_constant = false;
  std::string refusal;  // why it cannot be used, or ""
};

struct TfliteOperator {
  std::size_t index = 0;
  std::int32_t code = 0;  // BuiltinOperator
  std::string name;       // "CONV_2D", "CUSTOM 'NonMax'"
  std::int32_t version = 1;
  std::vector<std::int64_t> inputs;  // of tensors; -1: not there
  std::vector<std::size_t> outputs;
  const tflite_format::Operator* format = nullptr;  // its options; lives in the file's bytes
};

// Every index is in range.
struct TfliteModel {
  std::vector<TfliteTensor> tensors;
  std::vector<TfliteOperator> operators;
  std::vector<std::size_t> inputs, outputs;
  std::size_t file_bytes = 0;
};

// `bytes` must be 16-byte aligned and outlive the model. bad_input for what is no .tflite file of one subgraph.
Result<TfliteModel> read_tflite(std::span<const std::byte> bytes);

// "CONV_2D"; "operator 1234" for a code that is not known.
std::string tflite_operator_name(std::int32_t code);

}  // namespace algean::partitioner
