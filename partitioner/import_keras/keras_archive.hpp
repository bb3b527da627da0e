// A .keras archive: a zip of metadata.json, config.json and model.weights.h5.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace algean::partitioner {

struct KerasArchive {
  std::string config;
  std::string version;  // "3.15.1"; "" where metadata.json does not say
  std::vector<std::byte> weights;
};

// True for bytes that begin as a zip archive does.
bool is_keras_archive(std::span<const std::byte> bytes);
// bad_input, naming `where`, for an archive that is not sound or lacks one of the two.
Result<KerasArchive> read_keras_archive(std::span<const std::byte> bytes, std::string_view where);

}  // namespace algean::partitioner
