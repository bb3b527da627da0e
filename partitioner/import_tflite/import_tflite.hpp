// TensorFlow Lite files become graphs.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "kernels/family/family.hpp"
#include "partitioner/import_common/imported.hpp"

namespace algean::partitioner {

struct TfliteOptions {
  // The rule of fully connected layers, which changed in 2025. fixed_point: TensorFlow Lite Micro's and that of
  // runtimes up to 2.14; double_precision: that of newer ones (arithmetic `tflite_double`).
  enum class FullyConnected : std::uint8_t { fixed_point, double_precision };
  FullyConnected fully_connected = FullyConnected::fixed_point;
};

// The model as a graph that verify() accepts: of integers, arithmetic `tflite`, where its tensors are int8 or uint8; of
// floats where they are float32. The first axis of every input is the batch where all inputs agree on it. Values have
// the model's tensor names (uint8 ones hold codes that are 128 less), layers the name of their first output up to a
// semicolon, ports the model's names and types: a uint8 port keeps its codes, and one that the model itself quantises
// or dequantises is float32. All that is not supported is named in one error, with operator number, kind and place:
// operators that are not among tflite_operators(), int16 activations, dynamic-range quantised models.
Result<Imported> import_tflite(const std::filesystem::path& path, kernels::Families families,
                               const TfliteOptions& options = {});
// The same of the file's bytes; `where` is for messages.
Result<Imported> import_tflite(std::span<const std::byte> bytes, const std::string& where, kernels::Families families,
                               const TfliteOptions& options = {});

// Names of the operators that import_tflite() takes, in order of the alphabet.
std::vector<std::string> tflite_operators();

}  // namespace algean::partitioner
