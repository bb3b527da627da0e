#pragma once

#include <cstdint>
#include <filesystem>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

inline constexpr auto plan_in_bundle = "plan.json";

enum class FileKind : std::uint8_t {
  net,
  keras_json,
  keras_hdf5,
  keras_archive,
  keras_tfjs,
  onnx,
  tflite,
  graph,
  plan
};

// By content where that tells (graph files; TensorFlow Lite's identifier; a .json with Keras' "class_name" or
// TensorFlow.js' "modelTopology", a plan's "kernels", or with "model" or "version"; a folder with a plan.json, which is
// a bundle), else by the extension. bad_input for a missing file and for one that is none of these.
Result<FileKind> file_kind(const std::filesystem::path& path);

}  // namespace algean::partitioner
