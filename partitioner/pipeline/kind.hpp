#pragma once

#include <cstdint>
#include <filesystem>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

enum class FileKind : std::uint8_t { net, keras_json, keras_hdf5, onnx, graph };

// By content where that tells (graph files; a .json with Keras' "class_name" or with "model" or "version"), else by the
// extension. bad_input for a missing file and for one that is none of these.
Result<FileKind> file_kind(const std::filesystem::path& path);

}  // namespace algean::partitioner
